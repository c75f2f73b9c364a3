"""What a note changed, so that undoing it can put everything back that nobody has changed since."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from storage.crm import Contact, Customer, Lead, Opportunity, Step
from storage.repositories.customers import Customers
from storage.repositories.leads import Leads

Row = Customer | Contact | Lead | Opportunity | Step
_Values = dict[str, str | None]

_KINDS: dict[str, type[Row]] = {
    kind.__tablename__: kind for kind in (Customer, Contact, Lead, Opportunity, Step)
}
_FIELDS: dict[str, dict[str, Callable[[str], Any]]] = {
    "customers": {},
    "contacts": {},
    "leads": {"stage": str, "state": str, "owner_id": int, "touched_at": datetime.fromisoformat},
    "opportunities": {"stage": str, "state": str, "amount": Decimal, "close_on": date.fromisoformat},
    "steps": {"state": str, "due_at": datetime.fromisoformat, "done_at": datetime.fromisoformat},
}


class Ledger:
    """Keeps the rows of one note: how they were, and (`entries`) how they became."""

    def __init__(self) -> None:
        self._rows: list[tuple[Row, _Values | None]] = []

    def watch(self, *rows: Row) -> None:
        """These may change from here on."""
        self._rows += [(row, _values(row)) for row in rows]

    def made(self, *rows: Row) -> None:
        """These are new."""
        self._rows += [(row, None) for row in rows]

    def entries(self) -> list[dict[str, Any]]:
        """The changes in their order, as JSON."""
        return [
            {"table": row.__tablename__, "id": row.id, "was": was, "became": became}
            for row, was in self._rows
            if (became := _values(row)) != was
        ]


async def revert(session: AsyncSession, entries: Sequence[dict[str, Any]]) -> None:
    """Put back what is still as the note left it, the last change first. Later changes by others stay."""
    for entry in reversed(entries):
        row: Row | None = await session.get(_KINDS[entry["table"]], entry["id"])
        if row is None:
            continue
        if entry["was"] is None:
            await _remove(session, row, entry["became"])
        else:
            _restore(row, entry["was"], entry["became"])
    await session.flush()


async def _remove(session: AsyncSession, row: Row, became: _Values) -> None:
    if _values(row) != became:
        return
    await session.flush()
    if isinstance(row, Customer):
        await Customers(session).remove_unused(row.id)
    elif isinstance(row, Lead | Opportunity):
        await Leads(session).remove(row)
    else:
        await session.delete(row)


def _restore(row: Row, was: _Values, became: _Values) -> None:
    now = _values(row)
    for name, decode in _FIELDS[row.__tablename__].items():
        if now[name] == became[name] and was[name] != became[name]:
            value = was[name]
            setattr(row, name, None if value is None else decode(value))


def _values(row: Row) -> _Values:
    return {name: _text(getattr(row, name)) for name in _FIELDS[row.__tablename__]}


def _text(value: Any) -> str | None:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    return None if value is None else str(value)
