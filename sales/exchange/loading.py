"""What of the database an import or an export needs to have at hand."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile
from typing import Any

from sales.exchange.checking import Row
from sales.exchange.known import Known, Person
from sales.exchange.lists import contact_text
from sales.exchange.sheets import CUSTOMERS, USERS, Sheet
from storage.repositories.exchange import Tables


async def load_known(tables: Tables) -> Known:
    """The names that cells may use."""
    customers = await tables.customers()
    aliases: dict[str, list[int]] = {}
    for customer_id, _, others in customers:
        for alias in others:
            aliases.setdefault(alias, []).append(customer_id)
    return Known(
        customers={name: customer_id for customer_id, name, _ in customers},
        aliases=aliases,
        teams={team.name: team.id for team in await tables.teams()},
        orders=await tables.orders(),
        people=[Person(user.id, user.name, user.mobile, user.active) for user in await tables.users()],
    )


async def load_existing(tables: Tables, sheet: Sheet, rows: Sequence[Row]) -> list[Any]:
    """The rows on file that those of the file may be."""
    found: dict[int, Any] = {}
    for names in sheet.keys:
        columns = _sure(sheet, names)
        values = {tuple(row.values.get(name) for name in columns) for row in rows}
        for stored in await tables.rows_with(sheet.table, columns, {one for one in values if None not in one}):
            found[stored.id] = stored
    return list(found.values())


def _sure(sheet: Sheet, names: Sequence[str]) -> tuple[str, ...]:
    """The first column of a key and those after it that are never empty: by these alone the database is asked."""
    required = {column.key for column in sheet.columns if column.required}
    return (names[0], *takewhile(required.__contains__, names[1:]))


class Extras:
    """Columns of a sheet that are not attributes of its rows: a customer's contacts, a user's teams and accounts."""

    def __init__(self, tables: Tables, sheet: Sheet) -> None:
        self._tables = tables
        self._sheet = sheet
        self._of_users: dict[int, dict[str, Any]] | None = None

    async def of(self, rows: Sequence[Any]) -> dict[int, dict[str, Any]]:
        """The values of those columns, by the rows' ids."""
        if self._sheet is CUSTOMERS:
            contacts = await self._tables.contacts([row.id for row in rows])
            return {
                customer_id: {"contacts": [contact_text(one.name, one.phone) for one in people]}
                for customer_id, people in contacts.items()
            }
        if self._sheet is USERS:
            self._of_users = self._of_users or await self._load_users(rows)
            return self._of_users
        return {}

    async def _load_users(self, rows: Sequence[Any]) -> dict[int, dict[str, Any]]:
        teams = await self._tables.teams()
        names = {team.id: team.name for team in teams}
        found: dict[int, dict[str, Any]] = {}
        for user in await self._tables.users():
            managed = [team.name for team in teams if team.manager_id == user.id]
            team = names.get(user.team_id) if user.team_id is not None else None
            found[user.id] = {"team": team, "manages": managed, "accounts": []}
        for (platform, external_id), user_id in (await self._tables.accounts()).items():
            found[user_id]["accounts"].append(f"{platform}:{external_id}")
        return found
