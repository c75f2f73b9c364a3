"""WeCom's HTTP API, as far as it is used: token, messages, card updates, media (documents 91039, 90236, 94888, 90254).

URLs carry the secret and the token: they never get into an error's text or a log line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout

from bot.clock import Clock
from bot.config import WecomSettings
from bot.platform import HandleSpent, MediaGone, Permanent, PlatformError, Token, TokenStore, Transient
from bot.wecom.tokens import AccessToken

T = TypeVar("T")
Json = dict[str, Any]

CHUNK = 64 * 1024
MARGIN_S = 300
TOKEN_REFUSED = frozenset({40014, 42001})
# Busy, too often, too many at once, address not trusted yet (document 90313). A frequency block lasts as long as the
# window that was exceeded, a minute at least; so does it take until a newly trusted address is known.
RETRY_AFTER: Mapping[int, float | None] = {-1: None, 45009: 60, 45011: 60, 45033: 1, 60020: 60}
SPENT = 60140
MEDIA_GONE = frozenset({40007, 41006})
_TOKEN = re.compile(r"access_token=[^&\s]+")


class TokenRefused(Transient):
    """The access token is over or was withdrawn early."""


class WecomClient:
    """One app's calls. Raises `PlatformError`s only; `code` is WeCom's, or `network`, `http 502` and the like."""

    def __init__(self, settings: WecomSettings, clock: Clock, tokens: TokenStore) -> None:
        self._settings = settings
        self._clock = clock
        self._base = settings.base_url.rstrip("/") + "/cgi-bin/"
        self._timeout = ClientTimeout(total=settings.timeout_s)
        self._http: ClientSession | None = None
        name = f"wecom:{settings.corp_id}:{settings.agent_id}"
        self._token = AccessToken(name, tokens, clock, self.fetch_token)

    async def close(self) -> None:
        """Close the connections; the next call opens new ones."""
        if self._http is not None:
            await self._http.close()
            self._http = None

    async def fetch_token(self) -> Token:
        """A new access token, straight from WeCom; it counts as over a little before it is."""
        secret = self._settings.secret.get_secret_value()
        answer = await self._call("GET", "gettoken", {"corpid": self._settings.corp_id, "corpsecret": secret})
        value, seconds = answer.get("access_token"), answer.get("expires_in")
        if not isinstance(value, str) or not isinstance(seconds, int):
            raise Transient("gettoken: no token in the answer", code="answer")
        return Token(value, self._clock.epoch() + seconds - min(MARGIN_S, seconds / 10))

    async def send(self, user: str, message: Json) -> Json:
        """Send one message (`msgtype` and its part) to one member; the platform's answer."""
        body = {"touser": user, "agentid": self._settings.agent_id, **message}
        answer = await self._post("message/send", body)
        for reason in ("invaliduser", "unlicenseduser"):
            if answer.get(reason):
                raise Permanent(f"message/send: {reason}", code=reason)
        return answer

    async def update_card(self, user: str, response_code: str, card: Json) -> None:
        """Put `card` in the place of an interactive one. Raises `HandleSpent` when the code was used or is over."""
        body = {
            "userids": [user],
            "agentid": self._settings.agent_id,
            "response_code": response_code,
            "template_card": card,
        }
        await self._post("message/update_template_card", body)

    async def media(self, media_id: str, limit: int) -> bytes:
        """A file's bytes, at most `limit`. Raises `MediaGone` when there are more, or none any more."""

        async def download(token: str) -> bytes:
            params = {"access_token": token, "media_id": media_id}
            return await self._request("GET", "media/get", params, read=lambda found: _media(found, limit))

        return await self._with_token(download)

    async def agent(self) -> Json:
        """The app's own entry: `name`, `close` and more."""

        async def call(token: str) -> Json:
            return await self._call(
                "GET", "agent/get", {"access_token": token, "agentid": str(self._settings.agent_id)}
            )

        return await self._with_token(call)

    async def server_time(self) -> datetime | None:
        """WeCom's own time, from the head of any answer; None when it does not say."""

        async def read(response: ClientResponse) -> datetime | None:
            try:
                return parsedate_to_datetime(response.headers.get("Date", ""))
            except ValueError:
                return None

        return await self._request("GET", "gettoken", {}, read=read)

    async def _post(self, path: str, body: Json) -> Json:
        async def call(token: str) -> Json:
            return await self._call("POST", path, {"access_token": token}, body)

        return await self._with_token(call)

    async def _with_token(self, call: Callable[[str], Awaitable[T]]) -> T:
        """`call` with a token; once more with a new one when that is refused."""
        token = await self._token.get()
        try:
            return await call(token)
        except TokenRefused:
            return await call(await self._token.replace(token))

    async def _call(self, method: str, path: str, params: Mapping[str, str], body: Json | None = None) -> Json:
        async def read(response: ClientResponse) -> Json:
            return _checked(path, await _answer(response, path))

        return await self._request(method, path, params, body, read=read)

    async def _request(
        self,
        method: str,
        path: str,
        params: Mapping[str, str],
        body: Json | None = None,
        *,
        read: Callable[[ClientResponse], Awaitable[T]],
    ) -> T:
        timeout = ClientTimeout(total=self._settings.media_timeout_s) if path == "media/get" else self._timeout
        try:
            async with self._session().request(
                method, self._base + path, params=params, json=body, timeout=timeout, allow_redirects=False
            ) as response:
                if response.status != 200:
                    raise _http_error(path, response)
                return await read(response)
        except (ClientError, TimeoutError, OSError) as error:
            raise Transient(f"{path}: {type(error).__name__}", code="network") from error

    def _session(self) -> ClientSession:
        if self._http is None:
            self._http = ClientSession()
        return self._http


