"""The demo's customers, and where each of them stands. Everything is invented."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Deal:
    """An opportunity: its title, yuan, and in how many days the signature is expected."""

    title: str
    yuan: int
    days: int


@dataclass(frozen=True, slots=True)
class Account:
    """`owner` and `contacts` (name, phone); the lead's `stage` and how many hours from now its step is due.

    `past`: what happened (kind, hours ago, summary), the latest first. `state` of the lead: open, won, lost.
    """

    name: str
    owner: str
    stage: str
    due: float
    source: str
    contacts: tuple[tuple[str, str | None], ...] = ()
    aliases: tuple[str, ...] = ()
    deal: Deal | None = None
    past: tuple[tuple[str, float, str], ...] = ()
    state: str = "open"


ACCOUNTS = (
    Account(
        "华昌电子", "wang", "needs_confirmed", 47, "展会",
        (("张工", "13700000101"), ("何经理", "13700000102")), ("华昌", "苏州华昌电子有限公司"),
        Deal("二期产线检测设备", 580_000, 24),
        (("visit", 50, "去厂里看了二期产线，节拍要 12 秒以内"), ("call", 122, "张工说样品下周测试")),
    ),
    Account(
        "恒瑞机械", "wang", "needs_confirmed", 1, "官网", (("刘总", "13700000103"), ("小周", None)), ("恒瑞",),
        Deal("数控改造", 320_000, 40), (("call", 70, "刘总想看演示，约在他们车间"),),
    ),
    Account(
        "蓝海物流", "wang", "solution_demo", 29, "转介绍", (("孟主管", "13700000104"),), (),
        Deal("分拣线一期", 1_250_000, 55), (("visit", 26, "演示做完，对扫码速度满意，担心售后"),),
    ),
    Account(
        "鼎盛包装", "wang", "closing_prep", 75, "老客户", (("范经理", "13700000105"),), ("鼎盛",),
        Deal("贴标机 6 台", 210_000, 8), (("message", 20, "范经理：合同法务在看，下周给回复"),),
    ),
    Account(
        "金桥医疗器械", "wang", "closing_prep", 0, "展会", (("卢工", None),), ("金桥",),
        Deal("洁净室传输线", 460_000, -6), (("visit", 150, "合同签了，首付款 30% 已到"),), "won",
    ),
    Account(
        "恒锐激光", "li", "solution_demo", 52, "展会", (("秦总", "13700000106"), ("林工", None)), ("恒锐",),
        Deal("切割头打样与批量", 760_000, 30), (("call", 5, "秦总要打样报告，答应尽快给"),),
    ),
    Account(
        "明远光电", "li", "objection_handling", 33, "官网", (("方总", "13700000107"),), ("明远",),
        Deal("点胶机 10 台", 390_000, 18), (("call", 28, "方总觉得比同行贵 8%，要再谈价格"),),
    ),
    Account(
        "瑞丰食品", "li", "first_contact", 20, "官网", (("贺经理", "13700000108"),), (), None,
        (("message", 9, "留言咨询装箱机，日产 3 万件"),),
    ),
    Account(
        "中科精密", "li", "needs_confirmed", 66, "转介绍", (("江博士", None),), (),
        Deal("量测平台", 890_000, 62), (("visit", 46, "江博士讲了精度要求，重复定位 2 微米"),),
    ),
    Account(
        "海川化工", "li", "objection_handling", 0, "电话", (("邹经理", None),), (),
        Deal("灌装线", 300_000, -12), (("call", 320, "预算砍了，今年不做"),), "lost",
    ),
    Account(
        "新悦汽配", "xu", "solution_demo", 44, "老客户", (("段总", "13700000109"), ("苗工", None)), ("新悦",),
        Deal("压装工作站", 680_000, 35), (("visit", 49, "方案讲完，段总要三个同类案例"),),
    ),
    Account(
        "凌云软件", "xu", "first_contact", 16, "展会", (("唐经理", "13700000110"),), (), None,
        (("message", 8, "展会上加的微信，对看板感兴趣"),),
    ),
    Account(
        "东方塑胶", "xu", "needs_confirmed", 58, "电话", (("白总", "13700000111"),), (),
        Deal("注塑机联网", 150_000, 45), (("call", 31, "白总想先连 5 台试试"),),
    ),
    Account(
        "天工模具", "xu", "closing_prep", 90, "转介绍", (("石总", "13700000112"),), (),
        Deal("模温机 20 台", 275_000, 12), (("visit", 25, "石总同意价格，等付款方式"),),
    ),
    Account(
        "华创电气", "ma", "solution_demo", 39, "展会", (("丁总", "13700000113"),), ("华创",),
        Deal("柜体装配线", 1_100_000, 50), (("visit", 30, "丁总带我们看了装配车间"),),
    ),
    Account(
        "北辰重工", "ma", "needs_confirmed", 61, "官网", (("雷工", None),), (),
        Deal("焊接工位", 520_000, 70), (("call", 40, "雷工要焊缝检测的资料"),),
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Task:
    """A to-do: whose, for whom, in how many hours it is due and rings. `owner` customer: they owe it to us."""

    who: str
    title: str
    customer: str
    hours: float
    owner: str = "us"


TASKS = (
    Task("wang", "给张工回电话，确认样品测试结果", "华昌电子", 0.25),
    Task("wang", "发分拣线报价单", "蓝海物流", 6),
    Task("wang", "催范经理的合同意见", "鼎盛包装", 26, "customer"),
    Task("li", "给方总做一版降本方案", "明远光电", 4),
    Task("li", "约江博士看量测样机", "中科精密", 28),
    Task("xu", "整理三个压装案例给段总", "新悦汽配", 3),
    Task("xu", "确认石总的付款方式", "天工模具", 25),
    Task("ma", "寄焊缝检测资料给雷工", "北辰重工", 5),
    Task("chen", "看一遍本周的签约准备", "鼎盛包装", 7),
)

PROMISE = Task("li", "今天内把打样报告发给秦总", "恒锐激光", 0)
"""Promised to the customer for today; the hour depends on when the demo starts."""
