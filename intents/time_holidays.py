"""Times that hang on a holiday: 国庆之前, 节后第一个工作日, 年前, 五一回来以后."""

from __future__ import annotations

import re
from datetime import date

from intents.calendar import statutory_holidays
from intents.numerals import parse_int
from intents.patterns import one_of
from intents.time_pieces import Context, Day

_PUBLIC = {
    "元旦": "元旦", "春节": "春节", "过年": "春节", "大年初一": "春节", "除夕": "除夕", "年三十": "除夕",
    "清明": "清明", "五一": "五一", "劳动节": "五一", "端午": "端午", "中秋": "中秋", "国庆": "国庆", "十一": "国庆",
}  # fmt: skip
_OTHER = {
    "情人节": (2, 14), "妇女节": (3, 8), "三八节": (3, 8), "植树节": (3, 12), "愚人节": (4, 1), "青年节": (5, 4),
    "儿童节": (6, 1), "六一": (6, 1), "618": (6, 18), "建党节": (7, 1), "建军节": (8, 1), "教师节": (9, 10),
    "双十一": (11, 11), "双11": (11, 11), "双十二": (12, 12), "双12": (12, 12), "平安夜": (12, 24), "圣诞": (12, 25),
}  # fmt: skip
_BEFORE = r"(?:前夕|放假之?前|放假以前|之前|以前|前)"
_BACK = r"(?:放假|假期|长假|小长假)?(?:回来|收假|结束|上班|放完|休完)(?:之后|以后|后)?"
_AFTERWARDS = rf"(?:{_BACK}|之后|以后|过后|(?<!之|以|过)后)"
_NTH_NUMBER = "[一二三四五六七八九十\\d]{1,2}"
_OPENING_DAY = one_of("头一个工作日 首个工作日 上班第一天 第一天上班 第一天")
_NAMES = one_of(" ".join(sorted(({*_PUBLIC, *_OTHER}) - {"十一"}, key=len, reverse=True)))
# 十一 is a holiday only where something about holidays follows: it is a number else.
_ELEVEN = r"十一(?=假期|长假|放假|黄金周|节|之前|以前|前|之后|以后|后|回来|期间)"
_NO_COUNT_BEFORE = r"(?<![一二三四五六七八九十百千万\d第])"
_NO_YEARS_BEFORE = r"(?<![一二两三四五六七八九十半几多\d今明去])"


def _nth(suffix: str) -> str:
    """第一个工作日 and the like; the groups are named n and first, with `suffix`."""
    return rf"的?(?:,)?(?:第(?P<n{suffix}>{_NTH_NUMBER})个?(?:工作日|天上班)|(?P<first{suffix}>{_OPENING_DAY}))"


HOLIDAY_PATTERN = (
    rf"(?P<over>过了|过完)?(?P<year>今年|明年)?的?{_NO_COUNT_BEFORE}(?P<name>{_NAMES}|{_ELEVEN})节?"
    rf"(?:小长假|假期|长假|黄金周|放假)?(?P<relation>{_BEFORE}|{_AFTERWARDS}(?:{_nth('')})?)?"
    rf"|(?:(?P<before>节前|{_NO_YEARS_BEFORE}年前|(?:放假|假期)之?前)"
    rf"|(?P<after>节后|{_NO_YEARS_BEFORE}年后|过完[年节](?:以后|之后|后)?"
    rf"|(?:假期|收假|放假回来|放完假)(?:之后|以后|后)))(?:{_nth('_b')})?"
)


def holiday(found: re.Match[str]) -> Day | None:
    """The date that a match of `HOLIDAY_PATTERN` means."""
    count = parse_int(found["n"] or found["n_b"] or "") or 1
    if found["before"]:
        base = _new_year if found["before"] == "年前" else _next_public_holiday
        return Day(lambda ctx: _workday_before(ctx, base(ctx)))
    if found["after"]:
        base = _last_new_year if found["after"] in ("年后", "过完年") else _holiday_going_on
        return Day(lambda ctx: _workday_after(ctx, base(ctx), count), after=True)
    return _named(found, count)


def _named(found: re.Match[str], count: int) -> Day:
    name, relation = found["name"], found["relation"] or ""
    years = 1 if found["year"] == "明年" else 0
    if not relation and not found["over"]:
        return Day(lambda ctx: _occurrence(ctx, name, years))
    if re.match(_BEFORE, relation):
        return Day(lambda ctx: _workday_before(ctx, _occurrence(ctx, name, years)))
    return Day(lambda ctx: _workday_after(ctx, _occurrence(ctx, name, years, running=True), count), after=True)


def _day_in(year: int, name: str) -> date | None:
    if name in _OTHER:
        return date(year, *_OTHER[name])
    return statutory_holidays(year).get(_PUBLIC[name])


def _occurrence(ctx: Context, name: str, years: int, *, running: bool = False) -> date | None:
    """The next such holiday; with `running` also one whose days off have not ended yet."""
    first = ctx.today.year + years
    options = [day for year in (first, first + 1) if (day := _day_in(year, name))]
    for day in options:
        if day >= ctx.today or years or (running and ctx.calendar.next_workday(day) >= ctx.today):
            return day
    return options[-1] if options else None


def _upcoming(ctx: Context) -> list[date]:
    years = (ctx.today.year, ctx.today.year + 1)
    days = {day for year in years for name, day in statutory_holidays(year).items() if name != "春节"}
    return sorted(days)


def _next_public_holiday(ctx: Context) -> date | None:
    return next((day for day in _upcoming(ctx) if day > ctx.today), None)


def _holiday_going_on(ctx: Context) -> date | None:
    """The holiday whose days off are running, else the next one."""
    return next((day for day in _upcoming(ctx) if ctx.calendar.next_workday(day) > ctx.today), None)


def _new_year(ctx: Context) -> date | None:
    return _occurrence(ctx, "除夕", 0)


def _last_new_year(ctx: Context) -> date | None:
    return _occurrence(ctx, "春节", 0, running=True)


def _workday_before(ctx: Context, day: date | None) -> date | None:
    return ctx.calendar.previous_workday(day) if day else None


def _workday_after(ctx: Context, day: date | None, count: int) -> date | None:
    return ctx.calendar.nth_workday(day, count) if day else None
