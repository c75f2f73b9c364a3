"""Dates as they are said: 三月十五号, 下周三, 月底, 大后天. One handler for each pattern of `intents.time_atoms`."""

from __future__ import annotations

import re
from datetime import date, timedelta

from intents.numerals import parse_int, parse_spoken_digits
from intents.time_pieces import Context, Day, Granularity, NthWorkday, Piece, Resolver, add_months, month_end

SHIFTS = {"上上": -2, "上": -1, "前": -1, "这": 0, "本": 0, "今": 0, "当": 0, "下": 1, "下下": 2, "": 0, "次": 1}
_WEEKDAY_CHARS = ("一1", "二2", "三3", "四4", "五5", "六6", "日天7")
_WEEKDAYS = {char: index for index, chars in enumerate(_WEEKDAY_CHARS) for char in chars}
_YEAR_SHIFTS = {"去年": -1, "今年": 0, "本年": 0, "明年": 1, "后年": 2, "前年": -2}
_DAY_SHIFTS = {
    "大前天": -3, "前天": -2, "前日": -2, "前晚": -2, "昨天": -1, "昨日": -1, "昨儿": -1, "昨": -1, "今天": 0,
    "今日": 0, "今儿": 0, "今": 0, "今明两天": 1, "今明": 1, "明天": 1, "明日": 1, "明儿": 1, "明": 1, "明后两天": 2,
    "明后天": 2, "后天": 2, "后日": 2, "后": 2, "大后天": 3, "大大后天": 4,
}  # fmt: skip
_TAIL_DAYS = {"初": 1, "上旬": 10, "中": 15, "中旬": 20}
_YEAR_TAIL_MONTHS = {"上半年": 6, "年中": 6, "中": 6, "年初": 1, "初": 1}
_PAST_DAYS = timedelta(days=90)


