"""The outbox: what is to be delivered, written with the change that causes it, in order within a chat."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import and_, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from storage.spine import FAILED, PENDING, SENDING, SENT, CardMessage, OutboxRow
from storage.times import database_time

_OPEN = (PENDING, SENDING)


async def claim(
    session: AsyncSession, now: datetime, limit: int, lease_s: float, busy: Sequence[str] = ()
) -> Sequence[OutboxRow]:
    """The oldest open row of each chat, leased to the caller; those of `busy` chats are left alone."""
    if limit <= 0:
        return []
    db_now = await database_time(session)
    earlier = aliased(OutboxRow)
    first = ~exists().where(
        earlier.chat_key == OutboxRow.chat_key, earlier.state.in_(_OPEN), earlier.id < OutboxRow.id
    )
    free = or_(OutboxRow.state == PENDING, and_(OutboxRow.state == SENDING, OutboxRow.lease_until < db_now))
    rows = await session.scalars(
        select(OutboxRow)
        .where(
            OutboxRow.state.in_(_OPEN),
            OutboxRow.not_before <= now,
            OutboxRow.chat_key.not_in(busy),
            free,
            first,
        )
        .order_by(OutboxRow.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    claimed = rows.all()
    for row in claimed:
        row.state, row.lease_until = SENDING, db_now + timedelta(seconds=lease_s)
        row.attempts += 1
    return claimed


async def sent_since(session: AsyncSession, chat_key: str, since: datetime) -> int:
    """How many messages a chat got after `since`: what rate limits are counted from, by all processes."""
    count = await session.scalar(
        select(func.count()).where(OutboxRow.chat_key == chat_key, OutboxRow.sent_at > since)
    )
    return count or 0


def settle_sent(row: OutboxRow, now: datetime) -> None:
    row.state, row.sent_at, row.lease_until, row.error, row.code = SENT, now, None, None, None


def settle_later(row: OutboxRow, until: datetime, code: str, error: str) -> None:
    row.state, row.not_before, row.lease_until, row.code, row.error = PENDING, until, None, code, error


def settle_failed(row: OutboxRow, code: str, error: str) -> None:
    """It will never be delivered; the row stays, with the platform's own code."""
    row.state, row.lease_until, row.code, row.error = FAILED, None, code, error


def give_back(row: OutboxRow) -> None:
    """Undo a claim that was not used."""
    row.state, row.lease_until = PENDING, None
    row.attempts -= 1


async def failed(session: AsyncSession, limit: int = 1000) -> Sequence[OutboxRow]:
    """Deliveries that failed for good, oldest first."""
    wanted = select(OutboxRow).where(OutboxRow.state == FAILED).order_by(OutboxRow.id).limit(limit)
    return (await session.scalars(wanted)).all()


async def retry_failed(session: AsyncSession, now: datetime) -> int:
    """Failed deliveries become pending again. Returns how many."""
    result = await session.execute(
        update(OutboxRow).where(OutboxRow.state == FAILED).values(state=PENDING, attempts=0, not_before=now)
    )
    return int(result.rowcount)  # type: ignore[attr-defined]


async def cards_on(session: AsyncSession, subject: str, user_id: int | None = None) -> Sequence[CardMessage]:
    """Every card that was sent on `subject`, or one reader's."""
    wanted = select(CardMessage).where(CardMessage.subject == subject).order_by(CardMessage.id)
    if user_id is not None:
        wanted = wanted.where(CardMessage.user_id == user_id)
    return (await session.scalars(wanted)).all()


async def refresh_handle(
    session: AsyncSession, outbox_id: int, handle: str, expires_at: datetime | None, uses_left: int | None
) -> None:
    """Keep a new right to update the card that `outbox_id` brought."""
    await session.execute(
        update(CardMessage)
        .where(CardMessage.outbox_id == outbox_id)
        .values(handle=handle, handle_expires_at=expires_at, handle_uses_left=uses_left)
    )


async def is_idle(session: AsyncSession, now: datetime) -> bool:
    """Whether nothing can be delivered now. Rows that back off to later, and those behind them, do not count."""
    earlier = aliased(OutboxRow)
    waiting = exists().where(
        earlier.chat_key == OutboxRow.chat_key,
        earlier.state.in_(_OPEN),
        earlier.id < OutboxRow.id,
        earlier.not_before > now,
    )
    runnable = select(OutboxRow.id).where(OutboxRow.state.in_(_OPEN), OutboxRow.not_before <= now, ~waiting)
    return (await session.scalar(runnable.limit(1))) is None


async def next_due(session: AsyncSession, after: datetime) -> datetime | None:
    """The next business time at which a delivery that waits may be tried."""
    return await session.scalar(
        select(func.min(OutboxRow.not_before)).where(OutboxRow.state.in_(_OPEN), OutboxRow.not_before > after)
    )


async def counts(session: AsyncSession) -> dict[str, int]:
    """How many deliveries are open and how many failed for good."""
    rows = await session.execute(
        select(OutboxRow.state, func.count())
        .where(OutboxRow.state.in_((PENDING, SENDING, FAILED)))
        .group_by(OutboxRow.state)
    )
    found = {row[0]: row[1] for row in rows}
    return {PENDING: found.get(PENDING, 0) + found.get(SENDING, 0), FAILED: found.get(FAILED, 0)}
