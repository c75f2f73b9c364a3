"""The demo's data: everybody the docs name is there, and something of every kind is about to happen."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from demo.cast import GROUP_ID
from demo.seed import seed
from sales.hotleads import fastest
from storage.crm import Commitment, Customer, Todo
from storage.db import Database
from storage.people import Role, User
from storage.tables import Base
from storage.uow import UnitOfWork

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 3, 5, 9, 0, tzinfo=ZONE)


async def counts(db: Database) -> dict[str, int]:
    async with db.read() as session:
        return {
            table.name: await session.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
        }


@pytest.fixture
async def stage(database: Database) -> Database:
    async with database.write() as session:
        await seed(UnitOfWork(session), NOW)
    return database


async def test_a_second_start_adds_nothing(stage: Database) -> None:
    before = await counts(stage)
    async with stage.write() as session:
        await seed(UnitOfWork(session), NOW + timedelta(days=1))
    assert await counts(stage) == before
    assert before["customers"] >= 15


async def test_everybody_is_there_with_their_role(stage: Database) -> None:
    roles = {
        "wang": Role.REP, "li": Role.REP, "xu": Role.REP, "chen": Role.MANAGER, "zhao": Role.DIRECTOR,
        "sun": Role.DELIVERY, "qian": Role.DELIVERY_DIRECTOR, "zhou": Role.LEGAL, "wu": Role.FINANCE,
        "zheng": Role.HR, "admin": Role.ADMIN,
    }  # fmt: skip
    async with stage.read() as session:
        users = UnitOfWork(session).users
        for external_id, role in roles.items():
            user = await users.by_identity("local", external_id)
            assert user is not None, external_id
            assert user.role == role
        wang, chen = await users.by_identity("local", "wang"), await users.by_identity("local", "chen")
        assert wang is not None
        assert chen is not None
        assert wang.team_id in await users.managed_teams(chen.id)


async def test_the_group_has_its_guests_and_a_fastest_rep(stage: Database) -> None:
    async with stage.write() as session:
        uow = UnitOfWork(session)
        group = await uow.groups.of_chat("local", GROUP_ID)
        reps = await uow.groups.rep_members(group.id)
        quickest = fastest(reps, await uow.groups.last_responses(reps, 3), ())
        wang = await uow.users.by_identity("local", "wang")
        assert wang is not None
        assert len(reps) == 3
        assert quickest == wang.id
        assert await uow.groups.first_unanswered(group.id) is None


async def test_one_step_is_overdue_an_hour_after_the_start(stage: Database) -> None:
    async with stage.write() as session:
        steps = UnitOfWork(session).steps
        assert await steps.take_overdue(NOW + timedelta(minutes=59), NOW, 10) == []
        assert len(await steps.take_overdue(NOW + timedelta(hours=1), NOW, 10)) == 1


@pytest.mark.parametrize("hour", [0, 8, 16, 17, 18, 21, 23])
async def test_a_promise_is_due_today_at_whatever_hour_it_starts(database: Database, hour: int) -> None:
    now = NOW.replace(hour=hour, minute=40)
    async with database.write() as session:
        await seed(UnitOfWork(session), now)
    async with database.read() as session:
        promise = (await session.scalars(select(Commitment))).one()
    assert promise.due_at > now
    assert promise.due_at.astimezone(ZONE).date() == now.date()


async def test_each_rep_has_work_on_customers_of_their_own(stage: Database) -> None:
    async with stage.read() as session:
        wanted: Any = (
            select(User.name, func.count())
            .join(Todo, Todo.assignee_id == User.id)
            .join(Customer, Customer.id == Todo.customer_id)
            .where(User.role == Role.REP, Customer.owner_id == User.id, Todo.due_at > NOW)
            .group_by(User.name)
        )
        assert {name: number >= 1 for name, number in await session.execute(wanted)} == dict.fromkeys(
            ("王磊", "李娜", "徐静", "马超"), True
        )
