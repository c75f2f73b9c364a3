"""China's working days: official years, years to come, and a company's own days."""

from __future__ import annotations

from datetime import date

import pytest

from intents.calendar import WorkCalendar, statutory_holidays

CALENDAR = WorkCalendar()


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        (date(2026, 5, 13), True), (date(2026, 5, 16), False), (date(2026, 10, 1), False), (date(2026, 2, 17), False),
        (date(2025, 1, 26), True),
    ],
)  # fmt: skip
def test_official_days(day: date, worked: bool) -> None:
    assert CALENDAR.is_workday(day) is worked


def test_years_without_a_notice_follow_the_law() -> None:
    assert not CALENDAR.is_official(2035)
    assert not CALENDAR.is_workday(date(2035, 10, 2))
    assert CALENDAR.is_workday(date(2035, 10, 8))


def test_a_companys_own_days_win() -> None:
    own = WorkCalendar({date(2026, 5, 13): False, date(2026, 5, 16): True})
    assert not own.is_workday(date(2026, 5, 13))
    assert own.next_workday(date(2026, 5, 15)) == date(2026, 5, 16)


def test_counting_working_days() -> None:
    assert CALENDAR.nth_workday(date(2026, 5, 13), 3) == date(2026, 5, 18)
    assert CALENDAR.previous_workday(date(2026, 10, 1)) == date(2026, 9, 30)
    assert CALENDAR.last_workday_of_week(date(2026, 5, 13)) == date(2026, 5, 15)
    assert CALENDAR.first_workday_from(date(2026, 5, 16)) == date(2026, 5, 18)


def test_lunar_and_solar_holidays() -> None:
    days = statutory_holidays(2026)
    assert days["春节"] == date(2026, 2, 17)
    assert days["端午"] == date(2026, 6, 19)
    assert days["清明"] == date(2026, 4, 5)


def test_a_calendar_without_working_days_is_refused() -> None:
    two_years = range(date(2026, 1, 1).toordinal(), date(2028, 1, 1).toordinal())
    never = WorkCalendar({date.fromordinal(day): False for day in two_years})
    with pytest.raises(ValueError, match="no working days"):
        never.next_workday(date(2026, 1, 1))