def _http_error(path: str, response: ClientResponse) -> PlatformError:
    status = response.status
    kind = Transient if status in (408, 429) or status >= 500 else Permanent
    return kind(f"{path}: HTTP {status}", code=f"http {status}", retry_after=_retry_after(response))


def _retry_after(response: ClientResponse) -> float | None:
    seconds = response.headers.get("Retry-After", "")
    return float(seconds) if seconds.isascii() and seconds.isdigit() else None


async def _answer(response: ClientResponse, path: str) -> bytes:
    return await _bounded(response, CHUNK, Transient(f"{path}: not an answer of the API", code="answer"))


async def _media(response: ClientResponse, limit: int) -> bytes:
    """A download; faults come as JSON without a file name."""
    if "Content-Disposition" not in response.headers:
        _checked("media/get", await _answer(response, "media/get"))
        raise Transient("media/get: neither a file nor an error", code="answer")
    return await _bounded(response, limit, MediaGone(f"longer than {limit} bytes", code="too_large"))


async def _bounded(response: ClientResponse, limit: int, too_long: PlatformError) -> bytes:
    """The body, or `too_long` as soon as it is longer than `limit`."""
    data = bytearray()
    async for chunk in response.content.iter_chunked(CHUNK):
        data += chunk
        if len(data) > limit:
            raise too_long
    return bytes(data)


def _checked(path: str, body: bytes) -> Json:
    try:
        answer = json.loads(body)
        code = int(answer["errcode"])
    except (ValueError, KeyError, TypeError) as error:
        raise Transient(f"{path}: not an answer of the API", code="answer") from error
    if code:
        raise _api_error(path, code, str(answer.get("errmsg", "")))
    found: Json = answer
    return found


def _api_error(path: str, code: int, message: str) -> PlatformError:
    text = f"{path}: {_TOKEN.sub('access_token=…', message)[:200]}"
    if code in TOKEN_REFUSED:
        return TokenRefused(text, code=str(code))
    if code in RETRY_AFTER:
        return Transient(text, code=str(code), retry_after=RETRY_AFTER[code])
    if code == SPENT:
        return HandleSpent(text, code=str(code))
    return (MediaGone if code in MEDIA_GONE else Permanent)(text, code=str(code))
