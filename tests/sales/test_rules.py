"""Pure rules: who is asked first, when a quiet time ends, which touchpoint is next, what an amount means."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from statistics import fmean
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sales.calendar import Quiet, workday_up_to
from sales.commitments import Warnings
from sales.followup import extended_to, next_touchpoint
from sales.forecast import amounts, week_name, week_named, week_of
from sales.hotleads import fastest

ZONE = ZoneInfo("Asia/Shanghai")
users = st.integers(min_value=1, max_value=12)
responses = st.dictionaries(users, st.lists(st.floats(min_value=0, max_value=1e6), max_size=3))
FIRST, LAST = datetime.fromisoformat("2025-01-01"), datetime.fromisoformat("2027-01-01")
moments = st.datetimes(min_value=FIRST, max_value=LAST, timezones=st.just(ZONE))
hours = st.integers(min_value=0, max_value=23)


@given(st.sets(users), responses, st.sets(users))
def test_nobody_left_is_faster_than_who_is_asked(
    people: set[int], known: dict[int, list[float]], tried: set[int]
) -> None:
    chosen = fastest(people, known, tried)
    left = people - tried
    if chosen is None:
        assert not left
        return
    assert chosen in left
    for other in left - {chosen}:
        if known.get(other):
            assert known.get(chosen)
            mine, theirs = fmean(known[chosen]), fmean(known[other])
            assert (mine, chosen) < (theirs, other)
        elif not known.get(chosen):
            assert chosen < other


@given(st.sets(users, min_size=1), responses)
def test_everybody_is_asked_once_before_it_ends(people: set[int], known: dict[int, list[float]]) -> None:
    tried: list[int] = []
    while (chosen := fastest(people, known, tried)) is not None:
        tried.append(chosen)
    assert sorted(tried) == sorted(people)


@given(hours, hours, moments)
def test_a_held_alert_goes_out_at_the_first_moment_that_is_not_quiet(start: int, end: int, at: datetime) -> None:
    quiet = Quiet(start, end)
    release = quiet.hold_until(at)
    assert quiet.since(release) is None
    if release == at:
        return
    assert release.hour == end
    assert (release.minute, release.second, release.microsecond) == (0, 0, 0)
    assert timedelta() < release - at <= timedelta(hours=(end - start) % 24)
    assert quiet.since(release - timedelta(microseconds=1)) is not None


@given(hours, hours, st.integers(min_value=0, max_value=2880), moments, st.integers(min_value=1, max_value=2880))
@example(5, 6, 1141, datetime(2025, 1, 1, tzinfo=ZONE), 1)
def test_promises_are_warned_of_in_the_order_of_their_deadlines(
    start: int, end: int, ahead: int, due: datetime, later: int
) -> None:
    warnings = Warnings(Quiet(start, end), timedelta(minutes=ahead))
    at = warnings.at(due)
    assert at <= due
    assert at <= warnings.at(due + timedelta(minutes=later))
    assert warnings.reach(at) >= due
    assert warnings.reach(at - timedelta(seconds=1)) < due


@given(hours, hours, moments)
def test_what_waits_for_work_goes_out_when_people_work(start: int, end: int, at: datetime) -> None:
    quiet = Quiet(start, end)
    release = quiet.hold_until_work(at)
    assert release >= quiet.hold_until(at)
    assert quiet.hold_until_work(release) == release
    assert release.isoweekday() <= 5 or workday_up_to(release.isoweekday(), release.date()) is not None


@pytest.mark.parametrize(
    ("stage", "expected"),
    [("first_contact", "needs_confirmed"), ("closing_prep", "closing_prep"), ("", "first_contact")],
)
def test_the_next_touchpoint(stage: str, expected: str) -> None:
    assert next_touchpoint(stage) == expected


@pytest.mark.parametrize(
    ("text", "yuan"),
    [
        ("80万", [800_000]),
        ("八十万 60万", [800_000, 600_000]),
        ("80", [800_000]),
        ("80.5", [805_000]),
        ("800000", [800_000]),
        ("1,200,000", [1_200_000]),
        ("预计１.２亿", [120_000_000]),
        ("不知道", []),
        ("", []),
    ],
)
def test_amounts_as_people_type_them(text: str, yuan: list[int]) -> None:
    assert amounts(text) == [Decimal(value) for value in yuan]


@given(moments)
def test_a_week_is_found_by_its_name(at: datetime) -> None:
    monday = week_of(at.date())
    assert monday.weekday() == 0
    assert week_named(week_name(monday)) == monday


@pytest.mark.parametrize("name", ["2026-W60", "2026-10", "", "W10"])
def test_what_is_no_week(name: str) -> None:
    assert week_named(name) is None


def test_a_step_is_put_off_to_a_working_day() -> None:
    friday = datetime(2026, 3, 6, 10, tzinfo=ZONE)
    assert extended_to(friday, 2) == date(2026, 3, 9), "Sunday is none"
    assert extended_to(friday - timedelta(days=3), 2) == date(2026, 3, 5)
