"""Forecasts: one number a person and week, and the pipeline it is made from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.crm import Customer, Forecast, Opportunity
from storage.inbox import insert_ignore
from storage.people import Role, User


class Forecasts:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def of(self, user_id: int, week: date) -> Forecast | None:
        """A person's row of the week that begins on this Monday."""
        wanted = select(Forecast).where(Forecast.user_id == user_id, Forecast.week == week)
        return await self._session.scalar(wanted.execution_options(populate_existing=True))

    async def ask(self, user_id: int, week: date, now: datetime) -> bool:
        """Make the row that waits for the number; False when it is there already."""
        row = insert_ignore(self._session, Forecast).values(user_id=user_id, week=week, asked_at=now)
        return await self._session.scalar(row.returning(Forecast.id)) is not None

    async def submit(
        self, user_id: int, week: date, now: datetime, *, expected: Decimal | None, commit: Decimal | None
    ) -> Forecast:
        """Keep the numbers (yuan); what is None stays as it was."""
        await self.ask(user_id, week, now)
        row = await self.of(user_id, week)
        if row is None:
            raise LookupError("the forecast row was just made")
        row.expected = expected if expected is not None else row.expected
        row.commit = commit if commit is not None else row.commit
        row.submitted_at = now
        return row

    async def of_week(self, user_ids: Sequence[int], week: date) -> dict[int, Forecast]:
        """The rows of these people for a week, by person."""
        wanted = select(Forecast).where(Forecast.user_id.in_(user_ids), Forecast.week == week)
        return {row.user_id: row for row in await self._session.scalars(wanted)}

    async def unasked(self, week: date, limit: int) -> Sequence[User]:
        """Active reps without a row for the week."""
        asked = select(Forecast.id).where(Forecast.user_id == User.id, Forecast.week == week).exists()
        wanted = select(User).where(User.active, User.role == Role.REP, ~asked).order_by(User.id).limit(limit)
        return (await self._session.scalars(wanted)).all()

    async def pipeline(self, user_ids: Sequence[int]) -> Sequence[tuple[Opportunity, str]]:
        """Open opportunities of these people with the customer's name, the largest first."""
        wanted = (
            select(Opportunity, Customer.name)
            .join(Customer, Customer.id == Opportunity.customer_id)
            .where(Opportunity.state == "open", Opportunity.owner_id.in_(user_ids))
            .order_by(Opportunity.amount.is_(None), Opportunity.amount.desc(), Opportunity.id)
        )
        return [(opportunity, name) for opportunity, name in await self._session.execute(wanted)]
