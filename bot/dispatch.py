"""B: one handler an event, in one transaction with everything it changes and everything it sends.

Events of one conversation are handled one after the other; a crash leaves no trace of the attempt.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.config import DispatchSettings
from bot.events import EVENT, PREPARED, CardHandle, Click, Event, MediaMessage
from bot.metrics import EVENTS, HANDLING
from bot.outgoing import Reply, SendText, Toast
from bot.platform import Limits
from bot.posting import Poster
from storage import inbox, outbox
from storage.db import Database
from storage.spine import InboxRow
from storage.uow import UnitOfWork

log = logging.getLogger(__name__)

Handler = Callable[[Event, UnitOfWork, datetime], Awaitable[list[Reply]]]

TIME_BOX_S = 0.025
MAX_CLAIM = 32
APOLOGY = "抱歉，这条消息我暂时没处理好，已经记下并通知管理员，处理好后会补上。您可以继续发别的。"


class Dispatcher:
    """Takes runnable events from the inbox."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        handler: Handler,
        platforms: Mapping[str, Limits],
        settings: DispatchSettings,
        wake_delivery: Callable[[], None],
    ) -> None:
        self._db = db
        self._clock = clock
        self._handler = handler
        self._platforms = platforms
        self._settings = settings
        self._wake_delivery = wake_delivery

    async def run_once(self) -> bool:
        """Handle runnable events for at most the time box, in one commit. False when there were none."""
        deadline = asyncio.get_running_loop().time() + TIME_BOX_S
        handled = 0
        async with self._db.write() as session:
            while rows := await inbox.claim_heads(session, self._clock.now(), MAX_CLAIM):
                for row in rows:
                    await self._handle(session, row)
                    handled += 1
                    if asyncio.get_running_loop().time() > deadline:
                        break
                if asyncio.get_running_loop().time() > deadline:
                    break
        if handled:
            self._wake_delivery()
        return handled > 0

    async def _handle(self, session: AsyncSession, row: InboxRow) -> None:
        now = self._clock.now()
        event = _event_of(row)
        try:
            with HANDLING.time():
                async with session.begin_nested():
                    answer = await self._run_handler(session, event, now)
        except Exception as error:
            if isinstance(error, DBAPIError) and error.connection_invalidated:
                raise
            await self._failed(session, row, event, error, now)
            return
        inbox.finish(row, now, answer)
        EVENTS.labels(row.platform, row.kind, "done").inc()

    async def _run_handler(self, session: AsyncSession, event: Event, now: datetime) -> str | None:
        if isinstance(event, Click) and event.handle is not None:
            await _keep_handle(session, event, event.handle)
        replies = await self._handler(event, UnitOfWork(session), now)
        toast = next((reply.text for reply in replies if isinstance(reply, Toast)), None)
        if toast is not None and not self._platforms[event.chat.platform].toast:
            replies = [*replies, SendText(event.chat, toast)]
        await Poster(session, list(self._platforms), now).post(replies)
        await session.flush()
        return toast

    async def _failed(
        self, session: AsyncSession, row: InboxRow, event: Event, error: Exception, now: datetime
    ) -> None:
        reason = f"{type(error).__name__}: {error}"[:500]
        await session.refresh(row)
        if row.attempts + 1 < self._settings.max_attempts:
            wait = min(self._settings.retry_s * 2**row.attempts, self._settings.retry_max_s)
            inbox.postpone(row, now + timedelta(seconds=wait), reason)
            EVENTS.labels(row.platform, row.kind, "retry").inc()
            log.warning("event %s failed, attempt %s: %s", row.id, row.attempts, type(error).__name__)
            return
        inbox.bury(row, now, reason)
        EVENTS.labels(row.platform, row.kind, "dead").inc()
        log.error("event %s is a dead letter: %s", row.id, type(error).__name__, exc_info=error)
        if not event.sender.external:
            await Poster(session, list(self._platforms), now).post([SendText(event.chat, APOLOGY)])


def _event_of(row: InboxRow) -> Event:
    event = EVENT.validate_json(row.event or "")
    if isinstance(event, MediaMessage) and row.prepared:
        return replace(event, prepared=PREPARED.validate_json(row.prepared))
    return event


async def _keep_handle(session: AsyncSession, click: Click, handle: CardHandle) -> None:
    if click.message_ref is not None and click.message_ref.isdigit():
        await outbox.refresh_handle(
            session, int(click.message_ref), handle.value, handle.expires_at, handle.uses_left
        )
