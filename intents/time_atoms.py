"""The building stones of Chinese time expressions: one pattern and one meaning each.

`find_pieces` finds them in a text; `intents.times` puts neighbours together ("下周三" + "下午" + "三点").
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, time, timedelta

from intents.numerals import SMALL, parse_int, parse_spoken_digits
from intents.time_holidays import HOLIDAY_PATTERN, holiday
from intents.time_pieces import (
    Clock,
    Context,
    Day,
    Elapsed,
    Granularity,
    NthWorkday,
    Part,
    Piece,
    Resolver,
    Span,
    add_months,
    month_end,
)

PARTS = {
    "凌晨": Part("凌晨", time(6), time(5)),
    "早上": Part("早上", time(10), time(9)),
    "上午": Part("上午", time(12), time(9)),
    "中午": Part("中午", time(12), time(11)),
    "下午": Part("下午", time(18), time(14)),
    "傍晚": Part("傍晚", time(18), time(16)),
    "晚上": Part("晚上", time(21), time(19)),
    "下班前": Part("下班前", time(18), time(14)),
}
_PART_WORDS = {
    "凌晨": ("凌晨", "半夜"),
    "早上": ("一大清早", "大清早", "一大早", "一早", "清早", "清晨", "早晨", "早上", "早间", "大早", "早", "晨"),
    "上午": ("上午", "午前"),
    "中午": ("中午", "正午", "午间", "晌午"),
    "下午": ("下午", "午后"),
    "傍晚": ("傍晚", "黄昏"),
    "晚上": ("晚上", "晚间", "夜里", "夜晚", "深夜", "夜间", "晚"),
    "下班前": ("下班之前", "下班以前", "下班前", "收工前", "下班"),
}
_PART_OF = {word: PARTS[name] for name, words in _PART_WORDS.items() for word in words}
_DIGIT = "零〇一二两三四五六七八九十"
_WEEKDAYS = {char: index for index, chars in enumerate("一1 二2 三3 四4 五5 六6 日天7".split()) for char in chars}
_SHIFT = {"上上": -2, "上": -1, "前": -1, "这": 0, "本": 0, "今": 0, "当": 0, "下": 1, "下下": 2, "": 0, "次": 1}
_REL = {
    "大前天": -3, "前天": -2, "前日": -2, "前晚": -2, "昨天": -1, "昨日": -1, "昨儿": -1, "昨": -1, "今天": 0, "今日": 0,
    "今儿": 0, "今": 0, "今明两天": 1, "今明": 1, "明天": 1, "明日": 1, "明儿": 1, "明": 1, "明后两天": 2, "明后天": 2,
    "后天": 2, "后日": 2, "后": 2, "大后天": 3, "大大后天": 4,
}  # fmt: skip
_UNIT_MINUTES = {"小时": 60, "钟头": 60, "分钟": 1, "分": 1, "刻钟": 15, "秒": 0, "秒钟": 0}
_ARABIC_WEEK = r"[一二三四五六日天1-7]"
_SHIFT_WEEK = r"(?:上上|上|这|本|下下|下|今)"
_WEEK = r"(?:周|星期|礼拜)"
_AFTER = r"(?:之内|以内|内|之后|以后|过后|后|里)"
_QTY = rf"(?:\d+(?:\.\d+)?(?:[-~到至]\d+)?|{SMALL}(?:[-~到至或]{SMALL})?|半|几)"
_UNIT = r"(?:个?半?小时半?|个?半?钟头|刻钟|分钟|秒钟?|天半?|日|个?工作日|个?自然日|个?半?星期|周半?|个?半?礼拜|个半?月|月|个?季度|年半?)"


# --- dates -----------------------------------------------------------------------------------------------------


def _safe(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _iso(found: re.Match[str]) -> Piece | None:
    day = _safe(int(found["y"]), int(found["m"]), int(found["d"]))
    return Day(lambda _: day) if day else None


def _slash(found: re.Match[str]) -> Piece | None:
    month, day = int(found["m"]), int(found["d"])
    return Day(lambda ctx: _nearest_year(ctx, month, day)) if _safe(2024, month, day) else None


def _nearest_year(ctx: Context, month: int, day: int) -> date | None:
    """Without a year: this one; the next if the day is more than three months gone."""
    this = _safe(ctx.today.year, month, day)
    if this is not None and this >= ctx.today - timedelta(days=90):
        return this
    return next((found for year in range(1, 9) if (found := _safe(ctx.today.year + year, month, day))), None)


def _year_of(word: str | None, ctx: Context) -> int | None:
    if not word:
        return None
    shift = {"去年": -1, "今年": 0, "本年": 0, "明年": 1, "后年": 2, "前年": -2}.get(word)
    if shift is not None:
        return ctx.today.year + shift
    digits = parse_spoken_digits(word.rstrip("年"))
    year = int(digits) if digits else ctx.today.year
    return year + 2000 if year < 100 else year


def _month_start(found: re.Match[str]) -> Resolver | None:
    """The first day of the month that the match names."""
    number, shift, year_word = found["m"], found["shift"], found["y"]
    if shift is not None:
        return lambda ctx: add_months(ctx.today.replace(day=1), _SHIFT[shift])
    month = parse_int(number) if number else None
    if month is None or not 1 <= month <= 12:
        return None

    def start(ctx: Context) -> date | None:
        year = _year_of(year_word, ctx)
        if year is not None:
            return _safe(year, month, 1)
        near = _nearest_year(ctx, month, month_end(ctx.today.year, month).day)
        return near.replace(day=1) if near else None

    return start


def _month(found: re.Match[str]) -> Piece | None:
    """三月十五号, 下个月15日, 三月底, 明年三月, 下个月."""
    start = _month_start(found)
    if start is None:
        return None
    if found["d"]:
        return _month_day(found, start)
    tail = found["tail"] or ""
    last = lambda ctx: _end_of(start(ctx))  # noqa: E731
    if not tail:
        return Day(last, Granularity.MONTH, first=start)
    days = {"初": 1, "上旬": 10, "中": 15, "中旬": 20}
    if tail in days:
        return Day(lambda ctx: _with_day(start(ctx), days[tail]), first=start)
    return Day(last, first=start)


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
    return _safe(start.year, start.month, day) if start else None


def _day_of_month(found: re.Match[str]) -> Piece | None:
    day = parse_int(found["d0"] or found["d"])
    if day is None or not 1 <= day <= 31:
        return None
    number = day
    return Day(lambda ctx: _next_day_of_month(ctx, number))


def _next_day_of_month(ctx: Context, day: int) -> date | None:
    first = ctx.today.replace(day=1)
    options = (_with_day(add_months(first, i), day) for i in range(13))
    return next((option for option in options if option and option >= ctx.today), None)


def _month_edge(found: re.Match[str]) -> Piece:
    word = found.group()
    if word == "月初":
        return Day(lambda ctx: _roll_month(ctx, 1))
    if word == "月中":
        return Day(lambda ctx: _roll_month(ctx, 15))
    if word.endswith("旬"):
        return Day(lambda ctx: _roll_month(ctx, 10 if word == "上旬" else 20))
    return Day(lambda ctx: month_end(ctx.today.year, ctx.today.month), first=lambda ctx: ctx.today.replace(day=1))


def _roll_month(ctx: Context, day: int) -> date:
    this = ctx.today.replace(day=day)
    return this if this >= ctx.today else add_months(this, 1)


def _quarter(found: re.Match[str]) -> Piece | None:
    word = found["q"] or found["q_b"]
    number = parse_int(word) if word else None
    shift = _SHIFT.get(found["shift"] or "", 0)

    def start(ctx: Context) -> date:
        if number is None:
            return add_months(date(ctx.today.year, (ctx.today.month - 1) // 3 * 3 + 1, 1), 3 * shift)
        year = _year_of(found["y"], ctx)
        begin = date(year or ctx.today.year, number * 3 - 2, 1)
        return begin if year or add_months(begin, 3) > ctx.today else add_months(begin, 12)

    return Day(lambda ctx: _end_of(add_months(start(ctx), 2)), Granularity.MONTH, first=start)


def _year_edge(found: re.Match[str]) -> Piece:
    word, tail = found["y"], found["tail"]
    month = {"上半年": 6, "年中": 6, "年初": 1}.get(tail, 12)
    return Day(
        lambda ctx: month_end(_year_of(word, ctx) or ctx.today.year, month),
        Granularity.MONTH,
        first=lambda ctx: date(_year_of(word, ctx) or ctx.today.year, 1, 1),
    )


# --- weeks and days ---------------------------------------------------------------------------------------------


def _monday(ctx: Context, shift: int) -> date:
    return ctx.today + timedelta(days=7 * shift - ctx.today.weekday())


def _weekday(found: re.Match[str]) -> Piece:
    """周三 (the next one), 下周三 (of the next week), 周末 (Saturday)."""
    qualifier, char = found["shift"], found["w"]
    index = 5 if char == "末" else _WEEKDAYS[char]
    if qualifier:
        shift = _SHIFT[qualifier]
        return Day(lambda ctx: _monday(ctx, shift) + timedelta(days=index))
    if char == "末":
        return Day(lambda ctx: max(_monday(ctx, 0) + timedelta(days=5), ctx.today))
    return Day(lambda ctx: ctx.today + timedelta(days=(index - ctx.today.weekday()) % 7), weekday=index)


def _week(found: re.Match[str]) -> Piece:
    shift = _SHIFT[found["shift"] or ""]
    if found["edge"] == "中":
        return Day(lambda ctx: _monday(ctx, shift) + timedelta(days=2))
    if found["edge"]:
        return Day(lambda ctx: ctx.calendar.first_workday_from(_monday(ctx, shift)))
    return Day(
        lambda ctx: ctx.calendar.last_workday_of_week(_monday(ctx, shift)),
        Granularity.WEEK,
        first=lambda ctx: _monday(ctx, shift),
    )


def _relative_day(found: re.Match[str]) -> Piece:
    days = _REL[found.group()]
    return Day(lambda ctx: ctx.today + timedelta(days=days))


def _same_day(found: re.Match[str]) -> Piece:
    shift = 0 if found.group() in ("当天", "当日", "当") else 1
    return Day(lambda ctx: (ctx.anchor or ctx.today) + timedelta(days=shift))


# --- durations --------------------------------------------------------------------------------------------------


def _duration(found: re.Match[str]) -> Piece | None:
    """三天内, 两个半小时后, 五个工作日内, 半个月之内, 两天前 (past)."""
    unit, quantity = found["unit"] or found["unit_b"], _quantity(found["qty"] or found["qty_b"])
    if quantity is None:
        return None
    sign = -1 if found["ago"] else 1
    halves = 1 if "半" in unit else 0
    amount = 2 * quantity + halves
    unit = unit.replace("半", "").removeprefix("个")
    if abs(amount) > 20_000:
        return None
    return _span(unit, sign * amount)


def _quantity(text: str) -> float | None:
    if text == "半":
        return 0.5
    if text == "几":
        return 3
    last = re.split(r"[-~到至或]", text)[-1]
    if re.fullmatch(r"\d+\.\d+", last):
        return float(last)
    value = parse_int(last)
    if value is not None and len(last) == 2 and not last.isdigit() and all(char in _DIGIT[:-1] for char in last):
        return value % 10
    return value


def _span(unit: str, halves: float) -> Piece | None:
    """A duration of `halves` half units."""
    if unit in _UNIT_MINUTES:
        return Elapsed(int(halves * _UNIT_MINUTES[unit] / 2))
    if unit in ("天", "日", "自然日"):
        return Elapsed(int(halves * 12 * 60)) if halves in (1, -1) else Span(days=int(halves / 2 + 0.5 * (halves % 2)))
    if unit == "工作日":
        return Span(workdays=int(halves / 2 + 0.5 * (halves % 2)))
    if unit in ("周", "星期", "礼拜"):
        return Span(days=int(halves * 3.5 + 0.5))
    months = {"月": 1, "季度": 3, "年": 12}[unit]
    whole = int(halves * months)
    return Span(months=whole // 2, days=15 * (whole % 2))


def _nth_workday(found: re.Match[str]) -> Piece | None:
    if found["n"] is None:
        return NthWorkday(-1 if "后" in found.group() else 1)
    count = parse_int(found["n"])
    return NthWorkday(count) if count and count <= 60 else None


# --- time of day ------------------------------------------------------------------------------------------------


def _part(found: re.Match[str]) -> Piece:
    return _PART_OF[found.group()]


def _clock(found: re.Match[str]) -> Piece | None:
    hour = parse_int(found["h0"] or found["h"])
    if hour is None or hour > 24:
        return None
    if found["h0"]:
        return Clock(hour, 0, bare=False)
    minute, word = 0, found["min"] or ""
    if word in ("半", "一刻", "三刻"):
        minute = {"半": 30, "一刻": 15, "三刻": 45}[word]
    elif word not in ("", "整", "钟", "正"):
        value = parse_int(word.removesuffix("分").removesuffix("钟").removesuffix("分"))
        if value is None or value > 59:
            return None
        minute = value
    return Clock(hour, minute, bare=not word)


def _digital(found: re.Match[str]) -> Piece | None:
    hour, minute = int(found["h"]), int(found["min"])
    spoken = not found["h"].startswith("0")
    return Clock(hour, minute, bare=False, spoken=spoken) if hour <= 24 and minute < 60 else None


_YEAR = rf"(?:今年|明年|后年|去年|前年|本年|(?:20|19)?\d\d年|[{_DIGIT[:-1]}]{{2,4}}年)"
_NUM = rf"(?:\d{{1,2}}|廿[{_DIGIT[1:]}]?|[{_DIGIT[2:]}]{{1,3}})"
_NO_COUNT = r"(?![个天次家台套万千百元块年度%点日周十\d./:])"
_NOT_NUMBER = rf"(?<![{_DIGIT}\d.百千万第])"
_MINUTE = (
    r"(?:[0-5]\d|零[一二三四五六七八九]|[二三四五]?十[一二三四五六七八九]?)(?:分(?!钟))?"
    r"|[0-9](?:分(?!钟))|[一二三四五六七八九](?:分(?![钟之]))|半|一刻|三刻|整|钟|正"
)
_NOT_PLACE = r"(?![线楼机店门库车厂桌馆仓文标样院铺栋室柜井炉])"
_CLOCK_CONTEXT = r"(?<![有提第这那哪几之共说了个])"

# Where several begin at one place, the first in this order wins.
_ATOMS: dict[str, tuple[str, Callable[[re.Match[str]], Piece | None]]] = {
    "iso": (r"(?P<y>(?:19|20)\d\d)[-/.年](?P<m>\d{1,2})[-/.月](?P<d>\d{1,2})[日号]?(?!\d)", _iso),
    "digital": (r"(?<!\d)(?P<h>\d{1,2}):(?P<min>\d\d)(?!\d)(?::\d\d)?", _digital),
    "slash": (r"(?<![\d/.])(?P<m>\d{1,2})/(?P<d>\d{1,2})(?![\d/.%])", _slash),
    "duration": (
        rf"(?:{_NOT_NUMBER}(?P<qty>{_QTY})(?P<unit>{_UNIT})(?:的时间)?(?:{_AFTER}|(?P<ago>之前|以前|前)))"
        rf"|(?:(?<=再过)|(?<=过)|(?<=未来)|(?<=接下来)|(?<=最晚)|(?<=最迟)|(?<=不超过)|(?<=后))"
        rf"(?P<qty_b>{_QTY})(?P<unit_b>{_UNIT})(?![前])",
        _duration,
    ),
    "holiday": (HOLIDAY_PATTERN, holiday),
    "year_edge": (rf"(?P<y>{_YEAR})?的?(?P<tail>年底|年末|年内|年初|年中|上半年|下半年|(?<=年)[底末内初中])(?!了)", _year_edge),
    "quarter": (
        rf"(?P<shift>上|这|本|下)一?个?季度[末底]?|(?P<y>{_YEAR})?的?第?(?P<q>[一二三四1-4])季度[末底]?"
        r"|(?<![a-z])q(?P<q_b>[1-4])[末底]?|季度?[末底]",
        _quarter,
    ),
    "month": (
        rf"{_NOT_NUMBER}(?P<y>{_YEAR}的?)?(?:(?P<shift>上上|上|这|本|当|下下|下|次)一?个?月|(?P<m>{_NUM})月)份?的?"
        rf"(?:(?P<d>{_NUM})(?:[-~到至]{_NUM})?(?:日|号|{_NO_COUNT})|(?P<tail>上旬|中旬|下旬|月?底|末|初|中))?(?:之内|以内|内|里)?",
        _month,
    ),
    "month_edge": (r"(?<![\d个半])(?:月底|月末|月初|月中|上旬|中旬|下旬)(?!了)", _month_edge),
    "day_of_month": (
        rf"{_NOT_NUMBER}(?:(?P<d0>{_NUM})(?:号|日)?[-~到至])?(?P<d>{_NUM})(?:号|日(?![均本报用常程]))(?!了){_NOT_PLACE}",
        _day_of_month,
    ),
    "weekday": (
        rf"(?<!每)(?<!每个)(?:(?P<shift>{_SHIFT_WEEK})(?:一|个|一个)?)?{_WEEK}(?P<w>{_ARABIC_WEEK}(?<!一)|一(?![个次趟起家份直般定共些边致天]|下(?!午))|末)"
        r"(?![天年期]|个月)",
        _weekday,
    ),
    "week": (
        rf"(?<!每)(?<![一二两三四五六七八九十\d几])(?:(?P<shift>{_SHIFT_WEEK})(?:一|个|一个)?{_WEEK}(?:之内|以内|内|里)?|周内)(?P<edge>初|一开始|中(?!午))?",
        _week,
    ),
    "relative_day": (
        r"今明两天|今明(?=[,，前之])|明后两天|明后天|大大后天|大后天|(?<![之以然最天周月年会])后[天日](?!成|津)|大前天|(?<![目之以先此])前[天日](?!成|津)|昨[天日儿]"
        r"|今[天日儿](?!头条)|明[天日儿]|[今明昨](?=[早晚晨]|上午|中午|下午|傍晚)|(?<![之以然最天周月年会])后(?=早上|上午|晚上|下午)",
        _relative_day,
    ),
    "same_day": (r"当[天日](?!成)|当(?=晚)|次日|第二天|隔天|隔日|转天", _same_day),
    "nth_workday": (rf"的?(?:第(?P<n>{_NUM})|最后一?|头一?|首)个?工作日", _nth_workday),
    "part": (
        r"一大清早|大清早|一大早|一早|清早|清晨|凌晨|半夜|(?:早上|上午|下午|晚上|中午|傍晚)(?!好)|早晨|早间|午前|午后|正午|午间|晌午|黄昏"
        r"|晚间|夜里|夜晚|深夜|夜间|下班(?:之前|以前|前)?(?!后|了|以后)|收工前|早(?=(?:\d|[一二两三四五六七八九十])+点)"
        r"|晚(?=(?:\d|[一二两三四五六七八九十])+点)|(?<=[今明昨后前当天])[早晚晨](?!点)|(?<=[今明昨后前当])[早晚晨]",
        _part,
    ),
    "clock": (
        rf"{_NOT_NUMBER}(?:(?P<h0>{_NUM})点?[-~到至])?(?P<h>{_NUM})(?:点|时(?![间候代期刻效装段])|(?=钟前))(?P<min>{_MINUTE})?"
        r"(?!\d|[一二三四五六七八九](?!个(?!点)|家|位|起|定|直|到))(?:左右|来钟|多钟)?",
        _clock,
    ),
}
_PATTERNS = {name: (re.compile(pattern), handler) for name, (pattern, handler) in _ATOMS.items()}
_ANY = re.compile("|".join(re.sub(r"\(\?P<\w+>", "(?:", pattern) for pattern, _ in _ATOMS.values()))


def find_pieces(folded: str) -> Iterator[tuple[int, int, Piece]]:
    """The pieces of a folded text as (start, end, piece), left to right, not overlapping."""
    position = 0
    while found := _ANY.search(folded, position):
        best = _piece_at(folded, found.start())
        if best is None:
            position = found.start() + 1
            continue
        yield found.start(), best[0], best[1]
        position = max(best[0], found.start() + 1)


def _piece_at(folded: str, start: int) -> tuple[int, Piece] | None:
    for pattern, handler in _PATTERNS.values():
        found = pattern.match(folded, start)
        piece = handler(found) if found and found.group() else None
        if found and piece is not None:
            return found.end(), piece
    return None
