"""What an import is to write, worked out before the transaction that writes it: new rows and changed columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sales.exchange.fields import Value
from sales.exchange.lists import contact_of
from sales.exchange.matching import Match
from sales.exchange.sheets import CUSTOMERS, LEADS, USERS, Sheet
from storage.repositories.exchange import Tables

_ELSEWHERE = frozenset({"team", "manages", "accounts", "contacts"})
Columns = dict[str, Any]


@dataclass(slots=True)
class Draft:
    """Rows as columns by name.

    `contacts_of_new` has a mapping for each of `new` customers: name to phone. `ended`: ids of leads that are won or
    lost now. `staff`: the row of the file and the id of each known colleague, None for those of `new`.
    """

    sheet: Sheet
    now: datetime
    new: list[Columns] = field(default_factory=list)
    changed: list[Columns] = field(default_factory=list)
    contacts: list[Columns] = field(default_factory=list)
    contacts_of_new: list[dict[str, str | None]] = field(default_factory=list)
    phones: list[Columns] = field(default_factory=list)
    ended: list[int] = field(default_factory=list)
    known: list[int] = field(default_factory=list)
    touched: set[int] = field(default_factory=set)
    staff: list[tuple[Mapping[str, Value], int | None]] = field(default_factory=list)


async def draft_of(tables: Tables, sheet: Sheet, matches: Sequence[Match], now: datetime) -> Draft:
    """A column the file lacks stays as it is; an empty cell empties what may be empty."""
    draft = Draft(sheet, now)
    teams_of = {user.id: user.team_id for user in await tables.users()} if sheet in (CUSTOMERS, LEADS) else {}
    for one in matches:
        if one.found is None:
            draft.new.append(_new(draft, one.row.values, teams_of))
        else:
            draft.known.append(one.found.id)
            _compare(draft, one.found, one.row.values)
    if sheet is CUSTOMERS:
        await _draft_contacts(tables, draft, matches)
    if sheet is USERS:
        draft.staff = [(one.row.values, one.found.id if one.found is not None else None) for one in matches]
    return draft


def _new(draft: Draft, values: Mapping[str, Value], teams_of: Mapping[int, int | None]) -> Columns:
    given = {name: value for name, value in values.items() if name not in _ELSEWHERE}
    defaults = _defaults(draft, values)
    made = given | {name: value for name, value in defaults.items() if given.get(name) is None}
    if draft.sheet in (CUSTOMERS, LEADS) and made.get("team_id") is None:
        made["team_id"] = teams_of.get(made.get("owner_id") or 0)
    return made


def _defaults(draft: Draft, values: Mapping[str, Value]) -> Columns:
    now = draft.now
    defaults: dict[str, Columns] = {
        "users": {"role": "rep", "active": True, "created_at": now},
        "customers": {"aliases": [], "created_at": now},
        "leads": {"state": "open", "source": "", "created_at": now, "touched_at": values.get("created_at") or now},
        "opportunities": {"state": "open", "created_at": now},
        "interactions": {"summary": ""},
    }
    return defaults.get(draft.sheet.what, {})


def _compare(draft: Draft, row: Any, values: Mapping[str, Value]) -> None:
    """What of a known row is not what the file says."""
    stays = _defaults(draft, values) | {"team_id": None}
    changes = {
        name: value
        for name, value in values.items()
        if name not in _ELSEWHERE and not (value is None and name in stays) and getattr(row, name) != value
    }
    if not changes:
        return
    draft.changed.append({"id": row.id, **changes})
    draft.touched.add(row.id)
    if draft.sheet is LEADS and row.state == "open" and changes.get("state", "open") != "open":
        draft.ended.append(row.id)


async def _draft_contacts(tables: Tables, draft: Draft, matches: Sequence[Match]) -> None:
    """Contacts are added and given their phones, never removed: chats may have found more since the export."""
    on_file = await tables.contacts(draft.known)
    for one in matches:
        wanted = _contacts(one.row.values.get("contacts"))
        if one.found is None:
            draft.contacts_of_new.append(wanted)
            continue
        known = {contact.name: contact for contact in on_file.get(one.found.id, [])}
        fresh = [name for name in wanted if name not in known]
        draft.contacts += [{"customer_id": one.found.id, "name": name, "phone": wanted[name]} for name in fresh]
        phones = [
            {"id": known[name].id, "phone": phone}
            for name, phone in wanted.items()
            if phone and name in known and known[name].phone != phone
        ]
        draft.phones += phones
        if fresh or phones:
            draft.touched.add(one.found.id)


def _contacts(texts: Value) -> dict[str, str | None]:
    """Phones by name; of several for one name the last."""
    found: dict[str, str | None] = {}
    for name, phone in map(contact_of, texts if isinstance(texts, list) else []):
        found[name] = phone or found.get(name)
    return found
