"""Whole tables, in bulk: what import and export need and nobody else."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Table, bindparam, cast, func, insert, select, tuple_, update
from sqlalchemy.dialects.postgresql import REGCLASS
from sqlalchemy.ext.asyncio import AsyncSession

from storage.base import Base
from storage.crm import Alert, Contact, Customer, Order, Step
from storage.people import Identity, Team, User
from storage.repositories.alerts import CLOSED as ALERT_CLOSED
from storage.repositories.alerts import OPEN as ALERT_OPEN
from storage.repositories.steps import CANCELLED as STEP_CANCELLED
from storage.repositories.steps import OPEN as STEP_OPEN
from storage.revisions import Names, revision

CHUNK = 500


class Tables:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def customers(self) -> list[tuple[int, str, list[str]]]:
        """(id, name, aliases) of all customers."""
        rows = await self._session.execute(select(Customer.id, Customer.name, Customer.aliases))
        return [(row[0], row[1], row[2]) for row in rows]

    async def users(self, *, fresh: bool = False) -> Sequence[User]:
        """All employees, active or not; `fresh` reads again those that were read before."""
        wanted = select(User).order_by(User.id).execution_options(populate_existing=fresh)
        return (await self._session.scalars(wanted)).all()

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


    async def state(self, table: type[Any]) -> tuple[int, ...]:
        """A value that differs when a name changed that files may use, or rows came to the table."""
        names = await revision(self._session, Names.CUSTOMERS, Names.PEOPLE)
        newest = [await self._session.scalar(select(func.max(each.id))) or 0 for each in (table, Team, Order)]
        return (*names, *newest)

    async def insert(self, table: type[Any], rows: Sequence[Mapping[str, Any]]) -> Sequence[int]:
        """New rows, in one statement; their ids, in the same order."""
        if not rows:
            return []
        ids = await self._new_ids(table, len(rows))
        blank = dict.fromkeys(key for row in rows for key in row)
        complete = [{"id": row_id, **blank, **row} for row_id, row in zip(ids, rows, strict=True)]
        await self._session.execute(insert(_columns(table)), complete)
        return ids

    async def change(self, table: type[Any], rows: Sequence[Mapping[str, Any]]) -> None:
        """Set columns of the rows with these ids."""
        alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}
        for row in rows:
            names = tuple(name for name in row if name != "id")
            alike.setdefault(names, []).append({"row_id": row["id"], **{name: row[name] for name in names}})
        columns = _columns(table)
        for names, some in alike.items():
            changed = update(columns).where(columns.c.id == bindparam("row_id"))
            await (await self._session.connection()).execute(
                changed.values({name: bindparam(name) for name in names}), some
            )

    async def end_leads(self, lead_ids: Sequence[int], outcome: str, now: datetime) -> None:
        """Nothing is left to be done for them: their open steps are cancelled, the alerts about these closed."""
        for some in _chunks(lead_ids):
            steps = update(Step).where(Step.lead_id.in_(some), Step.state == STEP_OPEN)
            cancelled = steps.values(state=STEP_CANCELLED, done_at=now).returning(Step.id)
            ids = (await self._session.scalars(cancelled)).all()
            alerts = update(Alert).where(Alert.step_id.in_(ids), Alert.state == ALERT_OPEN)
            await self._session.execute(alerts.values(state=ALERT_CLOSED, closed_at=now, outcome=outcome))

    async def _new_ids(self, table: type[Any], count: int) -> Sequence[int]:
        """Ids that nobody else will have: SQLite's one writer takes the next, PostgreSQL hands them out."""
        if self._session.get_bind().dialect.name == "sqlite":
            newest = await self._session.scalar(select(func.max(table.id))) or 0
            return range(newest + 1, newest + 1 + count)
        sequence = func.pg_get_serial_sequence(table.__tablename__, "id")
        handed_out = select(func.nextval(cast(sequence, REGCLASS))).select_from(func.generate_series(1, count))
        return (await self._session.scalars(handed_out)).all()


def _columns(table: type[Any]) -> Table:
    return Base.metadata.tables[table.__tablename__]


def _chunks(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(values), CHUNK):
        yield values[start : start + CHUNK]
