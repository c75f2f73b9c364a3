"""China's working days, for words such as "五个工作日内", "节前" and "本周内".

Source of the official days: the yearly notice of the State Council, as packed in `chinesecalendar`. Years for
which no notice is out yet fall back to weekdays and the statutory holidays (the law's fixed days, without
make-up days); `is_official` tells which of the two a year has.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache

from chinese_calendar import constants as official
from lunardate import LunarDate

_DAY = timedelta(days=1)
_SEARCH_LIMIT = 400
_OFFICIAL_YEARS = frozenset(day.year for day in official.holidays)
_SOLAR_HOLIDAYS = {"元旦": (1, 1), "五一": (5, 1), "国庆": (10, 1)}
_LUNAR_HOLIDAYS = {"春节": (1, 1), "端午": (5, 5), "中秋": (8, 15)}
_QINGMING_BASE = 4.81


@lru_cache(maxsize=64)
def statutory_holidays(year: int) -> Mapping[str, date]:
    """The first statutory day of each public holiday that falls in `year` (lunar ones included)."""
    days = {name: date(year, month, day) for name, (month, day) in _SOLAR_HOLIDAYS.items()}
    days["清明"] = _qingming(year)
    for name, (month, day) in _LUNAR_HOLIDAYS.items():
        found = _lunar(year, month, day)
        if found is not None:
            days[name] = found
    if "春节" in days:
        days["除夕"] = days["春节"] - _DAY
    return days


def _lunar(year: int, month: int, day: int) -> date | None:
    try:
        solar: date = LunarDate(year, month, day).to_solar_date()
    except (ValueError, IndexError, OverflowError):
        return None
    return solar


def _qingming(year: int) -> date:
    """Qingming by the usual interpolation of the solar terms, right for 1900-2099."""
    two_digits = year % 100
    base = _QINGMING_BASE if year >= 2000 else 5.59
    return date(year, 4, int(two_digits * 0.2422 + base) - (two_digits if year >= 2000 else two_digits - 1) // 4)


@lru_cache(maxsize=64)
def _days_off_by_law(year: int) -> frozenset[date]:
    """The statutory days off in force since 2025: thirteen days, no make-up days."""
    first = statutory_holidays(year)
    lengths = {"元旦": 1, "除夕": 4, "清明": 1, "五一": 2, "端午": 1, "中秋": 1, "国庆": 3}
    return frozenset(
        first[name] + timedelta(days=i) for name, length in lengths.items() if name in first for i in range(length)
    )


class WorkCalendar:
    """Which days are worked. `overrides` (day → worked?) come from a company's own file and win."""

    def __init__(self, overrides: Mapping[date, bool] | None = None) -> None:
        self._overrides = dict(overrides or {})

    def is_official(self, year: int) -> bool:
        """Whether the official calendar of this year is known."""
        return year in _OFFICIAL_YEARS

    def is_workday(self, day: date) -> bool:
        """Whether `day` is worked, make-up Saturdays and Sundays included."""
        if day in self._overrides:
            return self._overrides[day]
        if day.year in _OFFICIAL_YEARS:
            return day in official.workdays or (day.weekday() < 5 and day not in official.holidays)
        return day.weekday() < 5 and day not in _days_off_by_law(day.year)

    def next_workday(self, day: date) -> date:
        """The first working day strictly after `day`."""
        return self.nth_workday(day, 1)

    def previous_workday(self, day: date) -> date:
        """The last working day strictly before `day`."""
        return self.nth_workday(day, -1)

    def nth_workday(self, day: date, count: int) -> date:
        """The `count`-th working day after `day` (before it, if negative); `day` itself never counts.

        Raises ValueError when there is none within reach (a calendar without working days).
        """
        step = _DAY if count >= 0 else -_DAY
        left, current, idle = abs(count), day, 0
        while left:
            current += step
            worked = self.is_workday(current)
            left, idle = (left - 1, 0) if worked else (left, idle + 1)
            if idle > _SEARCH_LIMIT:
                raise ValueError("the calendar has no working days")
        return current

    def last_workday_of_week(self, day: date) -> date:
        """The last official working day of the week (Monday to Sunday) of `day`; its Friday if it has none."""
        monday = day - timedelta(days=day.weekday())
        for i in range(6, -1, -1):
            if self.is_workday(monday + timedelta(days=i)):
                return monday + timedelta(days=i)
        return monday + timedelta(days=4)

    def first_workday_from(self, day: date) -> date:
        """`day` itself if it is worked, else the next working day."""
        return day if self.is_workday(day) else self.next_workday(day)
