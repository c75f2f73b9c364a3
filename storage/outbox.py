"""The outbox: what is to be delivered, written with the change that causes it, in order within a chat."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import bindparam, case, delete, func, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage.spine import FAILED, PENDING, SENDING, SENT, CardMessage, OutboxRow
from storage.times import database_time

_OPEN = OutboxRow.state.in_((literal(PENDING, literal_execute=True), literal(SENDING, literal_execute=True)))
_FAILED = OutboxRow.state == literal(FAILED, literal_execute=True)
"""Written into the statement as they are, so that both databases see that the partial indexes fit."""
_OLDEST = (
    select(OutboxRow.id, OutboxRow.chat_key, OutboxRow.not_before).where(_OPEN).order_by(OutboxRow.id).limit(64)
)
_NEXT = _OLDEST.where(
    OutboxRow.id > bindparam("last"), OutboxRow.chat_key.not_in(bindparam("seen", expanding=True))
).limit(512)
_MANY = 500
_SENT_BY_OTHERS = 64


async def _heads(session: AsyncSession, now: datetime, limit: int, busy: Collection[str]) -> list[int]:
    """Ids of the oldest open row of each chat whose time has come, oldest first.

    Open rows are walked oldest first, so the first row seen of a chat is its head.
    """
    seen = set(busy)
    found: list[int] = []
    rows = (await session.execute(_OLDEST)).all()
    while rows:
        for row in rows:
            if row.chat_key not in seen:
                seen.add(row.chat_key)
                if row.not_before <= now:
                    found.append(row.id)
        if len(found) >= limit:
            break
        further = {"last": rows[-1].id, "seen": sorted(seen)[:_MANY]}
        rows = (await session.execute(_NEXT, further)).all()
    return found[:limit]


async def claim(
    session: AsyncSession, now: datetime, limit: int, lease_s: float, busy: Collection[str] = ()
) -> Sequence[OutboxRow]:
    """The oldest open row of each chat, leased to the caller; those of `busy` chats are left alone."""
    ids = await _heads(session, now, limit + _SENT_BY_OTHERS, busy) if limit > 0 else []
    if not ids:
        return []
    db_now = await database_time(session)
    free = or_(OutboxRow.state == PENDING, OutboxRow.lease_until < db_now)
    wanted = select(OutboxRow).where(OutboxRow.id.in_(ids), _OPEN, free).order_by(OutboxRow.id).limit(limit)
    rows = await session.scalars(wanted.with_for_update(skip_locked=True).execution_options(populate_existing=True))
    claimed = rows.all()
    for row in claimed:
        row.state, row.lease_until = SENDING, db_now + timedelta(seconds=lease_s)
        row.attempts += 1
    return claimed


async def by_ids(session: AsyncSession, ids: Sequence[int]) -> dict[int, OutboxRow]:
    """Those rows, locked, by their ids."""
    if not ids:
        return {}
    wanted = select(OutboxRow).where(OutboxRow.id.in_(ids)).with_for_update()
    rows = await session.scalars(wanted.execution_options(populate_existing=True))
    return {row.id: row for row in rows}


async def sent_since(
    session: AsyncSession, chats: Collection[str], now: datetime
) -> dict[str, tuple[int, int]]:
    """How many messages each chat got in the last minute and in the last hour.

    Rate limits are counted from this, by all processes. Chats that got none are left out.
    """
    minute, hour = now - timedelta(minutes=1), now - timedelta(hours=1)
    lately = func.sum(case((OutboxRow.sent_at > minute, 1), else_=0))
    rows = await session.execute(
        select(OutboxRow.chat_key, lately, func.count())
        .where(OutboxRow.chat_key.in_(chats), OutboxRow.sent_at > hour, OutboxRow.sent_at <= now)
        .group_by(OutboxRow.chat_key)
    )
    return {row[0]: (row[1], row[2]) for row in rows}


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
    wanted = select(OutboxRow).where(_FAILED).order_by(OutboxRow.id).limit(limit)
    return (await session.scalars(wanted)).all()


async def retry_failed(session: AsyncSession, now: datetime) -> int:
    """Failed deliveries become pending again. Returns how many."""
    result = await session.execute(
        update(OutboxRow).where(_FAILED).values(state=PENDING, attempts=0, not_before=now)
    )
    return int(result.rowcount)  # type: ignore[attr-defined]


async def cards_on(session: AsyncSession, subject: str, user_id: int | None = None) -> Sequence[CardMessage]:
    """Every card that was sent on `subject`, or one reader's."""
    wanted = select(CardMessage).where(CardMessage.subject == subject).order_by(CardMessage.id)
    if user_id is not None:
        wanted = wanted.where(CardMessage.user_id == user_id)
    return (await session.scalars(wanted)).all()


async def forget_cards(session: AsyncSession, subject: str) -> None:
    """Leave the cards on `subject` as they are from now on: a fresh one takes their place."""
    await session.execute(delete(CardMessage).where(CardMessage.subject == subject))


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
    return not await _heads(session, now, 1, ())


async def next_due(session: AsyncSession, after: datetime) -> datetime | None:
    """The next business time at which a delivery that waits may be tried."""
    return await session.scalar(
        select(func.min(OutboxRow.not_before)).where(_OPEN, OutboxRow.not_before > after)
    )


async def counts(session: AsyncSession) -> dict[str, int]:
    """How many deliveries are open and how many failed for good."""
    waiting = await session.scalar(select(func.count()).select_from(OutboxRow).where(_OPEN))
    given_up = await session.scalar(select(func.count()).select_from(OutboxRow).where(_FAILED))
    return {PENDING: waiting or 0, FAILED: given_up or 0}
