"""Whole tables, in bulk: what import and export need and nobody else."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from storage.crm import Contact, Customer, Order
from storage.people import Identity, Team, User

CHUNK = 500


class Tables:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def customers(self) -> list[tuple[int, str, list[str]]]:
        """(id, name, aliases) of all customers."""
        rows = await self._session.execute(select(Customer.id, Customer.name, Customer.aliases))
        return [(row[0], row[1], row[2]) for row in rows]

    async def users(self) -> Sequence[User]:
        """All employees, active or not."""
        return (await self._session.scalars(select(User).order_by(User.id))).all()

    async def teams(self) -> Sequence[Team]:
        return (await self._session.scalars(select(Team).order_by(Team.id))).all()

    async def orders(self) -> dict[str, int]:
        """Ids by order number."""
        rows = await self._session.execute(select(Order.number, Order.id))
        return {row[0]: row[1] for row in rows}

    async def accounts(self) -> dict[tuple[str, str], int]:
        """Whose each id on each messenger is."""
        rows = await self._session.scalars(select(Identity).order_by(Identity.id))
        return {(one.platform, one.external_id): one.user_id for one in rows}

    async def contacts(self, customer_ids: Collection[int]) -> dict[int, list[Contact]]:
        """The contacts of each of these customers."""
        found: dict[int, list[Contact]] = {}
        for ids in _chunks(sorted(customer_ids)):
            wanted = select(Contact).where(Contact.customer_id.in_(ids)).order_by(Contact.id)
            for contact in await self._session.scalars(wanted):
                found.setdefault(contact.customer_id, []).append(contact)
        return found

    async def rows_with(
        self, table: type[Any], columns: Sequence[str], values: Collection[tuple[Any, ...]]
    ) -> list[Any]:
        """Rows whose `columns` have one of these combinations of values."""
        key = tuple_(*(getattr(table, name) for name in columns))
        found: list[Any] = []
        for some in _chunks(sorted(values)):
            found += (await self._session.scalars(select(table).where(key.in_(some)).order_by(table.id))).all()
        return found

    async def pages(self, table: type[Any]) -> AsyncIterator[Sequence[Any]]:
        """The whole table by id, `CHUNK` rows at a time, so that a large one needs little memory."""
        after = 0
        while page := await self._page(table, after):
            yield page
            after = page[-1].id
            self._session.expunge_all()

    async def _page(self, table: type[Any], after: int) -> Sequence[Any]:
        wanted = select(table).where(table.id > after).order_by(table.id).limit(CHUNK)
        return (await self._session.scalars(wanted)).all()

    async def add_all(self, rows: Sequence[Any]) -> None:
        """New rows, with ids when it returns."""
        self._session.add_all(rows)
        await self._session.flush()


def _chunks(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(values), CHUNK):
        yield values[start : start + CHUNK]
