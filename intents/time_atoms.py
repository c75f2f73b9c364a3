"""The building stones of Chinese time expressions: one pattern and one meaning each.

`find_pieces` finds them in a text; `intents.times` puts neighbours together ("下周三" + "下午" + "三点").
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import time

from intents import time_dates
from intents.numerals import SMALL, parse_int
from intents.patterns import one_of
from intents.time_holidays import HOLIDAY_PATTERN, holiday
from intents.time_pieces import Clock, Elapsed, Part, Piece, Span

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
    "凌晨": "凌晨 半夜",
    "早上": "一大清早 大清早 一大早 一早 清早 清晨 早晨 早上 早间 大早 早 晨",
    "上午": "上午 午前",
    "中午": "中午 正午 午间 晌午",
    "下午": "下午 午后",
    "傍晚": "傍晚 黄昏",
    "晚上": "晚上 晚间 夜里 夜晚 深夜 夜间 晚",
    "下班前": "下班之前 下班以前 下班前 收工前 下班",
}
_PART_OF = {word: PARTS[name] for name, words in _PART_WORDS.items() for word in words.split()}
_DIGIT = "零〇一二两三四五六七八九十"
_UNIT_MINUTES = {"小时": 60, "钟头": 60, "分钟": 1, "分": 1, "刻钟": 15, "秒": 0, "秒钟": 0}
_LONGEST = 20_000

# --- durations --------------------------------------------------------------------------------------------------


def _duration(found: re.Match[str]) -> Piece | None:
    """三天内, 两个半小时后, 五个工作日内, 半个月之内, 两天前 (past)."""
    unit, quantity = found["unit"] or found["unit_b"], _quantity(found["qty"] or found["qty_b"])
    if quantity is None or (unit == "日" and found["ago"]) or (unit == "年" and quantity > 100):
        return None
    sign = -1 if found["ago"] else 1
    halves = 1 if "半" in unit else 0
    amount = 2 * quantity + halves
    unit = unit.replace("半", "").removeprefix("个")
    return _span(unit, sign * amount) if abs(amount) <= _LONGEST else None


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
    whole_days = int(halves / 2 + 0.5 * (halves % 2))
    if unit in ("天", "日", "自然日"):
        return Elapsed(int(halves * 12 * 60)) if halves in (1, -1) else Span(days=whole_days)
    if unit == "工作日":
        return Span(workdays=whole_days)
    if unit in ("周", "星期", "礼拜"):
        return Span(days=int(halves * 3.5 + 0.5))
    months = {"月": 1, "季度": 3, "年": 12}[unit]
    whole = int(halves * months)
    return Span(months=whole // 2, days=15 * (whole % 2))


# --- time of day ------------------------------------------------------------------------------------------------


def _part(found: re.Match[str]) -> Piece:
    return _PART_OF[found.group()]


def _clock(found: re.Match[str]) -> Piece | None:
    hour = parse_int(found["h0"] or found["h"])
    if hour is None or hour > 24:
        return None
    if found["h0"]:
        return Clock(hour, 0, bare=False)
    word = found["min"] or ""
    minute = _minute(word)
    return None if minute is None else Clock(hour, minute, bare=not word)


def _minute(word: str) -> int | None:
    if word in ("", "整", "钟", "正"):
        return 0
    if word in ("半", "一刻", "三刻"):
        return {"半": 30, "一刻": 15, "三刻": 45}[word]
    value = parse_int(word.removesuffix("分").removesuffix("钟").removesuffix("分"))
    return value if value is not None and value <= 59 else None


def _digital(found: re.Match[str]) -> Piece | None:
    hour, minute = int(found["h"]), int(found["min"])
    spoken = not found["h"].startswith("0")
    return Clock(hour, minute, bare=False, spoken=spoken) if hour <= 24 and minute < 60 else None


# --- the patterns -----------------------------------------------------------------------------------------------

_NOT_NUMBER = rf"(?<![{_DIGIT}\d.百千万第])"
_YEAR = rf"(?:今年|明年|后年|去年|前年|本年|(?:20|19)?\d\d年|[{_DIGIT[:-1]}]{{2,4}}年)"
_NUM = rf"(?:\d{{1,2}}|廿[{_DIGIT[1:]}]?|[{_DIGIT[2:]}]{{1,3}})"
_WITHIN = r"(?:之内|以内|内|里)?"

_ISO = r"(?P<y>(?:19|20)\d\d)[-/.年](?P<m>\d{1,2})[-/.月](?P<d>\d{1,2})[日号]?(?!\d)"
_SLASH = (
    r"(?<![\d/.])(?P<m>\d{1,2})/(?P<d>\d{1,2})(?![\d/.%])"
    r"|(?<![\d\-.])(?P<m_b>0[1-9]|1[0-2])-(?P<d_b>0[1-9]|[12]\d|3[01])(?![\d\-.])"
)
_DIGITAL = r"(?<!\d)(?P<h>\d{1,2}):(?P<min>\d\d)(?!\d)(?::\d\d)?"

_QTY = rf"(?:\d+(?:\.\d+)?(?:[-~到至]\d+)?|{SMALL}(?:[-~到至或]{SMALL})?|半|几)"
_UNIT = one_of(
    "个?半?小时半? 个?半?钟头 刻钟 分钟 秒钟? 天半? 日 个?工作日 个?自然日",
    "个?半?星期 周半? 个?半?礼拜 个半?月 月 个?季度 年半?",
)
_AFTER = r"(?:之内|以内|内|之后|以后|过后|后|里)"
_AGO = r"(?P<ago>之前|以前|前)"
_COUNTED_FROM_NOW = "(?:(?<=再过)|(?<=过)|(?<=未来)|(?<=接下来)|(?<=最晚)|(?<=最迟)|(?<=不超过)|(?<=后))"
_DURATION = (
    rf"(?:{_NOT_NUMBER}(?P<qty>{_QTY})(?P<unit>{_UNIT})(?:的时间)?(?:{_AFTER}|{_AGO}))"
    rf"|{_COUNTED_FROM_NOW}(?P<qty_b>{_QTY})(?P<unit_b>{_UNIT})(?![前底初中\d一二三四五六七八九十])"
)

_YEAR_EDGE = (
    rf"(?P<y>{_YEAR})?的?(?P<tail>年底|年末|年内|年初|年中|上半年|下半年|(?<=年)[底末内初中])(?!了)"
)
_QUARTER = (
    rf"(?P<shift>上|这|本|(?<!一)下)一?个?季度[末底]?|(?P<y>{_YEAR})?的?第?(?P<q>[一二三四1-4])季度[末底]?"
    r"|(?<![a-z])q(?P<q_b>[1-4])[末底]?|季度?[末底]"
)
_MONTH_NAME = rf"(?:(?P<shift>上上|上|这|本|当|下下|(?<!一)下|次)一?个?月|(?P<m>{_NUM})月)份?的?"
_NO_COUNT = r"(?![个天次家台套万千百元块年度%点日周十\d./:])"
_MONTH_DAY = rf"(?P<d>{_NUM})(?:[-~到至]{_NUM})?(?:日|号|{_NO_COUNT})"
_MONTH = (
    rf"{_NOT_NUMBER}(?P<y>{_YEAR}的?)?{_MONTH_NAME}(?:{_MONTH_DAY}|(?P<tail>上旬|中旬|下旬|月?底|末|初|中))?{_WITHIN}"
)
_MONTH_EDGE = r"(?<![\d个半])(?:月底|月末|月初|月中|上旬|中旬|下旬)(?!了)"
_NOT_PLACE = r"(?![线楼机店门库车厂桌馆仓文标样院铺栋室柜井炉])"
_DAY_OF_MONTH = (
    rf"{_NOT_NUMBER}(?:(?P<d0>{_NUM})(?:号|日)?[-~到至])?(?P<d>{_NUM})(?:号|日(?![均本报用常程]))(?!了){_NOT_PLACE}"
)

# 研究一下周五回复 is not 下周五.
_SHIFT_WEEK = r"(?P<shift>上上|上|这|本|(?<!一)下下|(?<!一)下|今)(?:一|个|一个)?"
_WEEK_WORD = r"(?:周|星期|礼拜)"
_MONDAY = r"一(?![个次趟起家份直般定共些边致天]|下(?!午))"
_WEEKDAY = rf"(?<!每)(?<!每个)(?:{_SHIFT_WEEK})?{_WEEK_WORD}(?P<w>[二三四五六日天1-7]|{_MONDAY}|末)(?![天年期]|个月)"
_WEEK = (
    rf"(?<!每)(?<![一二两三四五六七八九十\d几])(?:{_SHIFT_WEEK}{_WEEK_WORD}{_WITHIN}|周内)"
    r"(?P<edge>初|一开始|中(?!午))?"
)
_NOT_AFTERWARDS = "(?<![之以然最天周月年会])"
_RELATIVE_DAY = one_of(
    rf"""
    今明两天 今明(?=[,，前之]) 明后两天 明后天 大大后天 大后天 {_NOT_AFTERWARDS}后[天日](?!成|津) 大前天
    (?<![目之以先此])前[天日](?!成|津) 昨[天日儿] 今[天日儿](?!头条) 明[天日儿]
    [今明昨](?=[早晚晨]|上午|中午|下午|傍晚) {_NOT_AFTERWARDS}后(?=早上|上午|晚上|下午)
    """
)
_SAME_DAY = r"当[天日](?!成)|当(?=晚)|次日|第二天|隔天|隔日|转天"
_NTH_WORKDAY = rf"的?(?:第(?P<n>{_NUM})|最后一?|头一?|首)个?工作日"
_AN_HOUR = r"(?:\d|[一二三四五六七八九十])+点"
_A_BIT = r"一点(?![半钟整一二三四五\d])"
_PART = one_of(
    rf"""
    一大清早 大清早 一大早 一早 清早 清晨 凌晨 半夜 (?:早上|上午|下午|晚上|中午|傍晚)(?!好) 早晨 早间 午前 午后
    正午 午间 晌午 黄昏 晚间 夜里 夜晚 深夜 夜间 下班(?:之前|以前|前)?(?!后|了|以后) 收工前
    早(?!{_A_BIT})(?={_AN_HOUR}) 晚(?!{_A_BIT})(?={_AN_HOUR}) (?<=[今明昨后前当天])[早晚晨](?!点)
    (?<=[今明昨后前当])[早晚晨]
    """
)
# 十点二次演示, 3点2个人去: what is counted after the hour is neither minutes nor a decimal.
_COUNTED = r"(?:个(?!点|百分)|[家位名人场轮次](?!以))"
_MINUTE = one_of(
    rf"""
    (?:[0-5]\d|零[一二三四五六七八九]|[二三四五]?十[一二三四五六七八九]?)(?:分(?!钟)|(?!{_COUNTED}))
    [0-9](?:分(?!钟)) [一二三四五六七八九](?:分(?![钟之])) 半 一刻 三刻 整 钟 正
    """
)
_CLOCK = (
    rf"{_NOT_NUMBER}(?:(?P<h0>{_NUM})点?[-~到至])?(?P<h>{_NUM})(?:点|时(?![间候代期刻效装段])|(?=钟前))(?P<min>{_MINUTE})?"
    rf"(?!\d(?!\d?{_COUNTED})|[一二三四五六七八九](?!{_COUNTED}|起|定|直|到))(?:左右|来钟|多钟)?"
)

# Where several begin at one place, the first in this order wins.
_ATOMS: tuple[tuple[str, Callable[[re.Match[str]], Piece | None]], ...] = (
    (_ISO, time_dates.iso),
    (_DIGITAL, _digital),
    (_SLASH, time_dates.slash),
    (_DURATION, _duration),
    (HOLIDAY_PATTERN, holiday),
    (_YEAR_EDGE, time_dates.year_edge),
    (_QUARTER, time_dates.quarter),
    (_MONTH, time_dates.month),
    (_MONTH_EDGE, time_dates.month_edge),
    (_DAY_OF_MONTH, time_dates.day_of_month),
    (_WEEKDAY, time_dates.weekday),
    (_WEEK, time_dates.week),
    (_RELATIVE_DAY, time_dates.relative_day),
    (_SAME_DAY, time_dates.same_day),
    (_NTH_WORKDAY, time_dates.nth_workday),
    (_PART, _part),
    (_CLOCK, _clock),
)
_PATTERNS = [(re.compile(pattern), handler) for pattern, handler in _ATOMS]
_ANY = re.compile("|".join(re.sub(r"\(\?P<\w+>", "(?:", pattern) for pattern, _ in _ATOMS))


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
    for pattern, handler in _PATTERNS:
        found = pattern.match(folded, start)
        piece = handler(found) if found and found.group() else None
        if found and piece is not None:
            return found.end(), piece
    return None
