"""The weekly forecast: weeks, weights, and numbers as people type them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal

from intents.money import find_money
from intents.normal import fold
from storage.crm import Opportunity

_BARE = re.compile(r"\d+(?:\.\d+)?")
_MINUS = re.compile(r"(?:^|[\s,;:、/])[-−](?=\s*\d)|负(?=\s*[\d零一二两三四五六七八九十百千])")
_WEEK = re.compile(r"(\d{4})-W(\d{2})")
_WAN = Decimal(10_000)


def week_of(day: date) -> date:
    """The Monday of the week."""
    return day - timedelta(days=day.weekday())


def week_name(monday: date) -> str:
    """The ISO name: `2026-W10`."""
    year, week, _ = monday.isocalendar()
    return f"{year}-W{week:02}"


def week_named(name: str) -> date | None:
    """The Monday of an ISO week; None for what is no week."""
    found = _WEEK.fullmatch(name)
    try:
        return date.fromisocalendar(int(found[1]), int(found[2]), 1) if found else None
    except ValueError:
        return None


def amounts(text: str) -> list[Decimal]:
    """All amounts in `text`, in yuan: `80万`, `八十万`, `800000`; a bare number below 10,000 counts 万元."""
    folded = fold(text)
    found = [money.yuan for money in find_money(folded)]
    if found:
        return found
    bare = [Decimal(number) for number in _BARE.findall(folded.replace(",", ""))]
    return [value * _WAN if value < _WAN else value for value in bare]


def is_negative(text: str) -> bool:
    """Whether an amount in `text` is below zero: `-5`, `80万 -3`, `负五万`; `80-90万` is a range."""
    return _MINUS.search(fold(text)) is not None


def weighted(deals: Iterable[Opportunity], probability: Mapping[str, int]) -> Decimal:
    """The sum of the amounts (yuan), each times the probability (per cent) of its stage."""
    return sum((amount(deal) * probability.get(deal.stage, 0) / 100 for deal in deals), Decimal(0))


def amount(deal: Opportunity) -> Decimal:
    """The value in yuan; nothing yet counts as zero."""
    return deal.amount or Decimal(0)
