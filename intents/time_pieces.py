"""What the parts of a time expression are, apart from how they are written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from intents.calendar import WorkCalendar


class Granularity(StrEnum):
    """How precisely a time was said."""

    MINUTE = "minute"
    PART = "part"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Context:
    """What a date is resolved against; `anchor` is the date mentioned just before, if any."""

    now: datetime
    calendar: WorkCalendar
    anchor: date | None = None

    @property
    def today(self) -> date:
        """The local date of `now`."""
        return self.now.date()


Resolver = Callable[[Context], "date | None"]


@dataclass(frozen=True, slots=True)
class Day:
    """A date. `weekday` is set for a bare weekday (周三), `period` for a span of days that may take 第一个工作日."""

    resolve: Resolver
    granularity: Granularity = Granularity.DAY
    weekday: int | None = None
    first: Resolver | None = None
    after: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the day, with its due time and its reminding time."""

    name: str
    due: time
    remind: time


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day. `bare`: neither minutes nor 钟 were said, so that it may be a count (三点要求).

    `spoken`: on the twelve-hour clock (三点), where 1 to 6 without a part of the day is the afternoon; 03:00 is not.
    """

    hour: int
    minute: int
    bare: bool
    spoken: bool = True


@dataclass(frozen=True, slots=True)
class Elapsed:
    """So many minutes from now; negative for the past."""

    minutes: int


@dataclass(frozen=True, slots=True)
class Span:
    """So many days, months or working days, from now or from the date before it."""

    days: int = 0
    months: int = 0
    workdays: int = 0

    def after(self, start: date, calendar: WorkCalendar) -> date:
        """The date that lies this long after `start`."""
        moved = add_months(start, self.months) + timedelta(days=self.days)
        return calendar.nth_workday(moved, self.workdays) if self.workdays else moved


@dataclass(frozen=True, slots=True)
class NthWorkday:
    """第一个工作日, 最后一个工作日 (-1) of the period before it."""

    count: int


Piece = Day | Part | Clock | Elapsed | Span | NthWorkday


def add_months(day: date, months: int) -> date:
    """The same day `months` later, or that month's last day if it is shorter."""
    total = day.year * 12 + day.month - 1 + months
    year, month = divmod(total, 12)
    return date(year, month + 1, min(day.day, month_end(year, month + 1).day))


def month_end(year: int, month: int) -> date:
    """The last day of a month."""
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
