"""Imports: all or nothing, the same file twice changes nothing, and an export goes in as it came out."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from time import process_time
from typing import Any

import pytest
from sqlalchemy import func, select

from sales.exchange import service
from storage.crm import Alert, AuditEntry, Contact, Customer, Lead, Opportunity, Step
from storage.db import Database
from storage.people import Identity, Team, User
from storage.spine import Conversation
from storage.tables import Base
from storage.uow import UnitOfWork
from tests.exchange.conftest import NOW, Exchange, Rows

USERS: Rows = [
    ["姓名", "角色", "团队", "负责团队", "手机", "账号"],
    ["陈刚", "主管", "华东一组", "华东一组", "13800000001", "local:chen；wecom:ChenGang"],
    ["王磊", "销售", "华东一组", "", "13800000002", "local:wang"],
    ["李娜", "rep", "华东一组", "", "", ""],
]
CUSTOMERS: Rows = [
    ["客户名称", "简称", "负责人", "联系人"],
    ["华昌电子", "华昌；华昌厂", "王磊", "张工:13900000000；何经理"],
    ["恒瑞机械", "", "13800000002", ""],
    ["恒锐激光", "", "", ""],
]
LEADS: Rows = [
    ["客户", "负责人", "阶段", "来源"],
    ["华昌", "王磊", "需求确认", "展会"],
    ["恒瑞机械", "李娜", "first_contact", "官网"],
]
OPPORTUNITIES: Rows = [
    ["客户", "商机名称", "负责人", "金额", "阶段", "预计签约日"],
    ["华昌电子", "二期产线", "王磊", "50万", "方案演示", "2026-04-30"],
]
ORDERS: Rows = [["订单号", "客户", "金额", "签约日期"], ["HT-001", "华昌电子", "300000", "2026-02-01"]]
PAYMENTS: Rows = [
    ["回款号", "订单号", "金额", "回款日期"],
    ["HK-001", "HT-001", "100000", "2026-02-10"],
    ["HK-002", "HT-001", "-500.50", "2026-02-11"],
]
INTERACTIONS: Rows = [
    ["编号", "客户", "员工", "类型", "内容", "时间"],
    ["C1", "华昌电子", "王磊", "电话", "=聊了价格\n第二行", "2026-03-01 10:00"],
    ["", "恒瑞机械", "李娜", "拜访", "", "2026-03-02"],
]
ALL = {
    "users": USERS,
    "customers": CUSTOMERS,
    "leads": LEADS,
    "opportunities": OPPORTUNITIES,
    "orders": ORDERS,
    "payments": PAYMENTS,
    "interactions": INTERACTIONS,
}


async def fill(exchange: Exchange) -> None:
    for what, rows in ALL.items():
        assert await exchange.took(what, rows) == (len(rows) - 1, 0, 0)


async def one(db: Database, table: type[Any], **values: object) -> Any:
    async with db.read() as session:
        return (await session.scalars(select(table).filter_by(**values))).one()


async def counted(db: Database, table: type[Any]) -> int:
    async with db.read() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


async def test_everything_goes_in(exchange: Exchange, database: Database) -> None:
    await fill(exchange)
    wang, team = await one(database, User, name="王磊"), await one(database, Team, name="华东一组")
    chen = await one(database, User, name="陈刚")
    assert (wang.team_id, wang.role, wang.preferred, team.manager_id) == (team.id, "rep", "local", chen.id)
    assert (await one(database, Identity, platform="wecom", external_id="ChenGang")).user_id == chen.id
    customer = await one(database, Customer, name="华昌电子")
    assert (customer.aliases, customer.owner_id, customer.team_id) == (["华昌", "华昌厂"], wang.id, team.id)
    assert (await one(database, Contact, name="张工")).phone == "13900000000"
    assert (await one(database, Opportunity, title="二期产线")).amount == Decimal("500000.00")


async def test_a_new_open_lead_has_a_step_due_from_now(exchange: Exchange, database: Database) -> None:
    await fill(exchange)
    lead = await one(database, Lead, source="展会")
    step = await one(database, Step, lead_id=lead.id)
    assert (step.touchpoint, step.owner_id, step.state) == ("needs_confirmed", lead.owner_id, "open")
    assert step.due_at == NOW + timedelta(hours=72)


async def test_a_lead_that_is_won_has_no_step_left(exchange: Exchange, database: Database) -> None:
    await fill(exchange)
    won: Rows = [["客户", "阶段", "来源", "状态"], ["华昌", "签约准备", "展会", "赢单"]]
    assert await exchange.took("leads", won) == (0, 1, 0)
    lead = await one(database, Lead, source="展会")
    assert (await one(database, Step, lead_id=lead.id)).state == "cancelled"


async def test_the_same_file_again_changes_nothing(exchange: Exchange, database: Database) -> None:
    await fill(exchange)
    later = NOW + timedelta(days=3)
    for what, rows in ALL.items():
        assert await exchange.took(what, rows, later) == (0, 0, len(rows) - 1), what
    assert await counted(database, Contact) == 2


async def test_an_export_goes_in_again_and_changes_nothing(exchange: Exchange) -> None:
    await fill(exchange)
    for what in ALL:
        exported = await exchange.give(what)
        assert await exchange.took(what, exported) == (0, 0, len(exported) - 1), what


async def test_an_export_fills_an_empty_database_with_the_same(exchange: Exchange, database: Database) -> None:
    await fill(exchange)
    exported = {what: await exchange.give(what) for what in ALL}
    async with database.write() as session:
        for table in reversed(Base.metadata.sorted_tables):
            await session.execute(table.delete())
    for what, rows in exported.items():
        await exchange.took(what, rows, NOW + timedelta(days=1))
    assert {what: await exchange.give(what) for what in ALL} == exported


async def test_columns_that_are_absent_stay_and_empty_cells_empty(exchange: Exchange, database: Database) -> None:
    await fill(exchange)
    assert await exchange.took("customers", [["客户名称", "简称"], ["华昌电子", "华昌集团"]]) == (0, 1, 0)
    customer = await one(database, Customer, name="华昌电子")
    assert customer.aliases == ["华昌集团"]
    assert customer.owner_id is not None
    assert await exchange.took("customers", [["客户名称", "负责人"], ["华昌电子", ""]]) == (0, 1, 0)
    assert (await one(database, Customer, name="华昌电子")).owner_id is None


async def test_one_fault_and_nothing_is_imported(exchange: Exchange, database: Database) -> None:
    await exchange.took("users", USERS)
    rows: Rows = [
        ["客户名称", "负责人"],
        ["华昌电子", "王磊"],
        ["", "王磊"],
        ["恒瑞机械", "王二"],
        [None, None],
        ["华昌电子", ""],
    ]
    assert await exchange.refused("customers", rows) == [
        (3, "客户名称", "不能为空"),
        (4, "负责人", "没有这个员工，请先导入员工"),
    ]
    assert await exchange.refused("customers", [rows[0], rows[1], rows[5]]) == [(3, "客户名称", "与第 2 行重复")]
    assert await counted(database, Customer) == 0


@pytest.mark.parametrize(
    ("header", "problem"),
    [
        (["客户名称", "行业"], "不认识这一列"),
        (["客户名称", "客户"], "这一列重复了"),
        (["简称"], "缺少必需的列：客户名称"),
        ([], "缺少必需的列：客户名称"),
    ],
)
async def test_faults_of_the_header(exchange: Exchange, header: list[str], problem: str) -> None:
    faults = await exchange.refused("customers", [header, ["华昌电子"]])
    assert problem in faults[0][2]
    assert faults[0][0] == 1


async def test_english_headers_in_any_style(exchange: Exchange) -> None:
    await exchange.took("users", [["Name", "Role"], ["王磊", "rep"]])
    customers = [["Customer Name*", "ALIASES", "owner"], ["华昌电子", "华昌", "王磊"]]
    assert await exchange.took("customers", customers) == (1, 0, 0)
    await exchange.took("orders", [["order_number", "customer", "amount", "signed on"], ["1", "华昌", 5, "2026-01-01"]])
    assert (await exchange.give("orders"))[1][:2] == ["1", "华昌电子"]


async def test_cells_beside_the_table_are_not_lost_in_silence(exchange: Exchange) -> None:
    faults = await exchange.refused("customers", [["客户名称"], ["华昌电子", "备注"]])
    assert faults == [(2, "", "这一行的单元格比表头多")]


async def test_several_customers_of_one_short_name(exchange: Exchange) -> None:
    await exchange.took("customers", [["客户名称", "简称"], ["华昌电子", "华昌"], ["华昌股份", "华昌"]])
    faults = await exchange.refused("leads", [["客户", "阶段"], ["华昌", "首次接触"]])
    assert faults == [(2, "客户名称", "不止一个客户叫这个，请写全称")]


async def test_colleagues_of_one_name_are_told_apart_by_mobile(exchange: Exchange, database: Database) -> None:
    two: Rows = [["姓名", "手机"], ["王磊", "111"], ["王磊", "222"]]
    assert await exchange.took("users", two) == (2, 0, 0)
    assert await exchange.took("users", two) == (0, 0, 2)
    assert "同名员工有多个" in (await exchange.refused("customers", [["客户名称", "负责人"], ["甲", "王磊"]]))[0][2]
    assert await exchange.took("customers", [["客户名称", "负责人"], ["甲", "222"]]) == (1, 0, 0)
    second = await one(database, User, mobile="222")
    assert (await exchange.give("customers"))[1][2] == f"王磊#{second.id}"
    assert await exchange.refused("users", [["姓名", "角色"], ["王磊", "主管"]]) == [
        (2, "姓名", "系统里有 2 条与它相同，请填上手机")
    ]


async def test_an_account_belongs_to_one_person(exchange: Exchange) -> None:
    await exchange.took("users", USERS)
    taken: Rows = [["姓名", "账号"], ["李娜", "local:wang"]]
    assert await exchange.refused("users", taken) == [(2, "账号", "这个账号已属于另一位员工")]
    twice: Rows = [["姓名", "账号", "负责团队"], ["甲", "local:x", "组"], ["乙", "local:x", "组"]]
    assert {fault[1] for fault in await exchange.refused("users", twice)} == {"账号", "负责团队"}


async def test_two_leads_of_one_source_are_told_apart_by_their_creation(exchange: Exchange) -> None:
    await fill(exchange)
    header = ["客户", "阶段", "来源", "创建时间"]
    old: Rows = [header, ["恒锐激光", "首次接触", "展会", "2025-01-01"], ["恒锐激光", "首次接触", "展会", "2025-06-01"]]
    assert await exchange.took("leads", old) == (2, 0, 0)
    assert await exchange.took("leads", old) == (0, 0, 2)
    unclear: Rows = [header, ["恒锐激光", "方案演示", "展会", ""]]
    assert await exchange.refused("leads", unclear) == [(2, "来源", "系统里有 2 条与它相同，请填上创建时间")]


async def test_an_import_is_audited_without_contents(exchange: Exchange, database: Database) -> None:
    await exchange.took("users", USERS)
    await exchange.took("users", [["姓名", "角色"], ["李娜", "总监"]])
    async with database.read() as session:
        entries = (await session.scalars(select(AuditEntry).order_by(AuditEntry.id))).all()
    assert [entry.action for entry in entries] == ["import", "user.changed", "import"]
    assert entries[0].detail == {"sha256": "0" * 64, "created": 3, "updated": 0}
    assert await counted(database, Conversation) == 0


async def test_a_lead_is_found_by_its_customer_when_the_file_names_no_source(exchange: Exchange) -> None:
    await fill(exchange)
    assert await exchange.took("leads", [["客户", "阶段"], ["华昌电子", "方案演示"]]) == (0, 1, 0)


async def test_ten_thousand_rows_take_seconds(exchange: Exchange) -> None:
    header = ["客户名称", "简称", "联系人"]
    rows: Rows = [header, *([f"客户{n:05}", f"客{n}", f"张{n}:1380000{n:04}"] for n in range(10_000))]
    for expected in ((10_000, 0, 0), (0, 0, 10_000)):
        started = process_time()
        assert await exchange.took("customers", rows) == expected
        assert process_time() - started < 10


async def test_a_file_with_faults_keeps_nobody_waiting(
    exchange: Exchange, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "write", None)
    assert await exchange.refused("customers", [["客户名称"], ["甲"], ["甲"]]) == [(3, "客户名称", "与第 2 行重复")]
    assert await exchange.refused("users", [["姓名"], [""], ["王磊", "x"]]) != []


@pytest.mark.parametrize("times", [1, 5])
async def test_names_that_change_after_the_check_are_checked_again(
    exchange: Exchange, database: Database, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    """Chats go on while a file is checked: a customer that is made meanwhile is not made a second time."""
    made: list[str] = []
    planned = service._plan

    async def while_others_work(uow: UnitOfWork, *args: Any) -> Any:
        plan = await planned(uow, *args)
        if len(made) < min(times, service._TRIES):
            made.append(f"客户{len(made)}")
            async with database.write() as session:
                await UnitOfWork(session).customers.add(made[-1], None, None, NOW)
        return plan

    monkeypatch.setattr(service, "_plan", while_others_work)
    rows: Rows = [["客户名称", "简称"], *([f"客户{n}", f"简{n}"] for n in range(4))]
    assert await exchange.took("customers", rows) == (4 - len(made), len(made), 0)
    assert len(made) == min(times, service._TRIES)


async def test_an_import_makes_names_known(exchange: Exchange, database: Database) -> None:
    async def revisions() -> Any:
        async with database.read() as session:
            return await UnitOfWork(session).customers.revisions()

    seen = [await revisions()]
    for what in ("users", "customers", "leads", "orders"):
        await exchange.took(what, ALL[what])
        seen.append(await revisions())
    assert seen[1][1] != seen[0][1]
    assert (seen[2][0] != seen[1][0], seen[2][1] != seen[1][1]) == (True, True)
    assert seen[3][0] != seen[2][0]
    assert seen[4] == seen[3]


async def test_a_lead_that_ends_takes_its_alert_along(exchange: Exchange, database: Database) -> None:
    await fill(exchange)
    step = await one(database, Step, lead_id=(await one(database, Lead, source="展会")).id)
    async with database.write() as session:
        raised = await UnitOfWork(session).alerts.raise_once(
            "overdue_step", "s", NOW, user_id=None, team_id=None, step_id=step.id
        )
    assert raised is not None
    lost: Rows = [["客户", "阶段", "来源", "状态"], ["华昌", "签约准备", "展会", "丢单"]]
    assert await exchange.took("leads", lost) == (0, 1, 0)
    alert = await one(database, Alert, id=raised.id)
    assert (alert.state, alert.outcome, alert.closed_at) == ("closed", "线索已结束", NOW)
    assert (await one(database, Step, id=step.id)).done_at == NOW


async def test_rows_that_come_later_follow_those_that_were_imported(exchange: Exchange, database: Database) -> None:
    await fill(exchange)
    async with database.write() as session:
        made = await UnitOfWork(session).customers.add("新光源", None, None, NOW)
    assert made.id > (await one(database, Customer, name="恒锐激光")).id
