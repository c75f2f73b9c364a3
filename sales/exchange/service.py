"""Import and export: everything is checked before the first row is written."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from sales.exchange.checking import Fault, check
from sales.exchange.drafting import Draft, draft_of
from sales.exchange.fields import Cell
from sales.exchange.known import Known
from sales.exchange.loading import Extras, load_existing, load_known
from sales.exchange.matching import match
from sales.exchange.rules import examine
from sales.exchange.sheets import USERS, Column, Sheet
from sales.exchange.writing import Written, write
from sales.followup import FollowupRules
from storage.db import Database
from storage.repositories.exchange import Tables
from storage.uow import UnitOfWork

_TRIES = 2


@dataclass(frozen=True, slots=True)
class Table:
    """A file's contents: the cells of its header, and of the rows below it."""

    header: Sequence[Cell]
    lines: Sequence[Sequence[Cell]]


@dataclass(frozen=True, slots=True)
class _Plan:
    """A draft, and the state of the database that it was made from."""

    draft: Draft
    state: tuple[int, ...]


async def import_table(
    db: Database, sheet: Sheet, table: Table, now: datetime, rules: FollowupRules, digest: str
) -> Written | list[Fault]:
    """Write all rows in one transaction, or none and say what is wrong. `digest` of the file goes into the audit log.

    Times without an offset are in the zone of `now`. The file is checked before that transaction begins, so that chats
    do not wait meanwhile; if somebody changed names by then, again, and the last time inside it. So are employees,
    who are few, and whose teams and accounts leave no trace in what is compared.
    """
    for _ in range(_TRIES):
        async with db.read() as session:
            plan = await _plan(UnitOfWork(session), sheet, table, now)
        if not isinstance(plan, _Plan):
            return plan
        if sheet is USERS:
            break
        async with db.write() as session:
            if await Tables(session).state(sheet.table) == plan.state:
                return await _written(UnitOfWork(session), plan.draft, rules, digest)
    async with db.write() as session:
        uow = UnitOfWork(session)
        plan = await _plan(uow, sheet, table, now)
        return await _written(uow, plan.draft, rules, digest) if isinstance(plan, _Plan) else plan


async def _plan(uow: UnitOfWork, sheet: Sheet, table: Table, now: datetime) -> _Plan | list[Fault]:
    tables, zone = Tables(uow.session), now.tzinfo
    if zone is None:
        raise ValueError("naive datetime")
    state = await tables.state(sheet.table)
    checked = check(sheet, table.header, table.lines, await load_known(tables), zone)
    if checked.faults:
        return checked.faults
    matches, faults = match(sheet, checked.rows, await load_existing(tables, sheet, checked.rows))
    faults += examine(sheet, matches, await tables.accounts())
    return faults or _Plan(await draft_of(tables, sheet, matches, now), state)


async def _written(uow: UnitOfWork, draft: Draft, rules: FollowupRules, digest: str) -> Written:
    written = await write(uow, draft, rules)
    counted = {"created": written.created, "updated": written.updated}
    uow.audit.add(draft.now, None, "import", f"import:{draft.sheet.what}", sha256=digest, **counted)
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
