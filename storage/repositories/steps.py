"""Steps: one touchpoint of one lead, what is to be done by when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.base import spelled
from storage.crm import Alert, Customer, Lead, Step
from storage.repositories.alerts import REMINDED

OPEN, DONE, CANCELLED = "open", "done", "cancelled"
_OPEN = Step.state == spelled(OPEN)
_UNALERTED = (_OPEN, Step.alerted_at.is_(None))
_UNHEEDED: tuple[ColumnElement[bool], ...] = (
    _OPEN,
    Alert.step_id == Step.id,
    Alert.state == spelled(REMINDED),
    Step.alerted_at <= Alert.closed_at,
)
"""Steps that are still open, with the last alert of them, which was decided by a reminder."""


class Steps:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, step_id: int) -> Step | None:
        return await self._session.get(Step, step_id)

    async def open_of(self, lead_id: int) -> Step | None:
        """The lead's open step, the newest if there are several."""
        wanted = select(Step).where(Step.lead_id == lead_id, Step.state == OPEN).order_by(Step.id.desc()).limit(1)
        return await self._session.scalar(wanted)

    async def of_lead(self, lead_id: int) -> Sequence[Step]:
        return (await self._session.scalars(select(Step).where(Step.lead_id == lead_id).order_by(Step.id))).all()

    async def add(self, lead: Lead, touchpoint: str, due_at: datetime, now: datetime) -> Step:
        """A new open step for the lead's owner."""
        step = Step(lead_id=lead.id, owner_id=lead.owner_id, touchpoint=touchpoint, due_at=due_at, created_at=now)
        self._session.add(step)
        await self._session.flush()
        return step

    async def with_lead(self, step_id: int) -> tuple[Step, Lead, Customer] | None:
        """A step with the lead and the customer it is about."""
        found = await self._session.execute(
            select(Step, Lead, Customer)
            .join(Lead, Lead.id == Step.lead_id)
            .join(Customer, Customer.id == Lead.customer_id)
            .where(Step.id == step_id)
        )
        row = found.one_or_none()
        return (row[0], row[1], row[2]) if row else None

    async def take_overdue(self, due_before: datetime, at: datetime, limit: int) -> Sequence[Step]:
        """Open steps due at or before `due_before` that nobody was alerted of; they count as alerted from now on."""
        wanted = (
            select(Step)
            .where(*_UNALERTED, Step.due_at <= due_before)
            .order_by(Step.due_at, Step.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        steps = (await self._session.scalars(wanted)).all()
        for step in steps:
            step.alerted_at = at
        return steps

    async def first_due(self, after: datetime) -> datetime | None:
        """The first time after `after` at which a step falls due that nobody was alerted of."""
        return await self._session.scalar(
            select(func.min(Step.due_at)).where(*_UNALERTED, Step.due_at > after)
        )

    async def take_unheeded(self, reminded_before: datetime, at: datetime, limit: int) -> Sequence[tuple[Step, Alert]]:
        """Open steps whose rep was reminded by then, and the alert; they count as alerted again from now on."""
        wanted = select(Step, Alert).where(*_UNHEEDED, Alert.closed_at <= reminded_before)
        ordered = wanted.order_by(Alert.closed_at, Alert.id).limit(limit)
        rows = await self._session.execute(ordered.with_for_update(skip_locked=True, of=Step))
        found = [(step, alert) for step, alert in rows]
        for step, _ in found:
            step.alerted_at = at
        return found

    async def first_reminded(self, after: datetime) -> datetime | None:
        """The first time after `after` at which a rep was reminded of a step that is still open."""
        wanted = select(Alert.closed_at).where(*_UNHEEDED, Alert.closed_at > after)
        return await self._session.scalar(wanted.order_by(Alert.closed_at).limit(1))
