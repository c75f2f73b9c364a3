"""What is kept of a note, whom a name means, and what many names cost."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import date, datetime
from decimal import Decimal
from time import perf_counter
from zoneinfo import ZoneInfo

import pytest

from cards.actions import NoteConfirm, TodoDone
from intents.model import AmountKind, Intent, Owner, Record, Stage, Todo
from sales import records
from sales.colleagues import find_colleagues, within_reach
from sales.lexicons import lexicon_for
from sales.rights import scope_of
from storage.crm import Customer
from storage.people import Role, User
from storage.uow import UnitOfWork
from tests.handlers.conftest import WEDNESDAY, Office


def test_a_record_comes_back_as_it_was() -> None:
    due = datetime(2026, 3, 6, 15, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
    record = Record(
        Intent.FORECAST, "华昌电子", (), ("张总",), ("嫌价格高",),
        (Todo(Owner.US, "发报价", due, None, "小李", is_promise=True), Todo(Owner.CUSTOMER, "回传合同", None, None)),
        Stage.CLOSING_PREP, Decimal("500000.50"), AmountKind.DEAL, None, date(2026, 3, 31),
    )  # fmt: skip

    back = records.from_json(records.to_json(record))
    assert back == record
    assert back.todos[0].due is not None
    assert back.todos[0].due.hour == 15


def _people() -> list[User]:
    named = (("王磊", 1), ("李娜", 1), ("李建国", 1), ("周小平", 2), ("孙工", 1))
    return [
        User(id=number, name=name, role=Role.REP, team_id=team, created_at=WEDNESDAY)
        for number, (name, team) in enumerate(named, 1)
    ]


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("李娜", ["李娜"]),
        ("建国", ["李建国"]),
        ("小李", ["李娜", "李建国"]),
        ("小王", ["王磊"]),
        ("王经理", ["王磊"]),
        ("小赵", []),
        ("", []),
    ],
)
def test_a_colleague_is_found_as_people_say_it(said: str, meant: list[str]) -> None:
    assert [user.name for user in find_colleagues(said, _people())] == meant


def test_reps_of_other_teams_are_out_of_reach() -> None:
    me, *others = _people()
    others[0].role, others[0].team_id = Role.LEGAL, None
    assert [user.name for user in within_reach(me, [me, *others], None)] == ["李娜", "李建国", "孙工"]
    others[0].role = Role.MANAGER
    assert [user.name for user in within_reach(me, [me, *others], None)] == ["李建国", "孙工"]
    assert [user.name for user in within_reach(me, [me, *others], others[0].id)] == ["李娜", "李建国", "孙工"]


async def test_of_many_clicks_at_once_one_counts(office: Office) -> None:
    await office.says("wang", "答应华昌周五下午三点前把报价发给张总")
    [note], [todo] = await office.notes(), await office.todos()

    toasts = await asyncio.gather(*(office.clicks("wang", NoteConfirm(note.id)) for _ in range(8)))
    assert Counter(toasts) == {"已确认": 1, "这条记录已经确认过了。": 7}
    people = ("wang", "chen") * 4
    toasts = await asyncio.gather(*(office.clicks(who, TodoDone(todo.id)) for who in people))
    assert sum(toast.startswith("已完成：") for toast in toasts) == 1
    assert [promise.state for promise in await office.promises()] == ["kept"]


async def test_names_are_known_as_soon_as_they_change(office: Office) -> None:
    await office.says("wang", "/who 南山机电")
    async with office.db.write() as session:
        customer = await session.get(Customer, office.customers["华昌电子"])
        assert customer is not None
        customer.name = "南山机电"
    await office.says("wang", "/who 南山机电")

    first, second = await office.texts("wang")
    assert first.startswith("没有找到")
    assert second == "南山机电：王磊（华东）"


async def test_thousands_of_customers_are_indexed_once(office: Office) -> None:
    heads, tails = "甲乙丙丁戊己庚辛壬癸", ("精密", "光学", "电气", "化工", "纺织")
    names = [f"{a}{b}{c}{tail}" for a in heads for b in heads for c in heads[:4] for tail in tails]
    async with office.db.write() as session:
        owner = office.ids["wang"]
        session.add_all(Customer(name=name, aliases=[], owner_id=owner, created_at=office.now) for name in names)
    async with office.db.read() as session:
        uow = UnitOfWork(session)
        user = await uow.users.get(office.ids["wang"])
        assert user is not None
        first = await lexicon_for(uow, user, scope_of(user, ()))
        began = perf_counter()
        again = await lexicon_for(uow, user, scope_of(user, ()))
        took = perf_counter() - began
    assert again is first
    assert len(first.customers) == len(names) + 4
    assert took < 0.1
