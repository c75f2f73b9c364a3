"""The inbox: events made durable before they are acknowledged, handled once, in order within a conversation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, func, literal, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from storage.spine import DEAD, DONE, PENDING, PREPARED, TO_PREPARE, Conversation, InboxRow
from storage.times import database_time


def insert_ignore(session: AsyncSession, table: type[Any]) -> Any:
    """An INSERT that leaves a row alone whose key is there already, in the dialect of the session."""
    dialect = session.get_bind().dialect.name
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    return insert(table).on_conflict_do_nothing()


async def add(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert events; those with a known key have no effect. Conversations are made as needed."""
    keys = sorted({row["conversation"] for row in rows})
    await session.execute(insert_ignore(session, Conversation), [{"key": key, "context": {}} for key in keys])
    await session.execute(insert_ignore(session, InboxRow), list(rows))


_PENDING = InboxRow.state == literal(PENDING, literal_execute=True)
_DEAD = InboxRow.state == literal(DEAD, literal_execute=True)
"""Written into the statement as it is, so that both databases see that the partial indexes fit."""
WAITS_FOR_SPEECH = "waits until speech recognition is installed"
_PAGE, _MANY = 512, 500
_OLDEST = (
    select(InboxRow.id, InboxRow.conversation, InboxRow.prepare, InboxRow.not_before)
    .where(_PENDING)
    .order_by(InboxRow.id)
    .limit(64)
)
_NEXT = _OLDEST.where(
    InboxRow.id > bindparam("last"), InboxRow.conversation.not_in(bindparam("blocked", expanding=True))
).limit(_PAGE)


async def _runnable(
    session: AsyncSession, now: datetime, limit: int, *, preparing: bool = False
) -> dict[str, list[int]]:
    """Ids of events that may run now, oldest first, by conversation; with `preparing` also those to be prepared.

    Pending rows are walked oldest first. An event that waits for its preparation or for a retry blocks those behind
    it in its conversation. Only ids are read, and the walk ends as soon as there are enough.
    """
    blocked: set[str] = set()
    found: dict[str, list[int]] = {}
    count = 0
    rows = (await session.execute(_OLDEST)).all()
    while rows and count < limit:
        for row in rows:
            if row.conversation in blocked:
                continue
            if row.not_before <= now and (preparing or row.prepare != TO_PREPARE):
                found.setdefault(row.conversation, []).append(row.id)
                count += 1
            else:
                blocked.add(row.conversation)
        further = {"last": rows[-1].id, "blocked": sorted(blocked)[:_MANY]}
        rows = (await session.execute(_NEXT, further)).all() if count < limit else []
    return found


async def claim_events(session: AsyncSession, now: datetime, limit: int) -> Sequence[InboxRow]:
    """Events that may run now, oldest first, their conversations locked; those of one conversation in their order.

    The lock is the conversation's row (PostgreSQL) or the one writer (SQLite); it ends with the transaction.
    """
    if session.get_bind().dialect.name == "sqlite":
        found = await _runnable(session, now, limit)
        return await _rows(session, [number for ids in found.values() for number in ids], limit)
    found = await _runnable(session, now, limit * _LOOK_BEYOND)
    if not found:
        return []
    locks = select(Conversation.key).where(Conversation.key.in_(found)).limit(limit)
    mine = (await session.scalars(locks.with_for_update(skip_locked=True, key_share=True))).all()
    return await _in_order(session, mine, now, limit) if mine else []


_LOOK_BEYOND = 8
"""So many times more events are looked at than are taken, since other processes hold the oldest conversations."""


async def _rows(session: AsyncSession, ids: Sequence[int], limit: int) -> Sequence[InboxRow]:
    if not ids:
        return []
    wanted = select(InboxRow).where(InboxRow.id.in_(ids)).order_by(InboxRow.id).limit(limit)
    return (await session.scalars(wanted.execution_options(populate_existing=True))).all()


async def _in_order(
    session: AsyncSession, conversations: Sequence[str], now: datetime, limit: int
) -> Sequence[InboxRow]:
    """What may run of these conversations, read after they were locked: others may have been at them until now."""
    wanted = select(InboxRow).where(_PENDING, InboxRow.conversation.in_(conversations)).order_by(InboxRow.id)
    rows = await session.scalars(wanted.limit(limit * 2).execution_options(populate_existing=True))
    blocked: set[str] = set()
    found = []
    for row in rows:
        if row.not_before > now or row.prepare == TO_PREPARE:
            blocked.add(row.conversation)
        if row.conversation not in blocked:
            found.append(row)
    return found[:limit]


