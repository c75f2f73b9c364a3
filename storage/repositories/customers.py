"""Customers, their contacts, and the traces of contact with them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import Column, ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.base import Base
from storage.crm import Contact, Customer, Interaction, Lead
from storage.repositories.reach import Reach
from storage.revisions import Names, names_changed, revision

_SPOKEN = ("note", "voice")


class Customers:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, customer_id: int) -> Customer | None:
        return await self._session.get(Customer, customer_id)

    async def named(self, name: str) -> Customer | None:
        """The customer of exactly this name."""
        return await self._session.scalar(select(Customer).where(Customer.name == name))

    async def all_named(self, names: Sequence[str]) -> Sequence[Customer]:
        """Those of exactly these names, in the order given."""
        rows = (await self._session.scalars(select(Customer).where(Customer.name.in_(names)))).all()
        return sorted(rows, key=lambda customer: names.index(customer.name))

    async def add(self, name: str, owner_id: int | None, team_id: int | None, now: datetime) -> Customer:
        customer = Customer(name=name, aliases=[], owner_id=owner_id, team_id=team_id, created_at=now)
        self._session.add(customer)
        await self._session.flush()
        return customer

    def reassigned(self) -> None:
        """Others may see a customer from now on: what was made from the names they see is out of date."""
        names_changed(self._session, Names.CUSTOMERS)

    async def sees(self, customer_id: int, visible: ColumnElement[bool]) -> bool:
        """Whether the customer fulfils `visible`."""
        return await self._session.scalar(select(Customer.id).where(Customer.id == customer_id, visible)) is not None

    async def revisions(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Two values that differ whenever a customer came, changed or went; a contact or an employee came or went."""
        return await revision(self._session, Names.CUSTOMERS), await revision(self._session, Names.PEOPLE)

    async def names(self, visible: ColumnElement[bool]) -> Sequence[tuple[int, str, list[str], int | None]]:
        """(id, name, aliases, owner) of those that fulfil `visible`."""
        wanted = select(Customer.id, Customer.name, Customer.aliases, Customer.owner_id).where(visible)
        rows = await self._session.execute(wanted.order_by(Customer.id))
        return [(row.id, row.name, row.aliases, row.owner_id) for row in rows]

    async def latest_touched(self, reach: Reach, limit: int) -> Sequence[Customer]:
        """Those within reach that have an open lead, the latest touched first, then the newest of the others."""
        leads = select(Lead.customer_id).where(Lead.id.in_(reach.latest_touched(limit)))
        touched = leads.order_by(Lead.touched_at.desc(), Lead.id.desc())
        newest = reach.newest_customers(limit)
        ids = [*await self._session.scalars(touched), *await self._session.scalars(newest)]
        first = list(dict.fromkeys(ids))[:limit]
        rows = (await self._session.scalars(select(Customer).where(Customer.id.in_(first)))).all()
        return sorted(rows, key=lambda customer: first.index(customer.id))

    async def contact_names(self, visible: ColumnElement[bool]) -> Sequence[str]:
        wanted = select(Contact.name).join(Customer, Customer.id == Contact.customer_id).where(visible)
        return (await self._session.scalars(wanted.distinct())).all()

    async def contacts(self, customer_id: int) -> Sequence[Contact]:
        wanted = select(Contact).where(Contact.customer_id == customer_id).order_by(Contact.id)
        return (await self._session.scalars(wanted)).all()

    async def add_contacts(self, customer_id: int, names: Sequence[str]) -> list[Contact]:
        """Put those on file that are not yet, and return them."""
        known = {contact.name for contact in await self.contacts(customer_id)}
        fresh = [Contact(customer_id=customer_id, name=name) for name in dict.fromkeys(names) if name not in known]
        self._session.add_all(fresh)
        await self._session.flush()
        return fresh

    async def remove_contacts(self, ids: Sequence[int]) -> None:
        await self._remove((await self._session.scalars(select(Contact).where(Contact.id.in_(ids)))).all())

    def touch(self, interaction: Interaction) -> None:
        """Record a contact with the customer."""
        self._session.add(interaction)

    async def interactions(self, customer_id: int, limit: int) -> Sequence[Interaction]:
        """The latest first."""
        wanted = select(Interaction).where(Interaction.customer_id == customer_id)
        latest = wanted.order_by(Interaction.at.desc(), Interaction.id.desc()).limit(limit)
        return (await self._session.scalars(latest)).all()

    async def forget_note(self, note_id: int) -> None:
        """Remove the interactions that a note made; files that were sent with it stay."""
        made = select(Interaction).where(Interaction.note_id == note_id, Interaction.kind.in_(_SPOKEN))
        await self._remove((await self._session.scalars(made)).all())

    async def files_of(self, note_id: int) -> Sequence[Interaction]:
        """The files that were sent with a note."""
        sent = select(Interaction).where(Interaction.note_id == note_id, Interaction.kind.not_in(_SPOKEN))
        return (await self._session.scalars(sent.order_by(Interaction.id))).all()

    async def forget_files(self, note_id: int) -> None:
        """Remove the files that were sent with a note from its customer."""
        await self._remove(await self.files_of(note_id))

    async def _remove(self, rows: Sequence[Interaction | Contact]) -> None:
        for row in rows:
            await self._session.delete(row)
        await self._session.flush()

    async def move_files(self, note_id: int, customer_id: int) -> None:
        """The files that were sent with a note belong to this customer."""
        for row in await self.files_of(note_id):
            row.customer_id = customer_id

    async def remove_unused(self, customer_id: int) -> bool:
        """Remove a customer that nothing refers to any more; whether it was."""
        await self._session.flush()
        for column in _references():
            used = select(column).where(column == customer_id).limit(1)
            if await self._session.scalar(used) is not None:
                return False
        await self.remove_contacts([contact.id for contact in await self.contacts(customer_id)])
        customer = await self.get(customer_id)
        if customer is not None:
            await self._session.delete(customer)
            await self._session.flush()
        return True


def _references() -> Iterator[Column[int]]:
    """Every column that names a customer, but for the contacts', who go with theirs."""
    for table in Base.metadata.sorted_tables:
        if table.name != Contact.__tablename__ and "customer_id" in table.c:
            yield table.c.customer_id