def day_in(year: int, month: int, day: int) -> date | None:
    """The date, None if there is no such."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


# --- calendar dates ---------------------------------------------------------------------------------------------


def iso(found: re.Match[str]) -> Piece | None:
    """2026-03-06, 2026年3月6日."""
    day = day_in(int(found["y"]), int(found["m"]), int(found["d"]))
    return Day(lambda _: day) if day else None


def slash(found: re.Match[str]) -> Piece | None:
    """3/15, 03-15."""
    month, day = int(found["m"] or found["m_b"]), int(found["d"] or found["d_b"])
    return Day(lambda ctx: _nearest_year(ctx, month, day)) if day_in(2024, month, day) else None


def _nearest_year(ctx: Context, month: int, day: int) -> date | None:
    """Without a year: this one; the next if the day is more than three months gone."""
    this = day_in(ctx.today.year, month, day)
    if this is not None and this >= ctx.today - _PAST_DAYS:
        return this
    return next((found for year in range(1, 9) if (found := day_in(ctx.today.year + year, month, day))), None)


def _year_of(word: str | None, ctx: Context) -> int | None:
    if not word:
        return None
    shift = _YEAR_SHIFTS.get(word.removesuffix("的"))
    if shift is not None:
        return ctx.today.year + shift
    digits = parse_spoken_digits(word.rstrip("的年"))
    year = int(digits) if digits else ctx.today.year
    return year + 2000 if year < 100 else year


def _month_start(found: re.Match[str]) -> Resolver | None:
    """The first day of the month that the match names."""
    number, shift, year_word = found["m"], found["shift"], found["y"]
    if shift is not None:
        return lambda ctx: add_months(ctx.today.replace(day=1), SHIFTS[shift])
    month = parse_int(number) if number else None
    if month is None or not 1 <= month <= 12:
        return None

    def start(ctx: Context) -> date | None:
        year = _year_of(year_word, ctx)
        if year is not None:
            return day_in(year, month, 1)
        near = _nearest_year(ctx, month, month_end(ctx.today.year, month).day)
        return near.replace(day=1) if near else None

    return start


def month(found: re.Match[str]) -> Piece | None:
    """三月十五号, 下个月15日, 三月底, 明年三月, 下个月."""
    start = _month_start(found)
    if start is None:
        return None
    if found["d"]:
        return _month_day(found, start)
    tail = found["tail"]
    if tail in _TAIL_DAYS:
        return Day(lambda ctx: _with_day(start(ctx), _TAIL_DAYS[tail]), first=start)
    granularity = Granularity.DAY if tail else Granularity.MONTH
    return Day(lambda ctx: _end_of(start(ctx)), granularity, first=start)


def _month_day(found: re.Match[str], start: Resolver) -> Piece | None:
    day = parse_int(found["d"])
    if day is None or not 1 <= day <= 31:
        return None
    number = parse_int(found["m"]) if found["m"] else None
    if number and not found["y"]:
        return Day(lambda ctx: _nearest_year(ctx, number, day))
    return Day(lambda ctx: _with_day(start(ctx), day))


def _end_of(start: date | None) -> date | None:
    return month_end(start.year, start.month) if start else None


def _with_day(start: date | None, day: int) -> date | None:
    return day_in(start.year, start.month, day) if start else None


def day_of_month(found: re.Match[str]) -> Piece | None:
    """十五号: the next one."""
    day = parse_int(found["d0"] or found["d"])
    if day is None or not 1 <= day <= 31:
        return None
    number = day
    return Day(lambda ctx: _next_day_of_month(ctx, number))


def _next_day_of_month(ctx: Context, day: int) -> date | None:
    """From today on, or in the later month that was spoken of before: 九月十号开展，九号之前搭好."""
    first = max(ctx.today, ctx.anchor or ctx.today).replace(day=1)
    options = (_with_day(add_months(first, i), day) for i in range(13))
    return next((option for option in options if option and option >= ctx.today), None)


def month_edge(found: re.Match[str]) -> Piece:
    """月底, 月初, 中旬."""
    days = {"月初": 1, "月中": 15, "上旬": 10, "中旬": 20}
    day = days.get(found.group())
    if day is not None:
        return Day(lambda ctx: _roll_month(ctx, day))
    return Day(
        lambda ctx: month_end(ctx.today.year, ctx.today.month),
        first=lambda ctx: ctx.today.replace(day=1),
    )


def _roll_month(ctx: Context, day: int) -> date:
    this = ctx.today.replace(day=day)
    return this if this >= ctx.today else add_months(this, 1)


def quarter(found: re.Match[str]) -> Piece | None:
    """下季度, 三季度末, Q3."""
    word = found["q"] or found["q_b"]
    number = parse_int(word) if word else None
    shift = SHIFTS.get(found["shift"] or "", 0)

    def start(ctx: Context) -> date:
        if number is None:
            return add_months(date(ctx.today.year, (ctx.today.month - 1) // 3 * 3 + 1, 1), 3 * shift)
        year = _year_of(found["y"], ctx)
        begin = date(year or ctx.today.year, number * 3 - 2, 1)
        return begin if year or add_months(begin, 3) > ctx.today else add_months(begin, 12)

    return Day(lambda ctx: _end_of(add_months(start(ctx), 2)), Granularity.MONTH, first=start)


def year_edge(found: re.Match[str]) -> Piece:
    """年底, 明年初, 下半年."""
    word, number = found["y"], _YEAR_TAIL_MONTHS.get(found["tail"], 12)
    return Day(
        lambda ctx: month_end(_year_of(word, ctx) or ctx.today.year, number),
        Granularity.MONTH,
        first=lambda ctx: date(_year_of(word, ctx) or ctx.today.year, 1, 1),
    )


# --- weeks and days ---------------------------------------------------------------------------------------------


def _monday(ctx: Context, shift: int) -> date:
    return ctx.today + timedelta(days=7 * shift - ctx.today.weekday())


def weekday(found: re.Match[str]) -> Piece:
    """周三 (the next one), 下周三 (of the next week), 周末 (Saturday)."""
    qualifier, char = found["shift"], found["w"]
    index = 5 if char == "末" else _WEEKDAYS[char]
    if qualifier:
        shift = SHIFTS[qualifier]
        return Day(lambda ctx: _monday(ctx, shift) + timedelta(days=index))
    if char == "末":
        return Day(lambda ctx: max(_monday(ctx, 0) + timedelta(days=5), ctx.today))
    return Day(lambda ctx: ctx.today + timedelta(days=(index - ctx.today.weekday()) % 7), weekday=index)


def week(found: re.Match[str]) -> Piece:
    """下周 (its last working day), 下周初 (its first), 下周中 (Wednesday)."""
    shift = SHIFTS[found["shift"] or ""]
    if found["edge"] == "中":
        return Day(lambda ctx: _monday(ctx, shift) + timedelta(days=2))
    if found["edge"]:
        return Day(lambda ctx: ctx.calendar.first_workday_from(_monday(ctx, shift)))
    return Day(
        lambda ctx: ctx.calendar.last_workday_of_week(_monday(ctx, shift)),
        Granularity.WEEK,
        first=lambda ctx: _monday(ctx, shift),
    )


def relative_day(found: re.Match[str]) -> Piece:
    """明天, 大后天."""
    days = _DAY_SHIFTS[found.group()]
    return Day(lambda ctx: ctx.today + timedelta(days=days))


def same_day(found: re.Match[str]) -> Piece:
    """当天, 第二天: counted from the date that was named before."""
    shift = 0 if found.group() in ("当天", "当日", "当") else 1
    return Day(lambda ctx: (ctx.anchor or ctx.today) + timedelta(days=shift))


def nth_workday(found: re.Match[str]) -> Piece | None:
    """第一个工作日, 最后一个工作日."""
    if found["n"] is None:
        return NthWorkday(-1 if "后" in found.group() else 1)
    count = parse_int(found["n"])
    return NthWorkday(count) if count and count <= 60 else None
