"""B: one handler an event, in one transaction with everything it changes and everything it sends.

Events of one conversation are handled one after the other; a crash leaves no trace of the attempt.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.config import DispatchSettings
from bot.events import EVENT, PREPARED, CardHandle, Click, Event, MediaMessage
from bot.faults import describe
from bot.metrics import EVENTS, HANDLING
from bot.outgoing import Handler, Reply, SendText, Toast, ToUser
from bot.platform import Limits
from bot.posting import Poster
from storage import inbox, outbox
from storage.db import Database
from storage.people import Role
from storage.spine import PENDING, InboxRow
from storage.uow import UnitOfWork

log = logging.getLogger(__name__)

SQLITE_BOX_S, POSTGRES_BOX_S = 0.015, 0.06
"""How long one transaction may go on taking events. On SQLite whatever comes in waits for it meanwhile."""
MAX_CLAIM = 32
APOLOGY = "抱歉，这条消息我暂时没处理好，已经记下并通知管理员，处理好后会补上。您可以继续发别的。"
DEAD_LETTER = "有一条消息处理失败，已保留（事件 {id}：{error}）。排除原因后运行 main.py replay {id} 重新处理。"


class _Spoilt(Exception):
    """A handler failed; its cause says how."""


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
        """Handle runnable events for at most the time box, in one commit. False when there were none.

        Events are handled together first; when one of them fails, the commit is given up and they are handled
        again, each behind a savepoint of its own. A handler touches nothing but the database, so that is safe.
        """
        try:
            handled = await self._batch(isolated=False)
        except _Spoilt:
            handled = await self._batch(isolated=True)
        if handled:
            self._wake_delivery()
        return handled > 0

    async def _batch(self, *, isolated: bool) -> int:
        loop, handled = asyncio.get_running_loop(), list[InboxRow]()
        deadline = loop.time() + (SQLITE_BOX_S if self._db.is_sqlite else POSTGRES_BOX_S)
        async with self._db.write() as session:
            while loop.time() < deadline and (rows := await self._claim(session)):
                failed: set[str] = set()
                for row in rows:
                    if row.conversation in failed:
                        continue
                    await (self._handle_isolated(session, row) if isolated else self._handle(session, row))
                    handled.append(row)
                    if row.state == PENDING:
                        failed.add(row.conversation)
                    await asyncio.sleep(0)
                    if loop.time() > deadline:
                        break
            await _flush(session)
        for row in handled:
            EVENTS.labels(row.platform, row.kind, "retry" if row.state == PENDING else row.state).inc()
        return len(handled)

    async def _claim(self, session: AsyncSession) -> Sequence[InboxRow]:
        await _flush(session)
        return await inbox.claim_events(session, self._clock.now(), MAX_CLAIM)

    async def _handle(self, session: AsyncSession, row: InboxRow) -> None:
        """Raises `_Spoilt` when the handler fails."""
        now = self._clock.now()
        try:
            with HANDLING.time():
                answer = await self._run_handler(session, _event_of(row), now)
        except Exception as error:
            if isinstance(error, DBAPIError) and error.connection_invalidated:
                raise
            raise _Spoilt from error
        inbox.finish(row, now, answer)

    async def _handle_isolated(self, session: AsyncSession, row: InboxRow) -> None:
        try:
            async with session.begin_nested():
                await self._handle(session, row)
                await _flush(session)
        except _Spoilt as spoilt:
            error = spoilt.__cause__
            await self._failed(session, row, error if isinstance(error, Exception) else spoilt)

    async def _run_handler(self, session: AsyncSession, event: Event, now: datetime) -> str | None:
        if isinstance(event, Click) and event.handle is not None:
            await _keep_handle(session, event, event.handle)
        replies = await self._handler(event, UnitOfWork(session), now)
        toast = next((reply.text for reply in replies if isinstance(reply, Toast)), None)
        if toast is not None and not self._platforms[event.chat.platform].toast:
            replies = [*replies, SendText(event.chat, toast)]
        await Poster(session, list(self._platforms), now).post(replies)
        return toast

    async def _failed(self, session: AsyncSession, row: InboxRow, error: Exception) -> None:
        reason, now = describe(error)[:500], self._clock.now()
        await session.refresh(row)
        if row.attempts + 1 < self._settings.max_attempts:
            wait = min(self._settings.retry_s * 2**row.attempts, self._settings.retry_max_s)
            inbox.postpone(row, now + timedelta(seconds=wait), reason)
            log.warning("event %s failed, attempt %s: %s", row.id, row.attempts, type(error).__name__)
            return
        inbox.bury(row, now, reason)
        log.error("event %s is a dead letter: %s", row.id, type(error).__name__, exc_info=error)
        await Poster(session, list(self._platforms), now).post(await self._condolences(session, row))

    async def _condolences(self, session: AsyncSession, row: InboxRow) -> list[Reply]:
        """One polite sentence to the sender (never to a customer), and word to the admins."""
        replies: list[Reply] = []
        with contextlib.suppress(ValueError):  # a row that cannot be read: only the admins hear of it
            event = _event_of(row)
            if not event.sender.external:
                replies.append(SendText(event.chat, APOLOGY))
        for admin in await UnitOfWork(session).users.with_role(Role.ADMIN):
            replies.append(SendText(ToUser(admin.id), DEAD_LETTER.format(id=row.id, error=row.error)))
        return replies


async def _flush(session: AsyncSession) -> None:
    """Write what the handlers left; what the database refuses is a handler's fault. Raises `_Spoilt`."""
    try:
        await session.flush()
    except DBAPIError as error:
        if error.connection_invalidated:
            raise
        raise _Spoilt from error


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
