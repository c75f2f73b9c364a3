"""WeCom's self-built app as a `Platform`: encrypted callbacks in, app messages and template cards out.

What has an idempotency key: template cards (`task_id`, unique in an app; a second send is refused, code 42014) and
card updates (response codes work once; when an update's answer got lost, a fresh card follows it). Texts have none:
a text whose answer got lost may arrive twice. Of a message in several parts a retry in the same process goes on behind
the last part that arrived; another process starts anew.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Sequence
from datetime import timedelta

from aiohttp import web

from bot.clock import Clock
from bot.config import ConfigError, WecomSettings
from bot.events import CardHandle, ChatKind, Media
from bot.metrics import REJECTED
from bot.outgoing import CardContent, Delivered, Delivery, TextContent
from bot.platform import HandleSpent, Intake, Limits, Permanent, PlatformError, TokenStore
from bot.wecom import checks, wire
from bot.wecom.client import WecomClient
from bot.wecom.crypto import CallbackCrypto, Forged
from cards.render import text
from cards.render import wecom as cards

log = logging.getLogger(__name__)

NAME = wire.PLATFORM
MAX_BODY = 256 * 1024
DUPLICATE_TASK = "42014"
MAX_UNFINISHED = 1000
TIMESTAMP = re.compile(r"[0-9]{1,12}")


class _Refused(Exception):
    """A callback that is not believed: `status` for the sender, `reason` for the counter."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class WecomPlatform:
    """One app of one enterprise. Raises `ConfigError` for an EncodingAESKey that is none.

    `install` (letters and digits, the same in all processes) must differ between databases that serve one app, else
    the second one's cards are taken for repetitions. `public_url` is where cards without buttons lead.
    """

    name = NAME
    limits = Limits(text_bytes=2048, per_minute=30, per_hour=1000)

    def __init__(
        self,
        settings: WecomSettings,
        clock: Clock,
        tokens: TokenStore,
        *,
        install: str = "main",
        public_url: str = "",
        max_body: int = MAX_BODY,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._public_url = public_url
        self._max_body = max_body
        self._task_ids = wire.TaskIds(install)
        self._crypto = _crypto(settings)
        self._client = WecomClient(settings, clock, tokens)
        self._intake: Intake | None = None
        self._arrived: dict[int, int] = {}

    def routes(self) -> Sequence[web.RouteDef]:
        """`GET` proves that the address is ours, `POST` brings messages and events."""
        return [
            web.get("/wecom/callback", self._prove, allow_head=False),
            web.post("/wecom/callback", self._receive),
        ]

    async def start(self, intake: Intake) -> None:
        self._intake = intake

    async def stop_receiving(self) -> None:
        self._intake = None

    async def stop(self) -> None:
        await self._client.close()

    async def check(self) -> Sequence[tuple[bool, str]]:
        """Whether WeCom knows this enterprise, app and address."""
        try:
            return await checks.run(self._settings, self._client, self._clock)
        finally:
            if self._intake is None:
                await self._client.close()

    # --- in ------------------------------------------------------------------------------------------------------

    async def _prove(self, request: web.Request) -> web.Response:
        try:
            return web.Response(
                body=self._open(request, request.query.get("echostr", "")), content_type="text/plain"
            )
        except _Refused as refusal:
            return _refuse(refusal)

    async def _receive(self, request: web.Request) -> web.Response:
        intake = self._intake
        if intake is None:
            return web.Response(status=503)
        try:
            xml = self._open(request, await self._encrypted(request))
        except _Refused as refusal:
            return _refuse(refusal)
        try:
            await self._accept(intake, xml)
        except Exception as error:  # noqa: BLE001 - whatever kept it from being durable, WeCom is to send it again
            log.warning("a callback could not be kept: %s", type(error).__name__)
            return web.Response(status=500)
        return web.Response()

    async def _accept(self, intake: Intake, xml: bytes) -> None:
        try:
            event = wire.parse(xml, self._task_ids)
        except wire.WireError as error:
            REJECTED.labels(NAME, "unparsed").inc()
            await intake.reject(NAME, error.key, xml, str(error))
            return
        await intake.accept(NAME, xml, [event])

    def _open(self, request: web.Request, encrypted: str) -> bytes:
        """What was encrypted, once signature, age and receiver are found right."""
        signature, timestamp, nonce = (
            request.query.get(name, "") for name in ("msg_signature", "timestamp", "nonce")
        )
        if not (signature and nonce and encrypted and TIMESTAMP.fullmatch(timestamp)):
            raise _Refused(400, "incomplete")
        try:
            message = self._crypto.open(signature, timestamp, nonce, encrypted)
        except Forged as error:
            raise _Refused(403, str(error)) from error
        if abs(self._clock.epoch() - int(timestamp)) > self._settings.stale_s:
            raise _Refused(403, "stale")
        return message

    async def _encrypted(self, request: web.Request) -> str:
        try:
            async with asyncio.timeout(self._settings.callback_s):
                return wire.encrypted_part(await self._body(request))
        except TimeoutError as error:
            raise _Refused(408, "slow") from error
        except wire.WireError as error:
            raise _Refused(400, "envelope") from error

    async def _body(self, request: web.Request) -> bytes:
        body = bytearray()
        async for chunk in request.content.iter_chunked(16 * 1024):
            body += chunk
            if len(body) > self._max_body:
                raise _Refused(413, "too_large")
        return bytes(body)

    # --- out -----------------------------------------------------------------------------------------------------

    async def deliver(self, delivery: Delivery) -> Delivered:
        """Send or update. Raises `Transient`, `Permanent` or `HandleSpent`."""
        if delivery.chat.kind is not ChatKind.DIRECT:
            raise Permanent("an app cannot write into groups", code="group")
        content = delivery.content
        if isinstance(content, CardContent) and delivery.handle is not None:
            return await self._update(delivery, content, delivery.handle)
        return await self._send(delivery, self._messages(content))

    async def fetch_media(self, media: Media, limit: int) -> bytes:
        """The file's bytes, at most `limit`. Raises `Transient` or `MediaGone`."""
        return await self._client.media(media.ref, limit)

    def _messages(self, content: TextContent | CardContent) -> list[cards.Message]:
        """What is sent one after the other, each within WeCom's limits."""
        if isinstance(content, TextContent):
            rendered = [cards.text_message(content.text)]
        else:
            rendered = cards.render(content.card, self._public_url)
        return [part for message in rendered for part in self._parts(message)]

    def _parts(self, message: cards.Message) -> list[cards.Message]:
        if message["msgtype"] != "text":
            return [message]
        return [cards.text_message(part) for part in text.split(message["text"]["content"], self.limits.text_bytes)]

    async def _send(self, delivery: Delivery, messages: Sequence[cards.Message]) -> Delivered:
        delivered = Delivered()
        arrived = self._arrived.get(delivery.id, 0)
        for number, message in enumerate(messages[arrived:], arrived + 1):
            delivered = await self._send_one(delivery, message)
            self._note_progress(delivery.id, number)
        self._arrived.pop(delivery.id, None)
        return delivered

    async def _send_one(self, delivery: Delivery, message: cards.Message) -> Delivered:
        card = message.get("template_card")
        if card is not None and card["card_type"] != "text_notice":
            message = {**message, "template_card": card | {"task_id": self._task_ids.make(delivery.id)}}
        try:
            answer = await self._client.send(delivery.chat.id, message)
        except PlatformError as error:
            if card is None or error.code != DUPLICATE_TASK:
                raise
            log.info("delivery %s had arrived before", delivery.id)
            return Delivered()
        return Delivered(answer.get("msgid"), self._handle(answer.get("response_code")))

    def _handle(self, response_code: str | None) -> CardHandle | None:
        if not response_code:
            return None
        return CardHandle(value=response_code, expires_at=self._clock.wall() + wire.HANDLE_LIFE, uses_left=1)

    def _note_progress(self, delivery_id: int, parts: int) -> None:
        self._arrived[delivery_id] = parts
        if len(self._arrived) > MAX_UNFINISHED:
            del self._arrived[next(iter(self._arrived))]

    async def _update(self, delivery: Delivery, content: CardContent, handle: CardHandle) -> Delivered:
        over = handle.expires_at is not None and handle.expires_at <= self._clock.wall() + timedelta(seconds=1)
        if over or handle.uses_left == 0:
            raise HandleSpent("the response code is over or used", code="60140")
        await self._client.update_card(delivery.chat.id, handle.value, cards.render_update(content.card))
        return Delivered()


def _crypto(settings: WecomSettings) -> CallbackCrypto:
    key = settings.encoding_aes_key.get_secret_value()
    try:
        return CallbackCrypto(settings.token.get_secret_value(), key, settings.corp_id)
    except ValueError as error:
        raise ConfigError(
            "wecom.encoding_aes_key 应为 43 位字母和数字：请到管理后台「应用管理 → 该应用 → 接收消息」复制"
        ) from error


def _refuse(refusal: _Refused) -> web.Response:
    REJECTED.labels(NAME, refusal.reason).inc()
    return web.Response(status=refusal.status)
