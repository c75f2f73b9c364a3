"""Leads with their steps, and opportunities."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.crm import Customer, Lead, Opportunity, Step
from storage.repositories.reach import Reach
from storage.revisions import Names, names_changed


class Leads:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, lead_id: int) -> Lead | None:
        return await self._session.get(Lead, lead_id)

    async def latest(self, customer_id: int) -> Lead | None:
        """The customer's newest open lead, else its newest closed one."""
        wanted = select(Lead).where(Lead.customer_id == customer_id)
        ordered = wanted.order_by((Lead.state == "open").desc(), Lead.id.desc())
        return await self._session.scalar(ordered.limit(1))

    async def open_in(self, reach: Reach, limit: int) -> Sequence[tuple[Lead, Customer]]:
        """Open leads within reach with their customers, the latest touched first."""
        wanted = select(Lead, Customer).join(Customer, Customer.id == Lead.customer_id)
        first = wanted.where(Lead.id.in_(reach.latest_touched(limit)))
        rows = await self._session.execute(first.order_by(Lead.touched_at.desc(), Lead.id.desc()))
        return [(lead, customer) for lead, customer in rows]

    async def open(
        self, customer: Customer, owner_id: int | None, stage: str, source: str, now: datetime
    ) -> Lead:
        """A new lead of the customer."""
        lead = Lead(
            customer_id=customer.id,
            owner_id=owner_id,
            team_id=customer.team_id,
            stage=stage,
            source=source,
            created_at=now,
            touched_at=now,
        )
        self._session.add(lead)
        await self._session.flush()
        if owner_id != customer.owner_id:
            names_changed(self._session, Names.CUSTOMERS)
        return lead

    async def opportunity(self, customer_id: int) -> Opportunity | None:
        """The customer's newest open opportunity."""
        wanted = select(Opportunity).where(Opportunity.customer_id == customer_id, Opportunity.state == "open")
        return await self._session.scalar(wanted.order_by(Opportunity.id.desc()).limit(1))

    async def opportunities(self, customer_id: int) -> Sequence[Opportunity]:
        """The customer's open opportunities."""
        wanted = select(Opportunity).where(Opportunity.customer_id == customer_id, Opportunity.state == "open")
        return (await self._session.scalars(wanted.order_by(Opportunity.id))).all()

    async def add_opportunity(
        self, customer: Customer, owner_id: int | None, title: str, stage: str, now: datetime
    ) -> Opportunity:
        found = Opportunity(
            customer_id=customer.id, owner_id=owner_id, title=title, stage=stage, created_at=now
        )
        self._session.add(found)
        await self._session.flush()
        return found

    async def remove(self, row: Lead | Opportunity) -> None:
        """Delete a row that was a mistake, with the steps that hang on it."""
        if isinstance(row, Lead):
            await self._session.execute(delete(Step).where(Step.lead_id == row.id))
        await self._session.delete(row)
        await self._session.flush()
