"""The messenger in the browser: an ordinary platform, for demos and tests."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Sequence
from typing import Any

from aiohttp import web

from bot.batching import GroupCommit
from bot.clock import Clock
from bot.config import LocalSettings, WebSettings
from bot.events import CardHandle, Media
from bot.local.controls import Controls
from bot.local.guard import Guard
from bot.local.live import Hub
from bot.local.routes import Routes
from bot.local.store import Messages
from bot.local.wire import BOT, PLATFORM, bot_message_id
from bot.outgoing import Delivered, Delivery, TextContent
from bot.platform import HandleSpent, Intake, Limits, MediaGone, Transient
from cards.model import to_json
from storage.db import Database
from storage.media import MediaStore


class LocalPlatform:
    """`controls` is set by the composition root in demo mode; without them the clock cannot be moved."""

    name = PLATFORM
    limits = Limits(toast=True, card_inputs=True, audio_out=True, text_bytes=64 * 1024)

    def __init__(
        self,
        settings: LocalSettings,
        web_settings: WebSettings,
        clock: Clock,
        db: Database,
        media: MediaStore,
        demo: bool,
        controls: Controls | None = None,
    ) -> None:
        self._clock = clock
        self._db = db
        self._media = media
        self._token = "" if demo else settings.token.get_secret_value() or secrets.token_urlsafe(24)
        self._hub = Hub(db)
        self._writer = GroupCommit(db, self._hub.wake)
        guard = Guard(settings, web_settings, demo, self._token)
        self._routes = Routes(db, clock, media, self._writer, self._hub, guard, web_settings.max_upload_mb)
        self.controls = controls

    @property
    def controls(self) -> Controls | None:
        return self._routes.controls

    @controls.setter
    def controls(self, controls: Controls | None) -> None:
        self._routes.controls = controls

    def show_notice(self, notice: Callable[[], str]) -> None:
        """`notice` says in a sentence what goes on behind (speech being installed), "" when nothing does."""
        self._routes.notice = notice

    @property
    def entry_path(self) -> str:
        """The path to open first; outside a demo it carries the token, so print it, do not log it."""
        return f"/local/?token={self._token}" if self._token else "/local/"

    def routes(self) -> Sequence[web.RouteDef]:
        return self._routes.table()

    async def start(self, intake: Intake) -> None:
        self._routes.intake = intake
        self._writer.start()

    async def stop_receiving(self) -> None:
        """Close the pages' sockets."""
        await self._hub.stop()

    async def stop(self) -> None:
        """Finish what is being written."""
        await self._writer.stop()

    async def deliver(self, delivery: Delivery) -> Delivered:
        """A row in the chat, or another card in a row that is there. The outbox id makes it once."""
        try:
            return await (self._send(delivery) if delivery.handle is None else self._change(delivery, delivery.handle))
        except self._db.trouble as error:
            raise Transient("database trouble", code=type(error).__name__) from error

    async def _send(self, delivery: Delivery) -> Delivered:
        message_id = bot_message_id(delivery.id)
        values: dict[str, Any] = {"id": message_id, "chat": delivery.chat.id, "sender": BOT, "at": self._clock.now()}
        content = delivery.content
        if isinstance(content, TextContent):
            values |= {"kind": "text", "text": content.text}
        else:
            values |= {"kind": "card", "card": json.dumps(to_json(content.card), ensure_ascii=False)}
        await self._writer.run(lambda session: Messages(session).add(values))
        return Delivered(message_id, None if isinstance(content, TextContent) else CardHandle(value=message_id))

    async def _change(self, delivery: Delivery, handle: CardHandle) -> Delivered:
        if isinstance(delivery.content, TextContent):
            raise HandleSpent("a text cannot take a card's place", code="text")
        card = json.dumps(to_json(delivery.content.card), ensure_ascii=False)
        if not await self._writer.run(lambda session: Messages(session).change_card(handle.value, card)):
            raise HandleSpent("the card is gone", code="gone")
        return Delivered(handle.value, handle)

    async def fetch_media(self, media: Media, limit: int) -> bytes:
        """The upload, kept when it came in."""
        if media.size is not None and media.size > limit:
            raise MediaGone("over the limit", code="size")
        try:
            return await self._media.get(media.ref)
        except (FileNotFoundError, ValueError) as error:
            raise MediaGone("upload is gone", code="gone") from error
        except OSError as error:
            raise Transient("upload cannot be read", code=type(error).__name__) from error

    async def check(self) -> Sequence[tuple[bool, str]]:
        how = "演示模式，不需要口令" if not self._token else "打开时需要启动时打印的口令"
        return [(True, f"本地聊天页：已启用，{how}")]
