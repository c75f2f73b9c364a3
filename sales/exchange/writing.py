"""A draft written into the database, in as few statements as can be: SQLite has one writer, and chats wait for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sales import followup
from sales.exchange.drafting import Columns, Draft
from sales.exchange.fields import Value
from sales.exchange.lists import account_of
from sales.exchange.sheets import CUSTOMERS, LEADS, USERS
from sales.followup import FollowupRules
from storage.crm import Contact, Step
from storage.people import Team, User
from storage.repositories.exchange import Tables
from storage.revisions import Names, names_changed
from storage.uow import UnitOfWork

_NAMES: dict[str, tuple[Names, ...]] = {
    "users": (Names.PEOPLE,), "customers": (Names.CUSTOMERS, Names.PEOPLE), "leads": (Names.CUSTOMERS,),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Written:
    """How many rows of the file were new, changed something, or said what was known."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0


async def write(uow: UnitOfWork, draft: Draft, rules: FollowupRules) -> Written:
    """Everything, in the caller's transaction."""
    tables, table = Tables(uow.session), draft.sheet.table
    ids = await tables.insert(table, draft.new)
    await tables.change(table, draft.changed)
    touched = set(draft.touched)
    if draft.sheet is CUSTOMERS:
        await _write_contacts(tables, draft, ids)
    if draft.sheet is LEADS:
        await tables.insert(Step, _first_steps(draft, ids, rules))
        await tables.end_leads(draft.ended, followup.LEAD_ENDED, draft.now)
    if draft.sheet is USERS:
        touched |= await _write_staff(uow, tables, draft, ids) & set(draft.known)
    if draft.new or touched:
        names_changed(uow.session, *_NAMES.get(draft.sheet.what, ()))
    return Written(len(ids), len(touched), len(draft.known) - len(touched))


async def _write_contacts(tables: Tables, draft: Draft, ids: Sequence[int]) -> None:
    of_new = [
        {"customer_id": customer_id, "name": name, "phone": phone}
        for customer_id, contacts in zip(ids, draft.contacts_of_new, strict=True)
        for name, phone in contacts.items()
    ]
    await tables.insert(Contact, [*draft.contacts, *of_new])
    await tables.change(Contact, draft.phones)


def _first_steps(draft: Draft, ids: Sequence[int], rules: FollowupRules) -> list[Columns]:
    """A new open lead has the step it stands at, due from now."""
    return [
        {
            "lead_id": lead_id,
            "owner_id": lead.get("owner_id"),
            "touchpoint": lead["stage"],
            "due_at": followup.due_at(lead["stage"], draft.now, rules),
            "state": "open",
            "created_at": draft.now,
        }
        for lead_id, lead in zip(ids, draft.new, strict=True)
        if lead["state"] == "open"
    ]


# --- staff -------------------------------------------------------------------------------------------------------


async def _write_staff(uow: UnitOfWork, tables: Tables, draft: Draft, ids: Sequence[int]) -> set[int]:
    """Teams, who answers for them, and messenger accounts; the ids of those for whom this changed something."""
    for change in draft.changed:
        for name in change.keys() & {"role", "active"}:
            uow.audit.add(draft.now, None, "user.changed", f"user:{change['id']}", **{name: str(change[name])})
    users = {user.id: user for user in await tables.users(fresh=True)}
    new = iter(ids)
    pairs = [(values, users[known if known is not None else next(new)]) for values, known in draft.staff]
    return await _Staff(uow, tables).settle(pairs)
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
