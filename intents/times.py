"""Dates and times in Chinese text, resolved to due times by the product's conventions.

Conventions: a day without an hour is due at 18:00, 上午 at 12:00, 下午 18:00, 晚上 21:00; a bare hour from 1 to 6 is
the afternoon; a range counts from its start; "周三，不对，周四" counts as what was said last.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from intents.calendar import WorkCalendar
from intents.normal import fold
from intents.patterns import any_of, one_of
from intents.time_atoms import find_pieces
from intents.time_pieces import Clock, Context, Day, Elapsed, Granularity, NthWorkday, Part, Piece, Span

END_OF_WORK = time(18)
MORNING_REMINDER = time(9)
APPOINTMENT_LEAD = timedelta(minutes=60)

_GLUE = re.compile(r"[\s,，的()（）:、那]{0,2}$")
_RANGE = re.compile(r"\s*(?:-|~|到|至|或者?|还是)\s*$")
_DAY_ONLY = re.compile(r"[\d一二三四五六七八九十]{1,3}[号日]")
_NOT_A_COUNT = re.compile(
    r"\s*"
    + one_of(
        """
        [个条大小点折米倍%] 建议 意见 要求 问题 需求 反馈 原因 内容 想法 感受 顾虑 疑问 都 是[:,] [:,] 万 千 百
        亿 优势 不足 说明 结论 期望 共识
        """
    )
)
_COUNT_BEFORE = re.compile(
    one_of(
        """
        有 提了? 提出了? 第 这 那 哪 几 之 共 说了? 讲了? 总结了? 以下 如下 早 晚 快 慢 差 高 低 多 少 便宜 贵
        好 分之
        """
    )
    + "$"
)
_CHANGE = any_of(
    """
    不对 [说记搞弄]错了? 错了 应该是 更正 纠正 改到 改成 改为 改约 改在 改期 推迟到 推迟至 延到 延期到 延至 推到
    提前到 挪到 调到 调整到 调整为 换到 换成 顺延到 拖到 哦不 噢不 啊不 不不
    """
)
# 改到十八号了，原来说的是十六号: the one that was given up may be told last.
_WAS_BEFORE = re.compile(r"(?:原来|原先|原本|本来|原定)(?:说|定|约|安排)?(?:好)?(?:的)?(?:时间)?(?:是|在|于)?$")
_NOT_BEFORE = re.compile(r"(?:不是|并非|不在)$")
_IS = re.compile(r"[,，\s]*(?:而是|是|应该是|在)[,，\s]*$")
_CHANGE_REACH = 16
_STOP = re.compile(r"[。;；!！?？\n]")


@dataclass(frozen=True, slots=True)
class TimeSpan:
    """A time at [start, end) of the text. `due` and `remind_at` carry the time zone of the given `now`.

    `has_day` and `has_clock` tell what was really said; `exact` is a duration counted from now to the minute.
    `official` is False when the day's year has no official calendar yet. `replaced` holds the start of a time in
    the same text that this one corrects.
    """

    start: int
    end: int
    text: str
    due: datetime
    granularity: Granularity
    remind_at: datetime
    has_day: bool
    has_clock: bool
    exact: bool = False
    official: bool = True
    replaced: int | None = None

    @property
    def day(self) -> date:
        """The local date on which it is due."""
        return self.due.date()


@dataclass(frozen=True, slots=True)
class _Group:
    """Neighbouring pieces that make one time."""

    start: int
    end: int
    day: Day | None = None
    part: Part | None = None
    clock: Clock | None = None
    elapsed: Elapsed | None = None
    span: Span | None = None
    nth: NthWorkday | None = None

    @property
    def has_day(self) -> bool:
        return bool(self.day or self.span or self.nth or self.elapsed)


def find_times(text: str, now: datetime, calendar: WorkCalendar) -> list[TimeSpan]:
    """All times in `text` in order, corrected ones left out; `now` must be aware, results share its zone."""
    folded = fold(text)
    groups = [group for group in _join_ranges(folded, _group(folded)) if _is_time(folded, group)]
    found: list[tuple[_Group, TimeSpan]] = []
    for group in groups:
        before = found[-1] if found else None
        if before and _WAS_BEFORE.search(folded, max(0, group.start - 8), group.start):
            continue
        try:
            if before and _corrects(folded, before[0], group):
                found[-1] = _resolved(text, _inherit(before, group, now), now, calendar, before[1])
            else:
                found.append(_resolved(text, group, now, calendar, _anchor(folded, before, group)))
        except (ValueError, OverflowError):
            continue  # beyond the years that dates can have
    return [span for _, span in found]


def resolve_like(text: str, old: datetime, now: datetime, calendar: WorkCalendar) -> TimeSpan | None:
    """The last time in `text` as a correction of `old`: what is not said (day, hour) stays as it was."""
    folded = fold(text)
    groups = [group for group in _join_ranges(folded, _group(folded)) if _is_time(folded, group)]
    if not groups:
        return None
    old = old.astimezone(now.tzinfo)
    span = TimeSpan(0, 0, "", old, Granularity.MINUTE, old, has_day=True, has_clock=old.time() != END_OF_WORK)
    whole = _Group(0, 0, day=Day(lambda _: old.date()), clock=Clock(old.hour, old.minute, bare=False))
    if not span.has_clock:
        whole = replace(whole, clock=None)
    try:
        return _resolved(text, _inherit((whole, span), groups[-1], now), now, calendar, span)[1]
    except (ValueError, OverflowError):
        return None


# --- putting pieces together ------------------------------------------------------------------------------------


def _group(folded: str) -> list[_Group]:
    groups: list[_Group] = []
    for start, end, piece in find_pieces(folded):
        last = groups[-1] if groups else None
        joined = _add(last, piece, end) if last and _GLUE.match(folded, last.end, start) else None
        if joined is None and last and isinstance(piece, Day) and _in_brackets(folded, last, start):
            joined = replace(last, end=end)
        if joined and last:
            groups[-1] = joined
        else:
            groups.append(_new(start, end, piece))
    return groups


def _in_brackets(folded: str, group: _Group, start: int) -> bool:
    """5月20日（周三）: the same day again."""
    return group.day is not None and group.clock is None and folded[group.end : start] == "("


def _new(start: int, end: int, piece: Piece) -> _Group:
    group = _add(_Group(start, end), piece, end)
    return group or _Group(start, end)


def _add(group: _Group, piece: Piece, end: int) -> _Group | None:
    """The group with one more piece, or None if it does not fit."""
    finished = group.clock is not None or group.elapsed is not None
    match piece:
        case Clock() if not finished:
            return replace(group, clock=piece, end=end)
        case Part() if not finished and group.part is None:
            return replace(group, part=piece, end=end)
        case Elapsed() if not group.has_day and not finished:
            return replace(group, elapsed=piece, end=end)
        case Span() if _takes_span(group):
            return replace(group, span=piece, end=end)
        case NthWorkday() if group.day and group.nth is None and not finished:
            return replace(group, nth=piece, end=end)
        case Day() | NthWorkday() if not group.has_day and not finished:
            return _with_day(group, piece, end)
        case Day() if _refines(group, piece):
            return replace(group, day=piece, end=end)
    return None


def _with_day(group: _Group, piece: Day | NthWorkday, end: int) -> _Group | None:
    if group.part is not None:
        return None
    if isinstance(piece, Day):
        return replace(group, day=piece, end=end)
    return replace(group, nth=piece, end=end)


def _refines(group: _Group, piece: Day) -> bool:
    """下周三（11号）, 周日, 二月十号, 国庆后八号: the second says the same day more exactly."""
    rough = group.day and (group.day.weekday is not None or (group.day.after and not group.nth))
    return bool(rough and piece.weekday is None and not group.part)


def _takes_span(group: _Group) -> bool:
    empty = not group.has_day and group.part is None and group.clock is None
    return empty or bool(group.day and group.day.after and group.span is None)


def _join_ranges(folded: str, groups: Iterable[_Group]) -> list[_Group]:
    """两点到四点, 周一或周二: one time, its start."""
    joined: list[_Group] = []
    for group in groups:
        last = joined[-1] if joined else None
        if last and (_RANGE.fullmatch(folded, last.end, group.start) or _day_after_day(folded, last, group)):
            joined[-1] = replace(last, end=group.end)
        else:
            joined.append(group)
    return joined


def _day_after_day(folded: str, last: _Group, group: _Group) -> bool:
    """八号九号两天: neighbouring days of the month are a range too."""
    return last.end == group.start and folded[last.end - 1] in "号日" and bool(_DAY_ONLY.match(folded, group.start))


def _is_time(folded: str, group: _Group) -> bool:
    """Not a count that looks like an hour: 两点要求, 便宜一点, 有三点."""
    clock = group.clock
    if clock is None or not clock.bare or group.has_day or group.part:
        return True
    if clock.hour == 1 or _COUNT_BEFORE.search(folded, max(0, group.start - 4), group.start):
        return False
    return not _NOT_A_COUNT.match(folded, group.end)


# --- corrections and inheritance --------------------------------------------------------------------------------


def _corrects(folded: str, before: _Group, group: _Group) -> bool:
    gap = folded[before.end : group.start]
    if len(gap) <= _CHANGE_REACH and _CHANGE.search(gap):
        return True
    denied = _NOT_BEFORE.search(folded, 0, before.start)
    return bool(denied and _IS.fullmatch(gap))


def _anchor(folded: str, before: tuple[_Group, TimeSpan] | None, group: _Group) -> TimeSpan | None:
    """The time before in the same sentence: 当天 and a lone hour (明天去华昌，下午三点到) mean its day."""
    if before is None or _STOP.search(folded, before[0].end, group.start):
        return None
    return before[1]


def _inherit(before: tuple[_Group, TimeSpan], group: _Group, now: datetime) -> _Group:
    """A correction names only what changes."""
    old, span = before
    if group.elapsed is not None:
        return group
    if not group.has_day:
        day = span.day
        part = group.part or (old.part if group.clock and group.clock.hour <= 12 else None)
        return replace(group, day=Day(lambda _: day), part=part)
    if group.clock is None and group.part is None:
        group = replace(group, part=old.part, clock=old.clock)
    if group.day and group.day.weekday is not None:
        same_week = span.day + timedelta(days=group.day.weekday - span.day.weekday())
        if same_week >= now.date():
            group = replace(group, day=Day(lambda _: same_week))
    return group


# --- resolving --------------------------------------------------------------------------------------------------


def _resolved(
    text: str, group: _Group, now: datetime, calendar: WorkCalendar, before: TimeSpan | None
) -> tuple[_Group, TimeSpan]:
    anchor = before.day if before else None
    context = Context(now, calendar, anchor)
    due, granularity = _due(group, context, before)
    span = TimeSpan(
        start=group.start,
        end=group.end,
        text=text[group.start : group.end],
        due=due,
        granularity=granularity,
        remind_at=_remind_at(group, due, now),
        has_day=group.has_day,
        has_clock=group.clock is not None or group.elapsed is not None,
        exact=group.elapsed is not None,
        official=calendar.is_official(due.year),
        replaced=before.start if before and before.start < group.start else None,
    )
    return group, span


def _due(group: _Group, context: Context, before: TimeSpan | None) -> tuple[datetime, Granularity]:
    now = context.now
    if group.elapsed is not None:
        exact = _shift(now, timedelta(minutes=group.elapsed.minutes))
        return exact.replace(second=0, microsecond=0), Granularity.MINUTE
    day = _day_of(group, context)
    said_time, overflow, granularity = _time_of(group)
    if day is None:
        day = _implied_day(context, before, said_time, overflow)
    elif _is_gone(group, day, said_time, now):
        day += timedelta(days=7)
    return _at(_plus(day, overflow), said_time, now), granularity


def _shift(moment: datetime, by: timedelta) -> datetime:
    try:
        return moment + by
    except OverflowError:
        return moment


def _plus(day: date, days: int) -> date:
    return day + timedelta(days=days) if days else day


def _at(day: date, at: time, now: datetime) -> datetime:
    return datetime.combine(day, at, tzinfo=now.tzinfo)


def _day_of(group: _Group, context: Context) -> date | None:
    start = group.day.resolve(context) if group.day else None
    if group.nth is not None:
        return _nth_of(group, context)
    if group.span is not None and group.span.workdays and group.day and group.day.after and start:
        return group.span.after(start - timedelta(days=1), context.calendar)  # 节后三个工作日: the first one counts
    if group.span is not None:
        return group.span.after(start or context.today, context.calendar)
    return start


def _nth_of(group: _Group, context: Context) -> date | None:
    """第一个工作日 of a period, or from today on when none is named."""
    count = group.nth.count if group.nth else 1
    day, calendar = group.day, context.calendar
    end = day.resolve(context) if day else None
    if count < 0:
        return calendar.previous_workday(end + timedelta(days=1)) if end else None
    begin = day.first(context) if day and day.first else None
    if begin is not None:
        return calendar.nth_workday(begin - timedelta(days=1), count)
    return calendar.nth_workday(end or context.today, count)


def _implied_day(context: Context, before: TimeSpan | None, said: time, overflow: int) -> date:
    """An hour without a day: the day spoken of before, else today, or tomorrow if the hour is gone."""
    today = context.today
    if before is not None and before.has_day and not before.exact and before.day >= today:
        return before.day
    gone = _at(_plus(today, overflow), said, context.now) <= context.now
    return today + timedelta(days=1) if gone else today


def _is_gone(group: _Group, day: date, said: time, now: datetime) -> bool:
    """A bare weekday counts today until 18:00, or until the hour that was said."""
    if group.day is None or group.day.weekday is None or day != now.date():
        return False
    return now.time() >= END_OF_WORK or (group.clock is not None and said <= now.time())


def _time_of(group: _Group) -> tuple[time, int, Granularity]:
    """Time of day, days to add (晚上十二点 is the next day's midnight) and precision."""
    if group.clock is not None:
        hour, extra = _hour(group.clock, group.part)
        return time(hour, group.clock.minute), extra, Granularity.MINUTE
    if group.part is not None:
        return group.part.due, 0, Granularity.PART
    return END_OF_WORK, 0, group.day.granularity if group.day else Granularity.DAY


def _hour(clock: Clock, part: Part | None) -> tuple[int, int]:
    hour, name = clock.hour, part.name if part else ""
    if name == "晚上" and hour in (12, 0):
        return 0, 1
    if hour == 24:
        return 0, 1
    afternoon = name in ("下午", "傍晚", "晚上", "下班前") or (name == "中午" and hour <= 3)
    bare_afternoon = not name and 1 <= hour <= 6 and clock.spoken
    return (hour + 12, 0) if hour < 12 and (afternoon or bare_afternoon) else (hour, 0)


def _remind_at(group: _Group, due: datetime, now: datetime) -> datetime:
    """09:00 or the part's hour, an hour before an appointment; never in the past while the due time is ahead."""
    if group.clock is not None or group.elapsed is not None:
        remind = _shift(due, -APPOINTMENT_LEAD)
    else:
        remind = _at(due.date(), group.part.remind if group.part else MORNING_REMINDER, now)
    if remind > now or due <= now:
        return remind
    late = _shift(due, -APPOINTMENT_LEAD)
    return late if late > now else due