async def claim_to_prepare(session: AsyncSession, now: datetime, limit: int, lease_s: float) -> Sequence[InboxRow]:
    """Media events whose preparation nobody is at, leased to the caller for `lease_s` seconds of database time."""
    if limit <= 0:
        return []
    db_now = await database_time(session)
    rows = await session.scalars(
        select(InboxRow)
        .where(
            _PENDING,
            InboxRow.prepare == literal(TO_PREPARE, literal_execute=True),
            InboxRow.not_before <= now,
            or_(InboxRow.lease_until.is_(None), InboxRow.lease_until < db_now),
        )
        .order_by(InboxRow.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    claimed = rows.all()
    for row in claimed:
        row.lease_until = db_now + timedelta(seconds=lease_s)
    return claimed


async def renew_lease(session: AsyncSession, row_id: int, lease_s: float) -> None:
    """Keep a preparation that takes long."""
    until = await database_time(session) + timedelta(seconds=lease_s)
    await session.execute(update(InboxRow).where(InboxRow.id == row_id).values(lease_until=until))


async def store_prepared(session: AsyncSession, row_id: int, prepared: str) -> None:
    """Keep the result of the preparation: a retry of the handler does not pay for it again."""
    await session.execute(
        update(InboxRow)
        .where(InboxRow.id == row_id, InboxRow.prepare == TO_PREPARE)
        .values(prepare=PREPARED, prepared=prepared, lease_until=None)
    )


async def postpone_prepare(session: AsyncSession, row_id: int, until: datetime, *, counts: bool) -> None:
    """Give a preparation back, to be tried again at business time `until`."""
    await session.execute(
        update(InboxRow)
        .where(InboxRow.id == row_id)
        .values(
            lease_until=None,
            not_before=until,
            prepare_attempts=InboxRow.prepare_attempts + (1 if counts else 0),
        )
    )


async def mark(session: AsyncSession, row_id: int, error: str) -> None:
    """Note on an event why it waits."""
    await session.execute(update(InboxRow).where(InboxRow.id == row_id).values(error=error))


def finish(row: InboxRow, now: datetime, answer: str | None) -> None:
    row.state, row.done_at, row.answer, row.error = DONE, now, answer, None


def postpone(row: InboxRow, until: datetime, error: str) -> None:
    row.attempts += 1
    row.not_before, row.error = until, error


def bury(row: InboxRow, now: datetime, error: str) -> None:
    """Make it a dead letter: kept, counted, replayable; the conversation goes on."""
    row.attempts += 1
    row.state, row.done_at, row.error = DEAD, now, error


async def dead(session: AsyncSession, limit: int = 1000) -> Sequence[InboxRow]:
    """The dead letters, oldest first."""
    return (await session.scalars(select(InboxRow).where(_DEAD).order_by(InboxRow.id).limit(limit))).all()


async def replay(session: AsyncSession, now: datetime, ids: Sequence[int] | None = None) -> int:
    """Dead letters that can be handled become pending again. Returns how many."""
    wanted = [_DEAD, InboxRow.event.is_not(None)]
    if ids is not None:
        wanted.append(InboxRow.id.in_(ids))
    result = await session.execute(
        update(InboxRow).where(*wanted).values(state=PENDING, attempts=0, prepare_attempts=0, not_before=now)
    )
    return int(result.rowcount)  # type: ignore[attr-defined]


async def forget(session: AsyncSession, before: datetime, limit: int) -> int:
    """Remove events that were done before then, raw bodies and all; at most `limit`. Returns how many."""
    old = select(InboxRow.id).where(InboxRow.state == DONE, InboxRow.done_at < before).order_by(InboxRow.done_at)
    ids = (await session.scalars(old.limit(limit))).all()
    await session.execute(delete(InboxRow).where(InboxRow.id.in_(ids)))
    return len(ids)


async def is_idle(session: AsyncSession, now: datetime) -> bool:
    """Whether nothing could be done now. Rows that wait for later, and those behind them, do not count."""
    return not await _runnable(session, now, 1, preparing=True)


async def next_due(session: AsyncSession, after: datetime) -> datetime | None:
    """The next business time at which an event that waits may be tried; an installation is waited for in real time."""
    waits = or_(InboxRow.error.is_(None), InboxRow.error != WAITS_FOR_SPEECH)
    return await session.scalar(
        select(func.min(InboxRow.not_before)).where(_PENDING, InboxRow.not_before > after, waits)
    )


async def counts(session: AsyncSession) -> dict[str, int]:
    """How many events are open and how many are dead."""
    pending = await session.scalar(select(func.count()).select_from(InboxRow).where(_PENDING))
    dead_letters = await session.scalar(select(func.count()).select_from(InboxRow).where(_DEAD))
    return {PENDING: pending or 0, DEAD: dead_letters or 0}
