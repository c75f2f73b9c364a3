"""Cells: what is understood, what is refused, and that writing and reading again is the identity."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sales.exchange.fields import Amount, BadCell, Cell, Choice, Day, Flag, Moment, Text, Value
from sales.exchange.lists import Accounts, Contacts, Names, contact_of, contact_text

ZONE = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("cell", "yuan"),
    [
        ("500000", "500000"),
        ("1,200.5", "1200.50"),
        ("¥300", "300"),
        ("50万", "500000"),
        ("1.25亿元", "125000000"),
        ("１２００", "1200"),
        (99.9, "99.90"),
        (0.1 + 0.2, "0.30"),
        (7, "7"),
    ],
)
def test_amounts(cell: Cell, yuan: str) -> None:
    assert Amount().read(cell, ZONE) == Decimal(yuan)


@pytest.mark.parametrize("cell", ["五十万", "12.345", "-5", "1e20", "NaN", "", "万"])
def test_refused_amounts(cell: str) -> None:
    with pytest.raises(BadCell):
        Amount().read(cell, ZONE)


@pytest.mark.parametrize("text", ["2026-03-05", "2026/3/5", "2026.3.5", "2026年3月5日", "20260305"])
def test_days(text: str) -> None:
    assert Day().read(text, ZONE) == date(2026, 3, 5)
    assert Moment().read(f"{text} 14:30", ZONE) == datetime(2026, 3, 5, 6, 30, tzinfo=UTC)


def test_a_day_of_the_spreadsheet_itself() -> None:
    assert Day().read(datetime(2026, 3, 5, 0, 0), ZONE) == date(2026, 3, 5)  # noqa: DTZ001 - as openpyxl gives it


@pytest.mark.parametrize("text", ["2026-02-30", "昨天", "05/03/2026", "2026-03-05 25:00", "2026-03-05 abc"])
def test_refused_times(text: str) -> None:
    with pytest.raises(BadCell):
        Moment().read(text, ZONE)


def test_a_time_with_its_own_offset() -> None:
    assert Moment().read("2026-03-05T14:30:00+00:00", ZONE) == datetime(2026, 3, 5, 14, 30, tzinfo=UTC)


def test_a_choice_in_either_language() -> None:
    kind = Choice({"open": "进行中", "won": "赢单"})
    assert kind.read("赢单", ZONE) == kind.read("WON", ZONE) == "won"
    with pytest.raises(BadCell, match="进行中、赢单"):
        kind.read("输了", ZONE)


def test_numbers_of_a_spreadsheet_are_text_without_point_zero() -> None:
    assert Text(30).read(13800138000.0, ZONE) == "13800138000"


@pytest.mark.parametrize("cell", ["x" * 31, "a\nb", "a\x07b"])
def test_refused_text(cell: str) -> None:
    with pytest.raises(BadCell):
        Text(30).read(cell, ZONE)


def test_names_are_cut_at_either_semicolon() -> None:
    assert Names(10).read("华昌；华昌电子; 华昌", ZONE) == ["华昌", "华昌电子"]


@pytest.mark.parametrize("cell", ["zhangsan", "WeCom:x", "wecom:"])
def test_refused_accounts(cell: str) -> None:
    with pytest.raises(BadCell):
        Accounts(200).read(cell, ZONE)


def test_contacts_with_and_without_phone() -> None:
    people = Contacts(200).read("张工:138；何经理", ZONE)
    assert [contact_of(one) for one in people] == [("张工", "138"), ("何经理", None)]


_WORD = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1).map(str.strip).filter(bool)


@given(st.lists(_WORD, unique=True, min_size=1))
def test_lists_come_back(names: list[str]) -> None:
    assert Names(1000).read(Names(1000).write(list(names), ZONE), ZONE) == names


@given(_WORD, st.none() | _WORD)
def test_contacts_come_back(name: str, phone: str | None) -> None:
    assert contact_of(contact_text(name, phone)) == (name, phone)


@given(st.decimals(min_value=0, max_value=10**11, places=2))
def test_amounts_come_back(amount: Decimal) -> None:
    assert Amount().read(Amount().write(amount, ZONE), ZONE) == amount
    assert Amount().read(float(amount), ZONE) == amount


@given(st.datetimes(min_value=datetime(1950, 1, 1), timezones=st.just(ZONE), allow_imaginary=False))  # noqa: DTZ001
def test_moments_come_back(at: datetime) -> None:
    cell = Moment().write(at, ZONE)
    assert Moment().read(cell, ZONE) == at.astimezone(UTC)


@pytest.mark.parametrize("value", [True, False])
def test_flags_come_back(value: Value) -> None:
    assert Flag().read(Flag().write(value, ZONE), ZONE) is value
