"""Customers, their contacts, and the traces of contact with them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, ScalarSelect, and_, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from storage.crm import Contact, Customer, Interaction, Lead, Note, Opportunity, Todo
from storage.people import User


def visible_to(user_id: int, team_ids: Sequence[int], *, everything: bool) -> ColumnElement[bool]:
    """The condition for customers one owns, of these teams, or nobody's; `everything` wins."""
    if everything:
        return true()
    nobodys = and_(Customer.owner_id.is_(None), Customer.team_id.is_(None))
    return or_(Customer.owner_id == user_id, Customer.team_id.in_(team_ids), nobodys)


def _count(column: InstrumentedAttribute[int], *where: ColumnElement[bool]) -> ScalarSelect[int]:
    return select(func.count(column)).where(*where).scalar_subquery()


def _sum(column: InstrumentedAttribute[int], *where: ColumnElement[bool]) -> ScalarSelect[int]:
    return select(func.sum(column)).where(*where).scalar_subquery()


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

    async def add(self, name: str, owner_id: int, team_id: int | None, now: datetime) -> Customer:
        customer = Customer(name=name, aliases=[], owner_id=owner_id, team_id=team_id, created_at=now)
        self._session.add(customer)
        await self._session.flush()
        return customer

    async def revisions(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Two values that differ whenever a customer came, changed or went; a contact or an employee came or went."""
        names = (_count(Customer.id), _sum(Customer.id), _sum(Customer.revision))
        here = User.active.is_(True)
        people = (_count(Contact.id), _sum(Contact.id), _count(User.id, here), _sum(User.id, here))
        row = (await self._session.execute(select(*names, *people))).one()
        values = [int(value or 0) for value in row]
        return tuple(values[: len(names)]), tuple(values[len(names) :])

    async def names(self, visible: ColumnElement[bool]) -> Sequence[tuple[int, str, list[str], int | None]]:
        """(id, name, aliases, owner) of those that fulfil `visible`."""
        wanted = select(Customer.id, Customer.name, Customer.aliases, Customer.owner_id).where(visible)
        rows = await self._session.execute(wanted.order_by(Customer.id))
        return [(row.id, row.name, row.aliases, row.owner_id) for row in rows]

    async def latest_touched(self, visible: ColumnElement[bool], limit: int) -> Sequence[Customer]:
        """Those that fulfil `visible` with a lead, the latest touched first."""
        latest = select(Lead.customer_id, func.max(Lead.touched_at).label("at")).group_by(Lead.customer_id).subquery()
        wanted = select(Customer).outerjoin(latest, latest.c.customer_id == Customer.id).where(visible)
        ordered = wanted.order_by(latest.c.at.is_(None), latest.c.at.desc(), Customer.id).limit(limit)
        return (await self._session.scalars(ordered)).all()

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
        for contact in (await self._session.scalars(select(Contact).where(Contact.id.in_(ids)))).all():
            await self._session.delete(contact)
        await self._session.flush()

    def touch(self, interaction: Interaction) -> None:
        """Record a contact with the customer."""
        self._session.add(interaction)

    async def interactions(self, customer_id: int, limit: int) -> Sequence[Interaction]:
        """The latest first."""
        wanted = select(Interaction).where(Interaction.customer_id == customer_id)
        latest = wanted.order_by(Interaction.at.desc(), Interaction.id.desc()).limit(limit)
        return (await self._session.scalars(latest)).all()

    async def forget_note(self, note_id: int) -> None:
        """Remove the interactions that a note made."""
        for row in (await self._session.scalars(select(Interaction).where(Interaction.note_id == note_id))).all():
            await self._session.delete(row)
        await self._session.flush()

    async def remove_unused(self, customer_id: int) -> bool:
        """Remove a customer that nothing refers to any more; whether it was."""
        await self._session.flush()
        for table in (Interaction, Lead, Note, Opportunity, Todo):
            used = select(table.id).where(table.customer_id == customer_id).limit(1)
            if await self._session.scalar(used) is not None:
                return False
        await self.remove_contacts([contact.id for contact in await self.contacts(customer_id)])
        customer = await self.get(customer_id)
        if customer is not None:
            await self._session.delete(customer)
            await self._session.flush()
        return True
