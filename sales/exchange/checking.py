"""From the cells of a file to checked values, or to every fault there is. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo

from sales.exchange.fields import BadCell, Cell, Value, is_blank, plain
from sales.exchange.known import Known
from sales.exchange.sheets import Column, Sheet


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a cell. `row` counts as the spreadsheet does: the header is row 1."""

    row: int
    column: str
    value: str
    problem: str


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the file: its number and the values of the columns that the file has."""

    number: int
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Checked:
    rows: list[Row] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def check(sheet: Sheet, header: Sequence[Cell], lines: Iterable[Sequence[Cell]], known: Known, zone: tzinfo) -> Checked:
    """All rows of a file below its header. Blank rows are skipped; a fault in the header ends it there."""
    result = Checked()
    columns = _columns(sheet, header, result.faults)
    if result.faults:
        return result
    for number, cells in enumerate(lines, 2):
        if all(is_blank(cell) for cell in cells):
            continue
        values = _values(columns, number, cells, known, zone, result.faults)
        result.rows.append(Row(number, values))
    return result


def _columns(sheet: Sheet, header: Sequence[Cell], faults: list[Fault]) -> list[Column | None]:
    """The column that stands at each place; None where the header is empty."""
    by_name = {_folded(name): column for column in sheet.columns for name in (column.title, column.key, *column.names)}
    found: list[Column | None] = []
    for cell in header:
        column = None if is_blank(cell) else by_name.get(_folded(plain(cell)))
        if column is None and not is_blank(cell):
            titles = "、".join(column.title for column in sheet.columns)
            faults.append(Fault(1, plain(cell), plain(cell), f"不认识这一列，可用的列：{titles}；用不到的列请删掉"))
        elif column is not None and column in found:
            faults.append(Fault(1, plain(cell), plain(cell), f"这一列重复了：{column.title}"))
        found.append(column)
    for column in sheet.columns:
        if column.required and column not in found:
            faults.append(Fault(1, column.title, "", f"缺少必需的列：{column.title}"))
    return found


def _folded(name: str) -> str:
    """Headers are equal but for width, case, blanks, underscores, and a mark for required ones."""
    return re.sub(r"[\s_*]+", "", unicodedata.normalize("NFKC", name)).lower()


def _values(
    columns: Sequence[Column | None],
    number: int,
    cells: Sequence[Cell],
    known: Known,
    zone: tzinfo,
    faults: list[Fault],
) -> dict[str, Value]:
    values: dict[str, Value] = {}
    for place, column in enumerate(columns):
        cell = cells[place] if place < len(cells) else None
        if column is None:
            if not is_blank(cell):
                faults.append(Fault(number, "", plain(cell), "这个单元格上面没有列名"))
            continue
        try:
            values[column.key] = _value(column, cell, known, zone)
        except BadCell as bad:
            faults.append(Fault(number, column.title, "" if cell is None else plain(cell), str(bad)))
    for cell in cells[len(columns) :]:
        if not is_blank(cell):
            faults.append(Fault(number, "", plain(cell), "这一行的单元格比表头多"))
    return values


def _value(column: Column, cell: Cell, known: Known, zone: tzinfo) -> Value:
    if is_blank(cell):
        if column.required:
            raise BadCell("不能为空")
        return None
    value = column.kind.read(cell, zone)
    if column.refers is not None and isinstance(value, str):
        return known.find(column.refers, value)
    return value
