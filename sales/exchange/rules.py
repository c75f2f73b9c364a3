"""Rules over all rows of a file together, beyond what one cell can show. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sales.exchange.checking import Fault, Row
from sales.exchange.lists import account_of
from sales.exchange.matching import Match
from sales.exchange.sheets import USERS, Sheet


def examine(sheet: Sheet, matches: Sequence[Match], accounts: Mapping[tuple[str, str], int]) -> list[Fault]:
    """`accounts`: whose each messenger account is now."""
    if sheet is not USERS:
        return []
    rows = [one.row for one in matches]
    twice = [*_claimed_twice(rows, "manages", "负责团队"), *_claimed_twice(rows, "accounts", "账号")]
    return [*twice, *_taken(matches, accounts)]


def _claimed_twice(rows: Sequence[Row], key: str, title: str) -> Iterator[Fault]:
    """A team has one manager, an account one owner."""
    first: dict[str, int] = {}
    for row in rows:
        claimed = row.values.get(key)
        for name in claimed if isinstance(claimed, list) else []:
            if first.setdefault(name, row.number) != row.number:
                yield Fault(row.number, title, name, f"第 {first[name]} 行已经写了它")


def _taken(matches: Sequence[Match], accounts: Mapping[tuple[str, str], int]) -> Iterator[Fault]:
    for one in matches:
        claimed = one.row.values.get("accounts")
        for name in claimed if isinstance(claimed, list) else []:
            owner = accounts.get(account_of(name))
            if owner is not None and (one.found is None or one.found.id != owner):
                yield Fault(one.row.number, "账号", name, "这个账号已属于另一位员工")
