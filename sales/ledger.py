"""What a note changed, so that undoing it can put everything back that nobody has changed since.

Notes on one customer build on each other: what one left is what the next found. When an older one goes, the next
takes over what that one had found, so that undoing it later does not bring the older one's values back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.orm.attributes import flag_modified

from sales import records
from storage.crm import Alert, Commitment, Contact, Customer, Lead, Note, Opportunity, Step, Todo
from storage.repositories.steps import CANCELLED, DONE, OPEN
from storage.uow import UnitOfWork

Row = Customer | Contact | Lead | Opportunity | Step | Todo | Commitment | Alert
Entry = dict[str, Any]
_Values = dict[str, str | None]

_KINDS: dict[str, type[Row]] = {
    kind.__tablename__: kind
    for kind in (Customer, Contact, Lead, Opportunity, Step, Todo, Commitment, Alert)
}
_FIELDS: dict[str, dict[str, Callable[[str], Any]]] = {
    "customers": {},
    "contacts": {},
    "leads": {"stage": str, "state": str, "owner_id": int, "touched_at": datetime.fromisoformat},
    "opportunities": {"stage": str, "state": str, "amount": Decimal, "close_on": date.fromisoformat},
    "steps": {"state": str, "due_at": datetime.fromisoformat, "done_at": datetime.fromisoformat},
    "todos": {"state": str, "remind_at": datetime.fromisoformat},
    "commitments": {"state": str, "closed_at": datetime.fromisoformat},
    "alerts": {"state": str, "outcome": str, "closed_by": int, "closed_at": datetime.fromisoformat},
}

_KEEPS_MOVING = frozenset({"stage", "amount", "close_on", "touched_at", "owner_id"})


class Ledger:
    """Keeps the rows of one note: how they were, and (`entries`) how they became.

    `later`: the notes that came after it on the same customer, oldest first.
    """

    def __init__(self, later: Sequence[Note] = ()) -> None:
        self._later = later
        self._rows: list[tuple[Row, _Values | None]] = []
        self._stated: list[Entry] = []

    def watch(self, *rows: Row) -> None:
        """These may change from here on."""
        self._rows += [(row, _values(row)) for row in rows]

    def made(self, *rows: Row) -> None:
        """These are new."""
        self._rows += [(row, None) for row in rows]

    def made_later(self, row: Row) -> bool:
        """Whether a later note made the row."""
        first = next(_entries(self._later, row.__tablename__, row.id), None)
        return first is not None and first["was"] is None

    def state(self, row: Row, **values: Any) -> None:
        """Set these as of this note: what a later note has set since stays, and what it found becomes this.

        A row that a later note made is this note's from now on.
        """
        found = list(_entries(self._later, row.__tablename__, row.id))
        said = {name: _text(value) for name, value in values.items()}
        if self.made_later(row):
            was, became = None, _stated_before(row, found, said)
        else:
            was = dict(found[0]["was"]) if found else _values(row)
            became = {**was, **said}
            for name in said:
                _carry(row, found, name, was[name], became[name])
        _rewritten(self._later if found else ())
        if became != was:
            self._stated.append({"table": row.__tablename__, "id": row.id, "was": was, "became": became})

    def entries(self) -> list[Entry]:
        """The changes in their order, as JSON."""
        seen = [
            {"table": row.__tablename__, "id": row.id, "was": was, "became": became}
            for row, was in self._rows
            if (became := _values(row)) != was
        ]
        return [*seen, *self._stated]


@dataclass(slots=True)
class Reverting:
    """Takes back what one note changed, at `now`; `user_id` does it. `later` as for `Ledger`.

    What is still as the note left it is put back; what others changed since stays. `alerts` are those that are open
    again, since the work that settled them is undone, or closed, since their step is gone.
    """

    uow: UnitOfWork
    user_id: int
    now: datetime
    later: Sequence[Note]
    alerts: list[Alert] = field(default_factory=list)

    async def revert(self, entries: Sequence[Entry]) -> None:
        """`entries`: as the ledger wrote them."""
        left = await self._hand_on_step(list(entries))
        for entry in reversed([entry for entry in left if entry["was"] is None]):
            await self._unmake(entry)
        for entry in left:
            if entry["was"] is not None:
                await self._restore(entry)
        _rewritten(self.later)
        await self.uow.session.flush()

    # --- rows that the note changed ------------------------------------------------------------------------------

    async def _restore(self, entry: Entry) -> None:
        row = await self._row(entry)
        if row is None:
            return
        was, became = entry["was"], entry["became"]
        names = [name for name in _FIELDS[entry["table"]] if was[name] != became[name]]
        if "state" in names and was["state"] == OPEN and await self._is_over(row):
            names = [name for name in names if name in _KEEPS_MOVING]
        found = list(_entries(self.later, entry["table"], row.id))
        for name in names:
            _carry(row, found, name, became[name], was[name])
        if isinstance(row, Alert) and row.state == OPEN:
            self.alerts.append(row)

    async def _is_over(self, row: Row) -> bool:
        """Whether something newer stands in the row's place, so that it must not be opened again."""
        match row:
            case Lead():
                newest = await self.uow.leads.latest(row.customer_id)
                return newest is not None and newest.state == OPEN and newest.id != row.id
            case Opportunity():
                newest_deal = await self.uow.leads.opportunity(row.customer_id)
                return newest_deal is not None and newest_deal.id != row.id
            case Step():
                lead = await self.uow.leads.get(row.lead_id)
                return lead is None or lead.state != OPEN or await self.uow.steps.open_of(lead.id) is not None
            case Alert():
                return not await self._is_open(row)
        return False

    async def _is_open(self, alert: Alert) -> bool:
        """Whether the work that an alert is about is to be done."""
        if alert.step_id is not None:
            step = await self.uow.steps.get(alert.step_id)
            return step is not None and step.state == OPEN
        promise = await self.uow.commitments.get(alert.commitment_id or 0)
        return promise is not None and promise.state == OPEN

    # --- rows that the note made ---------------------------------------------------------------------------------

    async def _unmake(self, entry: Entry) -> None:
        row = await self._row(entry)
        heir = next(_entries(self.later, entry["table"], entry["id"]), None)
        if heir is not None:
            heir["was"] = None
        elif isinstance(row, Contact):
            await self._unmake_contact(row, entry)
        elif isinstance(row, Customer):
            if not await self.uow.customers.remove_unused(row.id) and self.later:
                self.later[0].before.insert(0, entry)
        elif row is not None and _values(row) == entry["became"]:
            await self._remove(row)

    async def _unmake_contact(self, contact: Contact, entry: Entry) -> None:
        """Gone, unless a later note named the same person: then it is that note's."""
        heir = next((note for note in self.later if contact.name in records.from_json(note.record).contacts), None)
        if heir is not None:
            heir.before.append(entry)
        else:
            await self.uow.customers.remove_contacts([contact.id])

    async def _remove(self, row: Row) -> None:
        for step in await self._steps_of(row):
            await self._settle(step)
        if isinstance(row, Lead | Opportunity):
            await self.uow.leads.remove(row)
        elif isinstance(row, Step) and row.alerted_at is not None:
            row.state, row.done_at = CANCELLED, self.now
        else:
            await self.uow.session.delete(row)

    async def _steps_of(self, row: Row) -> Sequence[Step]:
        if isinstance(row, Lead):
            return await self.uow.steps.of_lead(row.id)
        return [row] if isinstance(row, Step) else []

    async def _settle(self, step: Step) -> None:
        """Nothing is left to be done about it: managers need not decide."""
        for alert in await self.uow.alerts.open_about(step_id=step.id):
            if await self.uow.alerts.close(alert.id, self.user_id, "记录已撤销", self.now):
                self.alerts.append(alert)

    async def _hand_on_step(self, entries: list[Entry]) -> list[Entry]:
        """The note did one step and began another, which a later note did: without it, that one did the first.

        Returns the entries that are still to be reverted.
        """
        mine = [entry for entry in entries if entry["table"] == "steps"]
        done = next((entry for entry in mine if entry["was"] and entry["became"]["state"] == DONE), None)
        made = next((entry for entry in mine if entry["was"] is None), None)
        heir = next((note for note in self.later if made and _entry_of(note, made)), None)
        if done is None or made is None or heir is None:
            return entries
        taken = _entry_of(heir, made) or {}
        first, second = await self._row(done), await self._row(made)
        taken["id"], taken["was"] = done["id"], done["was"]
        taken["became"] = {**taken["became"], "due_at": done["was"]["due_at"]}
        if isinstance(first, Step) and _values(first) == done["became"]:
            for name in ("state", "done_at"):
                _set(first, name, taken["became"][name])
        if isinstance(second, Step) and second.alerted_at is None:
            await self.uow.session.delete(second)
        alerts = [entry for entry in entries if entry["table"] == "alerts"]
        heir.before += alerts
        return [entry for entry in entries if entry not in (done, made, *alerts)]

    async def _row(self, entry: Entry) -> Row | None:
        await self.uow.session.flush()
        row: Row | None = await self.uow.session.get(_KINDS[entry["table"]], entry["id"], populate_existing=True)
        return row


