"""Who plays in the demo. Everybody is invented."""

from __future__ import annotations

from dataclasses import dataclass

from storage.people import Role

EAST, NORTH, DELIVERY = "华东一组", "华北一组", "交付部"


@dataclass(frozen=True, slots=True)
class Actor:
    """`id` is the person's id on the local messenger."""

    id: str
    name: str
    role: Role
    team: str | None = None
    manages: str | None = None


ACTORS = (
    Actor("wang", "王磊", Role.REP, EAST),
    Actor("li", "李娜", Role.REP, EAST),
    Actor("xu", "徐静", Role.REP, EAST),
    Actor("chen", "陈刚", Role.MANAGER, EAST, EAST),
    Actor("ma", "马超", Role.REP, NORTH),
    Actor("gao", "高翔", Role.MANAGER, NORTH, NORTH),
    Actor("zhao", "赵敏", Role.DIRECTOR),
    Actor("sun", "孙涛", Role.DELIVERY, DELIVERY),
    Actor("qian", "钱峰", Role.DELIVERY_DIRECTOR, DELIVERY, DELIVERY),
    Actor("zhou", "周洁", Role.LEGAL),
    Actor("wu", "吴芳", Role.FINANCE),
    Actor("zheng", "郑丽", Role.HR),
    Actor("admin", "何帆", Role.ADMIN),
)

GROUP_ID, GROUP_TITLE, GROUP_CUSTOMER = "g_huachang", "华昌电子采购群", "华昌电子"
GROUP_REPS = ("wang", "li", "xu")
GROUP_GUESTS = (("ext_zhang", "张工"), ("ext_he", "何经理"))

RESPONSES = {"wang": (95, 140, 120), "li": (260, 310, 240), "xu": (420, 380, 600)}
"""Seconds each rep took for the last answers in the group: 王磊 is the fastest."""

CHATTER = (
    ("ext_zhang", 52.0, "上周的样品收到了，做工不错"),
    ("wang", 51.97, "太好了张工，测试有什么问题随时找我"),
    ("ext_he", 27.5, "二期产线下个月要开评审会了"),
    ("li", 27.4, "收到何经理，资料我们提前准备好"),
)
"""Lines of the group so far: who, how many hours ago, what."""
