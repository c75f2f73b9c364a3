"""How times, money and the product's own terms are written on cards."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

EXPIRED = "这张卡片已失效，请以最新的卡片为准。"
HOW_TO_AMEND = "直接回复要改的内容，例如：不对，是周四"
STAGES = {
    "first_contact": "首次接触",
    "needs_confirmed": "需求确认",
    "solution_demo": "方案演示",
    "objection_handling": "异议处理",
    "closing_prep": "签约准备",
}
_WEEKDAYS = "一二三四五六日"


def when(at: datetime, now: datetime) -> str:
    """`周五 3月6日 18:00` in the zone of `now`."""
    local = at.astimezone(now.tzinfo)
    return f"{day(local.date(), now.date())} {local:%H:%M}"


def day(wanted: date, today: date) -> str:
    """`周五 3月6日`; today and tomorrow say so first, another year is named."""
    near = {0: "今天 ", 1: "明天 "}.get((wanted - today).days, "")
    year = f"{wanted.year}年" if wanted.year != today.year else ""
    return f"{near}周{_WEEKDAYS[wanted.weekday()]} {year}{wanted.month}月{wanted.day}日"


def soon(at: datetime, now: datetime) -> str:
    """`今天 18:00`, `明天 09:00`; other days as `when` writes them."""
    local = at.astimezone(now.tzinfo)
    near = {0: "今天", 1: "明天"}.get((local.date() - now.date()).days)
    return f"{near} {local:%H:%M}" if near else when(at, now)


def span(length: timedelta) -> str:
    """`15 分钟`, `3 小时`, `2 天 4 小时`: rounded down, at least a minute."""
    minutes = max(int(length.total_seconds() // 60), 1)
    days, hours = minutes // 1440, minutes // 60 % 24
    if days:
        return f"{days} 天" + (f" {hours} 小时" if hours else "")
    return f"{hours} 小时" if hours else f"{minutes} 分钟"


def yuan(amount: Decimal) -> str:
    """`50万元`, `1.25亿元`, `8,500元`."""
    for unit, name in ((Decimal(100_000_000), "亿元"), (Decimal(10_000), "万元")):
        if abs(amount) >= unit and amount % (unit / 100) == 0:
            return f"{(amount / unit).normalize():f}{name}"
    return f"{amount.normalize():,f}元"


def wan(amount: Decimal) -> str:
    """`80万元`, `0.85万元`, `12500万元`: one unit where sums are compared, rounded to two decimals."""
    rounded = (amount / 10_000).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return f"{rounded.normalize() + 0:f}万元"


def stage(code: str) -> str:
    """The Chinese name of a touchpoint."""
    return STAGES.get(code, code)
