"""Import and export on a unit of work: everything is checked before the first row is written."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from sales.exchange.checking import Fault, check
from sales.exchange.fields import Cell
from sales.exchange.known import Known
from sales.exchange.loading import Extras, load_existing, load_known
from sales.exchange.matching import match
from sales.exchange.rules import examine
from sales.exchange.sheets import Column, Sheet
from sales.exchange.writing import Writer, Written
from sales.followup import FollowupRules
from storage.repositories.exchange import Tables
from storage.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class Table:
    """A file's contents: the cells of its header, and of the rows below it."""

    header: Sequence[Cell]
    lines: Iterable[Sequence[Cell]]


async def import_table(
    uow: UnitOfWork, sheet: Sheet, table: Table, now: datetime, rules: FollowupRules, digest: str
) -> Written | list[Fault]:
    """Write all rows, or none and say what is wrong. `digest` of the file goes into the audit log.

    Times without an offset are in the zone of `now`.
    """
    tables = Tables(uow.session)
    zone = now.tzinfo
    if zone is None:
        raise ValueError("naive datetime")
    checked = check(sheet, table.header, table.lines, await load_known(tables), zone)
    if checked.faults:
        return checked.faults
    matches, faults = match(sheet, checked.rows, await load_existing(tables, sheet, checked.rows))
    faults += examine(sheet, matches, await tables.accounts())
    if faults:
        return faults
    written = await Writer(uow, sheet, now, rules).write(matches)
    counted = {"created": written.created, "updated": written.updated}
    uow.audit.add(now, None, "import", f"import:{sheet.what}", sha256=digest, **counted)
    return written


async def export_rows(uow: UnitOfWork, sheet: Sheet, zone: tzinfo) -> AsyncIterator[list[Cell]]:
    """The cells of each row, in the order of `sheet.columns`. The session must not have unwritten changes."""
    tables = Tables(uow.session)
    known, extras = await load_known(tables), Extras(tables, sheet)
    async for page in tables.pages(sheet.table):
        more = await extras.of(page)
        for row in page:
            values = more.get(row.id, {})
            yield [_cell(column, row, values, known, zone) for column in sheet.columns]


def _cell(column: Column, row: Any, extra: dict[str, Any], known: Known, zone: tzinfo) -> Cell:
    value = extra.get(column.key) if column.key in extra else getattr(row, column.key, None)
    if value is None:
        return None
    return known.label(column.refers, value) if column.refers else column.kind.write(value, zone)
