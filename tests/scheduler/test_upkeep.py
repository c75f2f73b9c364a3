"""The audit chain and retention, as jobs."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from storage import audit
from storage.db import Database
from storage.inbox import add
from storage.spine import DEAD, DONE, PENDING, Firing, InboxRow
from storage.uow import UnitOfWork
from tests.branch import Branch, at

NOW = at("2026-03-05 10:00")


async def test_entries_are_chained_within_a_minute(database: Database) -> None:
    branch = Branch(database)
    async with database.write() as session:
        for number in range(1203):
            UnitOfWork(session).audit.add(NOW, None, "test", f"row:{number}")
    await branch.tick(NOW + timedelta(minutes=1))
    async with database.read() as session:
        assert await audit.verify(session) == (1203, 0, None)


async def test_done_events_go_after_their_time_and_dead_letters_stay(database: Database) -> None:
    branch = Branch(database)
    old, fresh = NOW - timedelta(days=31), NOW - timedelta(days=29)
    async with database.write() as session:
        await add(session, [_row("old", old, DONE), _row("fresh", fresh, DONE), _row("dead", old, DEAD)])
        await add(session, [_row("open", old, PENDING) | {"done_at": None}])
        await add(session, [_row(f"many{number}", old, DONE) for number in range(1100)])
        session.add(Firing(job="gone", scheduled_for=old, claimed_at=old))
    await branch.tick(NOW)
    async with database.read() as session:
        assert set((await session.scalars(select(InboxRow.event_key))).all()) == {"fresh", "dead", "open"}
        assert await session.scalar(select(func.count()).where(Firing.job == "gone")) == 0


def _row(key: str, when: object, state: str) -> dict[str, object]:
    return {
        "platform": "local", "event_key": key, "conversation": key, "kind": "text", "event": "{}", "raw": b"x",
        "received_at": when, "not_before": when, "state": state, "done_at": when,
    }  # fmt: skip
