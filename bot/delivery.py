"""C: what the outbox holds is brought to the platforms, in order within a chat.

One short transaction settles what came back and claims what is next; the sends themselves run between the
transactions. Delivery is at least once: the outbox id goes along so that a platform can make it once.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.config import DispatchSettings
from bot.events import CardHandle
from bot.faults import describe
from bot.metrics import DELIVERIES, SENDING_TIME
from bot.outgoing import CONTENT, CardContent, Delivered, Delivery, UpdateContent
from bot.platform import HandleSpent, Limits, Permanent, Platform, PlatformError, Transient
from bot.posting import chat_from_row
from storage import outbox
from storage.db import Database
from storage.spine import SENDING, CardMessage, OutboxRow

log = logging.getLogger(__name__)

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class _Job:
    """A claimed row and what is to be sent. `card_id`: the card message that an update is about."""

    row: OutboxRow
    delivery: Delivery
    card_id: int | None = None


@dataclass(frozen=True, slots=True)
class _Result:
    job: _Job
    delivered: Delivered | None = None
    error: PlatformError | None = None


class Deliverer:
    """Claims rows, sends them in parallel (one a chat), settles them."""

    def __init__(
        self, db: Database, clock: Clock, platforms: Mapping[str, Platform], settings: DispatchSettings
    ) -> None:
        self._db = db
        self._clock = clock
        self._platforms = platforms
        self._settings = settings
        self._sending: dict[str, asyncio.Task[None]] = {}
        self._results: list[_Result] = []
        self._held = False
        self.wake: Callable[[], None] = lambda: None

    async def run_once(self) -> bool:
        """One transaction: settle what came back, claim what is next. True while there may be more to claim."""
        settled = await self._commit(claiming=True)
        return settled or bool(self._results) or self._held

    async def _commit(self, *, claiming: bool) -> bool:
        results, self._results = self._results, []
        try:
            async with self._db.write() as session:
                outcomes = await self._settle_all(session, results)
                jobs = await self._claim(session) if claiming else []
        except BaseException:
            self._results = results + self._results
            raise
        for result, outcome in zip(results, outcomes, strict=True):
            DELIVERIES.labels(result.job.row.platform, outcome).inc()
            self._sending.pop(result.job.row.chat_key, None)
        for job in jobs:
            self._sending[job.row.chat_key] = asyncio.create_task(self._send(job), name=f"send-{job.row.id}")
        return bool(results)

    async def drain(self) -> None:
        """Wait for the sends under way and settle them; claim nothing new."""
        while self._sending or self._results:
            await asyncio.gather(*self._sending.values())
            await self._commit(claiming=False)

    async def _claim(self, session: AsyncSession) -> list[_Job]:
        now, free = self._clock.now(), self._settings.parallel_sends - len(self._sending)
        rows = await outbox.claim(session, now, free, self._settings.lease_s, list(self._sending))
        held = await self._over_limit(session, rows)
        self._held = bool(held)
        jobs = [await self._job(session, row) for row in rows if row.id not in held]
        return [job for job in jobs if job is not None]

    async def _over_limit(self, session: AsyncSession, rows: Sequence[OutboxRow]) -> set[int]:
        """Rows that must not go now: their receiver got as much as the platform allows, or it is not in use."""
        now, held = self._clock.now(), set[int]()
        limited = [row for row in rows if (platform := self._platforms.get(row.platform)) and platform.limits.limited]
        chats = {row.chat_key for row in limited}
        sent = await outbox.sent_since(session, chats, now) if chats else {}
        for row in rows:
            platform = self._platforms.get(row.platform)
            if platform is None:
                outbox.settle_failed(row, "no_platform", f"platform {row.platform} is not in use")
                held.add(row.id)
                continue
            wait = _wait(platform.limits, *sent.get(row.chat_key, (0, 0)))
            if wait is not None:
                outbox.give_back(row)
                row.not_before = now + wait
                held.add(row.id)
        return held

    async def _job(self, session: AsyncSession, row: OutboxRow) -> _Job | None:
        """What is to be sent; None for a row that cannot be read, which is kept as failed."""
        try:
            chat, content = chat_from_row(row.chat), CONTENT.validate_json(row.content)
        except (ValueError, KeyError) as error:
            outbox.settle_failed(row, UNREADABLE, describe(error))
            log.error("delivery %s cannot be read", row.id)
            return None
        if not isinstance(content, UpdateContent):
            return _Job(row, Delivery(row.id, chat, content))
        message = await session.get(CardMessage, content.card_message_id)
        handle = _usable_handle(message, self._clock) if message else None
        return _Job(row, Delivery(row.id, chat, CardContent(content.card), handle), content.card_message_id)

    async def _send(self, job: _Job) -> None:
        platform = self._platforms[job.row.platform]
        try:
            with SENDING_TIME.labels(job.row.platform).time():
                async with asyncio.timeout(self._settings.lease_s / 2):
                    delivered = await platform.deliver(job.delivery)
            result = _Result(job, delivered)
        except PlatformError as error:
            result = _Result(job, error=error)
        except TimeoutError:
            result = _Result(job, error=Transient("no answer in time", code="timeout"))
        except self._db.trouble as error:
            result = _Result(job, error=Transient(type(error).__name__, code="database"))
        except Exception as error:
            log.exception("delivery %s: the platform's code failed", job.row.id)
            result = _Result(job, error=Permanent(describe(error), code="bug"))
        self._results.append(result)
        self.wake()

    async def _settle_all(self, session: AsyncSession, results: Sequence[_Result]) -> list[str]:
        rows = await outbox.by_ids(session, [result.job.row.id for result in results])
        return [await self._settle(session, rows[result.job.row.id], result) for result in results]

    async def _settle(self, session: AsyncSession, row: OutboxRow, result: _Result) -> str:
        if result.delivered is not None:
            outbox.settle_sent(row, self._clock.now())
            await _keep_handle(session, result.job, result.delivered)
            return "sent"
        if row.state != SENDING or row.attempts != result.job.row.attempts:
            return "late"  # the lease was over, and somebody else has it now
        return await self._settle_error(session, row, result)

    async def _settle_error(self, session: AsyncSession, row: OutboxRow, result: _Result) -> str:
        error, now = result.error, self._clock.now()
        assert error is not None  # noqa: S101 - for the type checker
        if isinstance(error, HandleSpent):
            await _drop_handle(session, result.job)
            outbox.settle_later(row, now, error.code, str(error)[:500])
            return "handle_spent"
        if isinstance(error, Transient) and row.attempts < self._settings.send_attempts:
            outbox.settle_later(row, now + self._backoff(row.attempts, error.retry_after), error.code, str(error)[:500])
            return "retry"
        outbox.settle_failed(row, error.code, str(error)[:500])
        log.error("delivery %s failed for good: code %s", row.id, error.code)
        return "failed"

    def _backoff(self, attempts: int, retry_after: float | None) -> timedelta:
        wait = min(self._settings.retry_s * 2 ** (attempts - 1), self._settings.retry_max_s)
        jitter = 1 + random.random() / 4  # noqa: S311 - spreads retries, protects nothing
        return timedelta(seconds=max(wait, retry_after or 0) * jitter)


def _wait(limits: Limits, lately: int, in_hour: int) -> timedelta | None:
    """How long a receiver who got so many messages in the last minute and hour must be spared; None: not at all."""
    if limits.per_minute and lately >= limits.per_minute:
        return MINUTE / limits.per_minute
    if limits.per_hour and in_hour >= limits.per_hour:
        return HOUR / limits.per_hour
    return None


def _usable_handle(message: CardMessage, clock: Clock) -> CardHandle | None:
    """The right to change the card, if it is not used up or over. Handles end by wall time."""
    if message.handle is None or message.handle_uses_left == 0:
        return None
    if message.handle_expires_at is not None and message.handle_expires_at <= clock.wall():
        return None
    return CardHandle(
        value=message.handle, expires_at=message.handle_expires_at, uses_left=message.handle_uses_left
    )


async def _keep_handle(session: AsyncSession, job: _Job, delivered: Delivered) -> None:
    """Remember how the card that is now on the screen can be changed."""
    handle = delivered.handle
    if job.card_id is None:
        if handle is not None:
            await outbox.refresh_handle(session, job.row.id, handle.value, handle.expires_at, handle.uses_left)
        return
    message = await session.get(CardMessage, job.card_id)
    if message is None:
        return
    if job.delivery.handle is None:
        message.outbox_id = job.row.id
    if handle is not None:
        message.handle, message.handle_expires_at = handle.value, handle.expires_at
        message.handle_uses_left = handle.uses_left
    elif message.handle_uses_left is not None:
        message.handle_uses_left = max(0, message.handle_uses_left - 1)


async def _drop_handle(session: AsyncSession, job: _Job) -> None:
    message = await session.get(CardMessage, job.card_id) if job.card_id is not None else None
    if message is not None:
        message.handle = None
