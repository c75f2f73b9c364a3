"""The seven sheets: their columns, what a row is known by, and what each column refers to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sales.exchange.fields import Amount, Choice, Day, Flag, Kind, Moment, Text
from sales.exchange.lists import Accounts, Contacts, Names
from storage.crm import Customer, Interaction, Lead, Opportunity, Order, Payment
from storage.people import Role, User


class Ref(StrEnum):
    """What a cell names that is on file elsewhere."""

    CUSTOMER = "客户"
    PERSON = "员工"
    TEAM = "团队"
    ORDER = "订单"


@dataclass(frozen=True, slots=True)
class Column:
    """`key` is the attribute of the row it becomes; `title` the Chinese header; `names` other headers."""

    key: str
    title: str
    kind: Kind
    names: tuple[str, ...] = ()
    required: bool = False
    refers: Ref | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """`keys`: what a row is known by, the strongest first; `tie`: the column that tells equals apart."""

    what: str
    title: str
    table: type[Any]
    keys: tuple[tuple[str, ...], ...]
    columns: tuple[Column, ...]
    tie: str | None = None


ROLES: Mapping[str, str] = {
    Role.REP: "销售",
    Role.MANAGER: "主管",
    Role.DIRECTOR: "总监",
    Role.DELIVERY: "交付",
    Role.DELIVERY_DIRECTOR: "交付总监",
    Role.LEGAL: "法务",
    Role.FINANCE: "财务",
    Role.HR: "人事",
    Role.ADMIN: "管理员",
}
STAGES = {
    "first_contact": "首次接触",
    "needs_confirmed": "需求确认",
    "solution_demo": "方案演示",
    "objection_handling": "异议处理",
    "closing_prep": "签约准备",
}
STATES = {"open": "进行中", "won": "赢单", "lost": "丢单"}
CONTACTS = {"note": "跟进记录", "voice": "语音", "message": "消息", "call": "电话", "visit": "拜访", "view": "查看资料"}

_NAME = Text(100)
_MADE = Column("created_at", "创建时间", Moment(), ("创建日期", "created"))
_OWNER = Column("owner_id", "负责人", _NAME, ("所有人", "销售", "owner"), refers=Ref.PERSON)
_TEAM = Column("team_id", "团队", _NAME, ("所属团队", "team"), refers=Ref.TEAM)
_CUSTOMER = Column(
    "customer_id", "客户名称", Text(200), ("客户", "公司", "customer", "customer_name"),
    required=True, refers=Ref.CUSTOMER,
)  # fmt: skip
_STAGE = Column("stage", "阶段", Choice(STAGES), ("触点",), required=True)
_STATE = Column("state", "状态", Choice(STATES), ("status",))

USERS = Sheet(
    "users", "员工", User, (("mobile",), ("name",)),
    (
        Column("name", "姓名", _NAME, ("员工", "名字"), required=True),
        Column("role", "角色", Choice(ROLES), ("岗位",)),
        Column("team", "团队", _NAME, ("所属团队", "部门", "team")),
        Column("manages", "负责团队", Names(100), ("主管的团队",)),
        Column("mobile", "手机", Text(30), ("手机号", "电话", "phone")),
        Column("accounts", "账号", Accounts(221), ("平台账号",)),
        Column("active", "在职", Flag()),
        _MADE,
    ),
)  # fmt: skip
CUSTOMERS = Sheet(
    "customers", "客户", Customer, (("name",),),
    (
        Column("name", "客户名称", Text(200), ("客户", "公司", "公司名称", "customer", "customer_name"), required=True),
        Column("aliases", "简称", Names(200), ("别名", "alias")),
        _OWNER,
        _TEAM,
        Column("contacts", "联系人", Contacts(141), ("contact",)),
        _MADE,
    ),
)  # fmt: skip
LEADS = Sheet(
    "leads", "线索", Lead, (("customer_id", "source"),),
    (
        _CUSTOMER, _OWNER, _TEAM, _STAGE, _STATE,
        Column("source", "来源", Text(50), ("线索来源",)),
        _MADE,
        Column("touched_at", "最近跟进", Moment(), ("最近跟进时间", "touched")),
    ),
    tie="created_at",
)  # fmt: skip
OPPORTUNITIES = Sheet(
    "opportunities", "商机", Opportunity, (("customer_id", "title"),),
    (
        _CUSTOMER,
        Column("title", "商机名称", Text(200), ("商机", "标题", "opportunity"), required=True),
        _OWNER,
        Column("amount", "金额", Amount(), ("金额（元）",)),
        _STAGE, _STATE,
        Column("close_on", "预计签约日", Day(), ("预计签约日期", "预计成交日期", "close_date", "close")),
        _MADE,
    ),
    tie="created_at",
)  # fmt: skip
ORDERS = Sheet(
    "orders", "订单", Order, (("number",),),
    (
        Column("number", "订单号", Text(60), ("订单编号", "合同号", "order", "order_number"), required=True),
        _CUSTOMER,
        Column("amount", "金额", Amount(), ("订单金额", "金额（元）"), required=True),
        Column("signed_on", "签约日期", Day(), ("签约日", "签订日期", "signed"), required=True),
    ),
)  # fmt: skip
PAYMENTS = Sheet(
    "payments", "回款", Payment, (("number",),),
    (
        Column("number", "回款号", Text(60), ("流水号", "回款编号", "payment", "payment_number"), required=True),
        Column(
            "order_id", "订单号", Text(60), ("订单编号", "合同号", "order", "order_number"),
            required=True, refers=Ref.ORDER,
        ),
        Column("amount", "金额", Amount(negative=True), ("回款金额", "金额（元）"), required=True),
        Column("paid_on", "回款日期", Day(), ("回款日", "到账日期", "paid"), required=True),
    ),
)  # fmt: skip
INTERACTIONS = Sheet(
    "interactions", "互动", Interaction, (("key",), ("customer_id", "at", "kind", "user_id", "summary")),
    (
        Column("key", "编号", Text(100), ("互动编号",)),
        _CUSTOMER,
        Column("user_id", "员工", _NAME, ("负责人", "跟进人", "user", "owner"), refers=Ref.PERSON),
        Column("kind", "类型", Choice(CONTACTS, open_ended=True), ("方式", "type"), required=True),
        Column("summary", "内容", Text(20_000, lines=True), ("摘要", "备注")),
        Column("at", "时间", Moment(), ("跟进时间", "日期", "date"), required=True),
    ),
)  # fmt: skip

SHEETS = {
    sheet.what: sheet for sheet in (USERS, CUSTOMERS, LEADS, OPPORTUNITIES, ORDERS, PAYMENTS, INTERACTIONS)
}
