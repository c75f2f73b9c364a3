"""WeCom's side of a callback: encrypted and signed by an independent implementation (wechatpy), pushed again when
nobody answers."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import fromstring

from aiohttp import ClientError, ClientSession, ClientTimeout
from wechatpy.enterprise.crypto import WeChatCrypto

TRIES = 3
PROVE_S = 5.0  # WeCom waits 1 s; a busy test machine gets more

Value = str | int | Sequence["Fields"]
Fields = Mapping[str, "Value"]


class NotConnected(AssertionError):
    """The bot's address did not prove itself as WeCom wants it."""


@dataclass(frozen=True, slots=True)
class Push:
    """What became of one callback: the last HTTP status (None: no answer in time) and how often it was sent."""

    status: int | None
    tries: int
    took_s: float
    body: bytes = b""

    @property
    def acked(self) -> bool:
        return self.status == 200


@dataclass(frozen=True, slots=True)
class Envelope:
    """A request as it goes over the line; tests may damage it."""

    query: dict[str, str]
    body: bytes


class Pusher:
    """Pushes to one callback address."""

    def __init__(self, token: str, aes_key: str, corp_id: str, agent_id: int, ack_s: float) -> None:
        self._token, self._key = token, aes_key
        self._corp_id, self._agent_id = corp_id, agent_id
        self._ack_s = ack_s
        self._http: ClientSession | None = None
        self.url = ""

    async def close(self) -> None:
        if self._http is not None:
            await self._http.close()
            self._http = None

    def seal(self, plain: str, *, at: float | None = None, corp_id: str | None = None) -> Envelope:
        """Encrypt and sign as WeCom does, `at` seconds since the epoch, for `corp_id`."""
        crypto = WeChatCrypto(self._token, self._key, corp_id or self._corp_id)
        nonce = secrets.token_hex(5)
        sealed = fromstring(crypto.encrypt_message(plain, nonce, str(int(time.time() if at is None else at))))
        part = {child.tag: child.text or "" for child in sealed}
        query = {"msg_signature": part["MsgSignature"], "timestamp": part["TimeStamp"], "nonce": part["Nonce"]}
        body = xml({"ToUserName": self._corp_id, "AgentID": str(self._agent_id), "Encrypt": part["Encrypt"]})
        return Envelope(query, body.encode())

    async def connect(self, url: str) -> None:
        """Verify the address as the admin console does when it is saved. Raises `NotConnected`."""
        word = str(secrets.randbelow(10**18))
        envelope = self.seal(word)
        echo = fromstring(envelope.body).findtext("Encrypt") or ""
        try:
            async with self._session().get(
                url, params={**envelope.query, "echostr": echo}, timeout=ClientTimeout(total=PROVE_S)
            ) as response:
                answer = await response.read()
        except (ClientError, TimeoutError) as error:
            raise NotConnected(f"no answer within {PROVE_S} s: {error}") from error
        if response.status != 200 or answer != word.encode():
            raise NotConnected(f"HTTP {response.status}, {len(answer)} bytes instead of the echo")
        self.url = url

    async def push(self, fields: Fields) -> Push:
        """One event, up to three times until it is acknowledged with 200 in time."""
        started = asyncio.get_running_loop().time()
        status, body, tries = None, b"", 0
        while status != 200 and tries < TRIES:
            status, body = await self.post(self.seal(xml(fields)))
            tries += 1
        return Push(status, tries, asyncio.get_running_loop().time() - started, body)

    async def post(self, envelope: Envelope) -> tuple[int | None, bytes]:
        """One request as it is; no status when there is no answer within the deadline."""
        try:
            async with self._session().post(
                self.url,
                params=envelope.query,
                data=envelope.body,
                headers={"Content-Type": "text/xml"},
                timeout=ClientTimeout(total=self._ack_s),
            ) as response:
                return response.status, await response.read()
        except (ClientError, TimeoutError):
            return None, b""

    def _session(self) -> ClientSession:
        if self._http is None:
            self._http = ClientSession()
        return self._http


def xml(fields: Fields, tag: str = "xml") -> str:
    """WeCom's XML: words in CDATA, numbers bare, lists as repeated elements."""
    return f"<{tag}>{''.join(_element(name, value) for name, value in fields.items())}</{tag}>"


def _element(name: str, value: Value) -> str:
    if isinstance(value, int):
        return f"<{name}>{value}</{name}>"
    if isinstance(value, str):
        return f"<{name}><![CDATA[{value.replace(']]>', ']]]]><![CDATA[>')}]]></{name}>"
    return f"<{name}>{''.join(_element(key, inner) for item in value for key, inner in item.items())}</{name}>"