def _entries(notes: Sequence[Note], table: str, row_id: int) -> Iterator[Entry]:
    """What these notes did to a row, in their order."""
    return (
        entry for note in notes for entry in note.before if entry["table"] == table and entry["id"] == row_id
    )


def _entry_of(note: Note, like: Entry) -> Entry | None:
    """What the note did to the same row, if it found it there."""
    entry = next(_entries([note], like["table"], like["id"]), None)
    return entry if entry is not None and entry["was"] is not None else None


def _carry(row: Row, found: Sequence[Entry], name: str, before: str | None, after: str | None) -> None:
    """Let a value become `after` wherever it is still `before`: in what later notes found and left, and in the row."""
    for entry in found:
        if entry["was"] is None or entry["was"][name] != before:
            return
        entry["was"][name] = after
        if entry["became"][name] != before:
            return
        entry["became"][name] = after
    if _values(row)[name] == before:
        _set(row, name, after)


def _stated_before(row: Row, found: Sequence[Entry], said: _Values) -> _Values:
    """How a row became by a note that is to have made it before the one that did; what that one left open is set."""
    first = found[0]
    became = {**first["became"], **said}
    first["was"] = dict(became)
    for name in said:
        if first["became"][name] is None:
            first["became"][name] = said[name]
            _carry(row, found[1:], name, None, said[name])
    return became


def _rewritten(notes: Sequence[Note]) -> None:
    """Have changes inside the notes' entries stored."""
    for note in notes:
        flag_modified(note, "before")


def _set(row: Row, name: str, text: str | None) -> None:
    setattr(row, name, None if text is None else _FIELDS[row.__tablename__][name](text))


def _values(row: Row) -> _Values:
    return {name: _text(getattr(row, name)) for name in _FIELDS[row.__tablename__]}


def _text(value: Any) -> str | None:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    return None if value is None else str(value)
