"""Which rows of a file are already on file, so that the same file imported twice changes nothing. Pure."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sales.exchange.checking import Fault, Row
from sales.exchange.fields import Value
from sales.exchange.sheets import Sheet

_Key = tuple[Hashable, ...]
_Names = tuple[str, ...]
_Index = dict[_Names, dict[_Key, list[Any]]]


@dataclass(frozen=True, slots=True)
class Match:
    """A row of the file and the row of the database it is; None for a new one."""

    row: Row
    found: Any | None


def match(sheet: Sheet, rows: Sequence[Row], existing: Iterable[Any]) -> tuple[list[Match], list[Fault]]:
    """Each row's counterpart by the sheet's keys, and a fault for each row that is not clearly one.

    Only the columns that the file has are compared.
    """
    if not rows:
        return [], []
    keys = _usable_keys(sheet, rows[0].values)
    index = _index(keys, existing)
    matches: list[Match] = []
    faults: list[Fault] = []
    taken: dict[_Key, int] = {}
    for row in rows:
        found = _found(sheet, keys, row, index)
        if len(found) > 1:
            faults.append(_fault(sheet, keys, row, f"系统里有 {len(found)} 条与它相同，{_advice(sheet)}"))
            continue
        claim = ("on file", found[0].id) if found else _new_key(sheet, keys, row)
        if claim in taken:
            faults.append(_fault(sheet, keys, row, f"与第 {taken[claim]} 行重复"))
            continue
        taken[claim] = row.number
        matches.append(Match(row, found[0] if found else None))
    return matches, faults


def _usable_keys(sheet: Sheet, columns: Collection[str]) -> list[_Names]:
    present = (tuple(name for name in names if name in columns) for names in sheet.keys if names[0] in columns)
    return list(present)


def _index(keys: Sequence[_Names], existing: Iterable[Any]) -> _Index:
    index: _Index = {names: {} for names in keys}
    for stored in existing:
        for names in keys:
            key = tuple(_hashable(getattr(stored, name)) for name in names)
            index[names].setdefault(key, []).append(stored)
    return index


def _found(sheet: Sheet, keys: Sequence[_Names], row: Row, index: _Index) -> list[Any]:
    """By the strongest key that the row has; by a weaker one only those that lack the stronger."""
    stronger: list[str] = []
    for names in keys:
        if row.values[names[0]] is None:
            continue
        key = _values(row, names)
        found = [one for one in index[names].get(key, []) if all(getattr(one, name) is None for name in stronger)]
        if found:
            return _told_apart(sheet, row, found)
        stronger.append(names[0])
    return []


def _told_apart(sheet: Sheet, row: Row, found: list[Any]) -> list[Any]:
    wanted = row.values.get(sheet.tie) if sheet.tie else None
    return found if wanted is None else [one for one in found if getattr(one, str(sheet.tie)) == wanted]


def _new_key(sheet: Sheet, keys: Sequence[_Names], row: Row) -> _Key:
    names = _strongest(keys, row)
    tie = _hashable(row.values.get(sheet.tie)) if sheet.tie else None
    return ("new", *names, *_values(row, names), tie)


def _strongest(keys: Sequence[_Names], row: Row) -> _Names:
    return next(names for names in keys if row.values[names[0]] is not None)


def _values(row: Row, names: _Names) -> _Key:
    return tuple(_hashable(row.values[name]) for name in names)


def _hashable(value: Value) -> Hashable:
    """Blank text and none at all are the same in a file."""
    if isinstance(value, list):
        return tuple(value)
    return None if value == "" else value


def _fault(sheet: Sheet, keys: Sequence[_Names], row: Row, problem: str) -> Fault:
    key = _strongest(keys, row)[-1]
    title = next(column.title for column in sheet.columns if column.key == key)
    value = row.values[key]
    return Fault(row.number, title, value if isinstance(value, str) else "", problem)


def _advice(sheet: Sheet) -> str:
    titles = {column.key: column.title for column in sheet.columns}
    return f"请填上{titles[sheet.tie or sheet.keys[0][0]]}"
