"""Whose leads and customers a list shows, and in which order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert

from storage.crm import Customer, Lead
from storage.db import Database
from storage.people import Team, User
from storage.repositories.reach import Reach
from storage.uow import UnitOfWork

NOW = datetime(2026, 3, 5, 1, 0, tzinfo=UTC)
WANG, LI, OTHER = 1, 2, 3
OURS, THEIRS = 1, 2

CUSTOMERS: dict[int, tuple[int | None, int | None]] = {
    1: (WANG, OURS), 2: (LI, OURS), 3: (OTHER, THEIRS), 4: (None, None), 5: (OTHER, THEIRS), 6: (WANG, OURS),
    7: (WANG, OURS),
}  # fmt: skip
LEADS: dict[int, tuple[int, int | None, int | None, str, int]] = {
    10: (1, WANG, OURS, "open", 5), 20: (2, LI, OURS, "open", 1), 30: (3, OTHER, THEIRS, "open", 0),
    40: (4, None, None, "open", 7), 50: (5, WANG, OURS, "open", 3), 60: (6, OTHER, THEIRS, "open", 2),
    70: (7, WANG, OURS, "lost", 9), 11: (1, None, None, "open", 4),
}  # fmt: skip
"""By id: customer, owner, team, state, and how many days ago it was touched."""


@pytest.fixture
async def filled(database: Database) -> Database:
    async with database.write() as session:
        await session.execute(insert(Team), [{"id": one, "name": f"t{one}"} for one in (OURS, THEIRS)])
        users = [{"id": one, "name": f"u{one}", "role": "rep", "created_at": NOW} for one in (WANG, LI, OTHER)]
        await session.execute(insert(User), users)
        customers: list[dict[str, object]] = [
            {"id": key, "name": f"c{key}", "aliases": [], "owner_id": owner, "team_id": team, "created_at": NOW}
            for key, (owner, team) in CUSTOMERS.items()
        ]
        await session.execute(insert(Customer), customers)
        leads = [
            {
                "id": key, "customer_id": customer, "owner_id": owner, "team_id": team, "stage": "s", "state": state,
                "created_at": NOW, "touched_at": NOW - timedelta(days=days),
            }
            for key, (customer, owner, team, state, days) in LEADS.items()
        ]  # fmt: skip
        await session.execute(insert(Lead), leads)
    return database


@pytest.mark.parametrize(
    ("reach", "expected"),
    [
        (Reach(WANG, [], False), [60, 50, 11, 10, 40]),
        (Reach(WANG, [OURS], False), [20, 60, 50, 11, 10, 40]),
        (Reach(LI, [], False), [20, 40]),
        (Reach(OTHER, [THEIRS], False), [30, 60, 50, 40]),
        (Reach(LI, [], True), [30, 20, 60, 50, 11, 10, 40]),
    ],
)
async def test_open_leads_the_latest_touched_first(filled: Database, reach: Reach, expected: list[int]) -> None:
    async with filled.read() as session:
        uow = UnitOfWork(session)
        assert [lead.id for lead, _ in await uow.leads.open_in(reach, 10)] == expected
        assert [lead.id for lead, _ in await uow.leads.open_in(reach, 2)] == expected[:2]


@pytest.mark.parametrize(
    ("reach", "expected"),
    [
        (Reach(WANG, [], False), [6, 5, 1, 4, 7]),
        (Reach(WANG, [OURS], False), [2, 6, 5, 1, 4, 7]),
        (Reach(LI, [], False), [2, 4]),
        (Reach(LI, [], True), [3, 2, 6, 5, 1, 4, 7]),
    ],
)
async def test_customers_the_latest_touched_first_then_the_newest(
    filled: Database, reach: Reach, expected: list[int]
) -> None:
    async with filled.read() as session:
        uow = UnitOfWork(session)
        assert [customer.id for customer in await uow.customers.latest_touched(reach, 10)] == expected
        visible = {row[0] for row in await uow.customers.names(reach.customers())}
        assert visible == set(expected)
