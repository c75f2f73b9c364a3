"""How the databases find what the product asks for all the time: by an index, however large the tables are."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, event, insert, text
from sqlalchemy.ext.asyncio import AsyncSession

from storage.base import Base
from storage.crm import Alert, Commitment, Customer, GroupMessage, Lead, Note, Response, Step, Todo
from storage.db import Database
from storage.people import GroupChat, Team, User
from storage.repositories.reach import Reach
from storage.uow import UnitOfWork

NOW = datetime(2026, 3, 5, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
LONG_AGO = NOW - timedelta(days=20_000)
ROWS, REPS, TEAMS = 4000, 40, 4
BIG = ("customers", "leads", "steps", "commitments", "alerts", "notes", "todos", "group_messages", "responses")
MORE: dict[type[Any], int] = {Customer: 10_000, Lead: 40_000}
Ask = Callable[[UnitOfWork], Awaitable[object]]


def _rep(i: int) -> int:
    return 1 + i % REPS


def _at(i: int) -> datetime:
    return NOW - timedelta(minutes=ROWS - i)


def _open(i: int, other: str) -> str:
    return "open" if i % 5 == 0 else other


def _row(table: type[Any], i: int) -> dict[str, Any]:
    """The i-th row of a table that has seen some years: most is done, what is open was mostly alerted of."""
    at, rep, told = _at(i), _rep(i), _at(i) if i % 50 else None
    rows: dict[type[Any], Callable[[], dict[str, Any]]] = {
        Customer: lambda: {"name": f"c{i}", "aliases": [], "owner_id": rep, "team_id": 1 + rep % TEAMS},
        Lead: lambda: {
            "customer_id": 1 + i % MORE[Customer], "owner_id": rep, "team_id": 1 + rep % TEAMS, "source": "",
            "stage": "first_contact", "state": _open(i // 4, "lost"), "touched_at": at,
        },
        Step: lambda: {
            "lead_id": i, "owner_id": rep, "touchpoint": "first_contact", "due_at": at, "state": _open(i, "done"),
            "alerted_at": told,
        },
        Commitment: lambda: {
            "user_id": rep, "title": "t", "due_at": at, "state": _open(i, "kept"), "warned_at": told,
            "alerted_at": at if i % 10 else None,
        },
        Alert: lambda: {
            "kind": "overdue_step", "subject": f"s{i}", "step_id": i, "team_id": 1 + rep % TEAMS, "outcome": "",
            "state": "reminded" if i % 500 == 0 else "closed", "closed_at": at,
        },
        Note: lambda: {
            "author_id": rep, "customer_id": i, "chat_key": f"local:direct:u{rep}", "text": "t", "record": {},
            "trace": [], "before": [], "state": "confirmed",
        },
        Todo: lambda: {
            "title": "t", "owner": "us", "assignee_id": rep, "customer_id": i, "state": _open(i, "done"),
            "remind_at": None if told else at,
        },
        GroupMessage: lambda: {"group_id": 1, "sender": "s", "text": "t", "at": at, "answered": i == 1},
        Response: lambda: {"user_id": rep, "group_id": 1 + i % REPS, "seconds": 1.0, "at": at},
    }  # fmt: skip
    made = {} if table in (GroupMessage, Response) else {"created_at": at}
    return {"id": i, **rows[table](), **made}


@pytest.fixture
async def filled(database: Database) -> Database:
    async with database.write() as session:
        await session.execute(insert(Team), [{"id": 1 + i, "name": f"t{i}"} for i in range(TEAMS)])
        users = [{"id": 1 + i, "name": f"u{i}", "role": "rep", "active": True, "created_at": NOW} for i in range(REPS)]
        await session.execute(insert(User), users)
        groups = [{"id": 1 + i, "platform": "local", "chat_id": f"g{i}", "title": ""} for i in range(REPS)]
        await session.execute(insert(GroupChat), groups)
        for table in (Customer, Lead, Step, Commitment, Alert, Note, Todo, GroupMessage, Response):
            rows = [_row(table, 1 + i) for i in range(MORE.get(table, ROWS))]
            await session.execute(insert(Base.metadata.tables[table.__tablename__]), rows)
        await session.execute(text("ANALYZE"))
    return database


@contextmanager
def statements(session: AsyncSession) -> Iterator[list[tuple[str, Any]]]:
    """What is sent to the database in the block."""
    sent: list[tuple[str, Any]] = []

    def note(_connection: Connection, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        sent.append((statement, parameters))

    engine = session.get_bind().engine
    event.listen(engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine, "before_cursor_execute", note)


async def plan_of(database: Database, ask: Ask) -> str:
    """The plans of all that a question sends to the database."""
    lines: list[str] = []
    async with database.write() as session:
        with statements(session) as sent:
            await ask(UnitOfWork(session))
        connection = await session.connection()
        explain = "EXPLAIN QUERY PLAN " if database.is_sqlite else "EXPLAIN "
        for statement, parameters in sent:
            if statement.startswith(("SELECT", "WITH")):
                rows = await connection.exec_driver_sql(explain + statement, parameters)
                lines += [str(row[-1]) for row in rows]
        await session.rollback()
    return "\n".join(lines)


def scans(plan: str) -> list[str]:
    """The lines that read a big table from end to end."""
    whole = [f"Seq Scan on {name}" for name in BIG] + [f"SCAN {name}" for name in BIG]
    found = (line for line in plan.splitlines() if any(one in line for one in whole))
    return [line for line in found if "USING" not in line or "USING INDEX sqlite_autoindex" in line]


REP, MANAGER, LONE = Reach(5, [2], False), Reach(1, [1, 2], False), Reach(5, [], False)
HOT: dict[str, tuple[Ask, list[str]]] = {
    "overdue steps": (lambda uow: uow.steps.take_overdue(NOW, NOW, 10), ["ix_steps_unalerted_due"]),
    "the next overdue step": (lambda uow: uow.steps.first_due(LONG_AGO), ["ix_steps_unalerted_due"]),
    "unheeded reminders": (lambda uow: uow.steps.take_unheeded(NOW, NOW, 10), ["ix_alerts_reminded_closed"]),
    "the next unheeded reminder": (lambda uow: uow.steps.first_reminded(LONG_AGO), ["ix_alerts_reminded_closed"]),
    "promises to warn of": (lambda uow: uow.commitments.take_to_warn(NOW, NOW, 10), ["ix_commitments_unwarned_due"]),
    "the next to warn of": (lambda uow: uow.commitments.first_to_warn(LONG_AGO), ["ix_commitments_unwarned_due"]),
    "promises that are late": (
        lambda uow: uow.commitments.take_to_alert(NOW, NOW, 10), ["ix_commitments_unalerted_due"],
    ),
    "the next late promise": (
        lambda uow: uow.commitments.first_to_alert(LONG_AGO),
        ["ix_commitments_unalerted_due", "ix_commitments_told_late"],
    ),
    "to-dos that ring": (lambda uow: uow.todos.take_due(NOW, 10), ["ix_todos_open_remind"]),
    "the next to-do to ring": (lambda uow: uow.todos.next_ring(LONG_AGO), ["ix_todos_open_remind"]),
    "a person's to-dos": (lambda uow: uow.todos.open_of(5, 8), []),
    "the last note in a chat": (
        lambda uow: uow.notes.last_in("local:direct:u5", 5, NOW - timedelta(hours=1)),
        ["ix_notes_author_id_created_at"],
    ),
    "the last note on a customer": (
        lambda uow: uow.notes.last_on_a_customer(5, NOW - timedelta(hours=1)), ["ix_notes_author_id_created_at"],
    ),
    "names out of date": (lambda uow: uow.customers.revisions(), []),
    "whether one sees a customer": (lambda uow: uow.customers.sees(77, REP.customers()), []),
    "a rep's open leads": (lambda uow: uow.leads.open_in(REP, 8), ["ix_leads_open_"]),
    "open leads of one without a team": (lambda uow: uow.leads.open_in(LONE, 8), ["ix_leads_open_"]),
    "a manager's open leads": (lambda uow: uow.leads.open_in(MANAGER, 8), ["ix_leads_open_"]),
    "all open leads": (lambda uow: uow.leads.open_in(Reach(1, [], True), 8), ["ix_leads_open_touched"]),
    "customers to choose from": (
        lambda uow: uow.customers.latest_touched(REP, 8), ["ix_leads_open_"],
    ),
    "alerts about a step": (lambda uow: uow.alerts.open_about(step_id=7), ["ix_alerts_step_id"]),
    "who waits in a group": (lambda uow: uow.groups.first_unanswered(1), ["ix_group_messages_answered"]),
    "whether a wait is counted": (lambda uow: uow.groups.responded_since(1, NOW), ["ix_responses_group_id_at"]),
}  # fmt: skip


async def test_nothing_that_is_asked_all_the_time_reads_a_whole_table(filled: Database) -> None:
    for name, (ask, indexes) in HOT.items():
        plan = await plan_of(filled, ask)
        assert plan, name
        assert scans(plan) == [], f"{name}:\n{plan}"
        for index in indexes:
            assert index in plan, f"{name} without {index}:\n{plan}"


async def test_a_scan_would_be_noticed(filled: Database) -> None:
    async def whole(uow: UnitOfWork) -> None:
        await uow.session.execute(text("SELECT count(*) FROM notes WHERE text = 'x'"))

    assert scans(await plan_of(filled, whole))
