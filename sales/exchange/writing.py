"""Matched rows written into the database: new ones with their defaults, known ones changed where they differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sales import followup
from sales.exchange.fields import Value
from sales.exchange.lists import account_of, contact_of
from sales.exchange.matching import Match
from sales.exchange.sheets import CUSTOMERS, LEADS, USERS, Sheet
from sales.followup import FollowupRules
from storage.crm import Contact, Lead, Step
from storage.people import Team, User
from storage.repositories.exchange import Tables
from storage.uow import UnitOfWork

_ELSEWHERE = frozenset({"team", "manages", "accounts", "contacts"})


@dataclass(slots=True)
class Written:
    """How many rows of the file were new, changed something, or said what was known."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0


@dataclass(slots=True)
class Writer:
    """Writes the rows of one file, all of them in the caller's transaction."""

    uow: UnitOfWork
    sheet: Sheet
    now: datetime
    rules: FollowupRules
    written: Written = field(default_factory=Written)

    async def write(self, matches: Sequence[Match]) -> Written:
        """Apply all rows. A column the file lacks stays as it is; an empty cell empties what may be empty."""
        tables = Tables(self.uow.session)
        teams_of = await _team_of_owner(tables)
        stored: list[tuple[Match, Any, bool]] = []
        for one in matches:
            known = one.found is not None
            row = one.found if known else self._new(one.row.values, teams_of)
            stored.append((one, row, self._changed(row, one.row.values) if known else True))
        await tables.add_all([row for one, row, _ in stored if one.found is None])
        extra = await self._elsewhere(tables, stored)
        for one, row, changed in stored:
            self._count(one, changed or row.id in extra)
        return self.written

    def _count(self, one: Match, changed: bool) -> None:
        if one.found is None:
            self.written.created += 1
        elif changed:
            self.written.updated += 1
        else:
            self.written.unchanged += 1

    def _new(self, values: Mapping[str, Value], teams_of: Mapping[int, int | None]) -> Any:
        given = {name: value for name, value in values.items() if name not in _ELSEWHERE and value is not None}
        made = self._defaults(values) | given
        if self.sheet in (CUSTOMERS, LEADS) and made.get("team_id") is None:
            made["team_id"] = teams_of.get(made.get("owner_id") or 0)
        return self.sheet.table(**made)

    def _defaults(self, values: Mapping[str, Value]) -> dict[str, Any]:
        created = values.get("created_at") or self.now
        defaults: dict[str, dict[str, Any]] = {
            "users": {"role": "rep", "active": True, "created_at": self.now},
            "customers": {"aliases": [], "created_at": self.now},
            "leads": {"state": "open", "source": "", "created_at": self.now, "touched_at": created},
            "opportunities": {"state": "open", "created_at": self.now},
            "interactions": {"summary": ""},
        }
        return defaults.get(self.sheet.what, {})

    def _changed(self, row: Any, values: Mapping[str, Value]) -> bool:
        """Make a known row what the file says; whether that changed it."""
        defaults = self._defaults(values) | {"team_id": None}
        changed = False
        for name, value in values.items():
            if name in _ELSEWHERE or (value is None and name in defaults) or getattr(row, name) == value:
                continue
            if isinstance(row, User) and name in ("role", "active"):
                self.uow.audit.add(self.now, None, "user.changed", f"user:{row.id}", **{name: str(value)})
            setattr(row, name, value)
            changed = True
        return changed

    async def _elsewhere(self, tables: Tables, stored: Sequence[tuple[Match, Any, bool]]) -> set[int]:
        """What belongs to a row but is kept in other tables; the ids of known rows that this changed."""
        pairs = [(one.row.values, row) for one, row, _ in stored]
        if self.sheet is USERS:
            return await _Staff(self.uow, tables).settle(pairs)
        if self.sheet is CUSTOMERS:
            return await _add_contacts(tables, pairs)
        if self.sheet is LEADS:
            for one, row, _ in stored:
                await self._steps(row, is_new=one.found is None)
        return set()

    async def _steps(self, lead: Lead, *, is_new: bool) -> None:
        """A new open lead gets the step it stands at, due from now; one that is won or lost has none left."""
        if is_new and lead.state == "open":
            due_at = followup.due_at(lead.stage, self.now, self.rules)
            self.uow.session.add(
                Step(lead_id=lead.id, owner_id=lead.owner_id, touchpoint=lead.stage, due_at=due_at, created_at=self.now)
            )
        elif not is_new and lead.state != "open":
            await followup.ended(self.uow, lead, self.now)


async def _team_of_owner(tables: Tables) -> dict[int, int | None]:
    return {user.id: user.team_id for user in await tables.users()}


async def _add_contacts(tables: Tables, pairs: Sequence[tuple[Mapping[str, Value], Any]]) -> set[int]:
    """Contacts are added and given their phones, never removed: chats may have found more since the export."""
    wanted = {row.id: _list(values, "contacts") for values, row in pairs}
    on_file = await tables.contacts(wanted)
    changed: set[int] = set()
    fresh: list[Contact] = []
    for customer_id, texts in wanted.items():
        known = {contact.name: contact for contact in on_file.get(customer_id, [])}
        for name, phone in map(contact_of, texts):
            if name not in known:
                known[name] = Contact(customer_id=customer_id, name=name, phone=phone)
                fresh.append(known[name])
                changed.add(customer_id)
            elif phone and known[name].phone != phone:
                known[name].phone = phone
                changed.add(customer_id)
    await tables.add_all(fresh)
    return changed


def _list(values: Mapping[str, Value], name: str) -> list[str]:
    value = values.get(name)
    return value if isinstance(value, list) else []


class _Staff:
    """Teams, who answers for them, and messenger accounts."""

    def __init__(self, uow: UnitOfWork, tables: Tables) -> None:
        self._uow = uow
        self._tables = tables
        self._teams: dict[str, Team] = {}
        self._changed: set[int] = set()

    async def settle(self, pairs: Sequence[tuple[Mapping[str, Value], User]]) -> set[int]:
        self._teams = {team.name: team for team in await self._tables.teams()}
        owners = await self._tables.accounts()
        for values, user in pairs:
            await self._join_team(values, user)
            await self._manage(values, user)
            await self._bind(values, user, owners)
        return self._changed

    async def _team(self, name: str) -> Team:
        if name not in self._teams:
            self._teams[name] = Team(name=name)
            await self._tables.add_all([self._teams[name]])
        return self._teams[name]

    async def _join_team(self, values: Mapping[str, Value], user: User) -> None:
        if "team" not in values:
            return
        name = values["team"]
        team_id = (await self._team(name)).id if isinstance(name, str) else None
        if user.team_id != team_id:
            user.team_id = team_id
            self._changed.add(user.id)

    async def _manage(self, values: Mapping[str, Value], user: User) -> None:
        if "manages" not in values:
            return
        wanted = [await self._team(name) for name in _list(values, "manages")]
        for team in self._teams.values():
            manager = user.id if team in wanted else None if team.manager_id == user.id else team.manager_id
            if team.manager_id != manager:
                team.manager_id = manager
                self._changed.add(user.id)

    async def _bind(self, values: Mapping[str, Value], user: User, owners: Mapping[tuple[str, str], int]) -> None:
        for platform, external_id in map(account_of, _list(values, "accounts")):
            if owners.get((platform, external_id)) != user.id:
                await self._uow.users.bind(user.id, platform, external_id)
                user.preferred = user.preferred or platform
                self._changed.add(user.id)
