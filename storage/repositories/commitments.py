"""Commitments: what we promised a customer until when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage.base import spelled
from storage.crm import Commitment, Customer

OPEN, KEPT, LATE, CANCELLED = "open", "kept", "late", "cancelled"
_UNALERTED = (Commitment.state == spelled(OPEN), Commitment.alerted_at.is_(None))
_UNWARNED = (*_UNALERTED, Commitment.warned_at.is_(None))


def known_late(due_at: datetime, now: datetime) -> datetime | None:
    """`warned_at` of a promise whose deadline is set now: nobody needs a warning of one that is over."""
    return now if due_at <= now else None


class Commitments:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, commitment_id: int) -> Commitment | None:
        return await self._session.get(Commitment, commitment_id, populate_existing=True)

    async def add(
        self,
        *,
        user_id: int,
        title: str,
        due_at: datetime,
        now: datetime,
        customer_id: int | None = None,
        note_id: int | None = None,
        todo_id: int | None = None,
    ) -> Commitment:
        """A promise of `user_id`, open until kept. `todo_id` is the to-do that fulfils it."""
        made = Commitment(
            user_id=user_id, title=title, due_at=due_at, created_at=now,
            customer_id=customer_id, note_id=note_id, todo_id=todo_id, warned_at=known_late(due_at, now),
        )  # fmt: skip
        self._session.add(made)
        await self._session.flush()
        return made

    async def of_note(self, note_id: int) -> Sequence[Commitment]:
        wanted = select(Commitment).where(Commitment.note_id == note_id).order_by(Commitment.id)
        return (await self._session.scalars(wanted)).all()

    async def of_todo(self, todo_id: int) -> Commitment | None:
        """The promise that this to-do fulfils."""
        wanted = select(Commitment).where(Commitment.todo_id == todo_id).order_by(Commitment.id.desc()).limit(1)
        return await self._session.scalar(wanted)

    async def open_of(self, user_ids: Sequence[int], limit: int) -> Sequence[tuple[Commitment, str | None]]:
        """Open promises of these people with the customer's name, the soonest due first."""
        wanted = (
            select(Commitment, Customer.name)
            .outerjoin(Customer, Customer.id == Commitment.customer_id)
            .where(Commitment.state == OPEN, Commitment.user_id.in_(user_ids))
            .order_by(Commitment.due_at, Commitment.id)
            .limit(limit)
        )
        return [(commitment, name) for commitment, name in await self._session.execute(wanted)]

    async def open_at(self, customer_id: int) -> Sequence[Commitment]:
        """The open promises to a customer."""
        wanted = select(Commitment).where(Commitment.state == OPEN, Commitment.customer_id == customer_id)
        return (await self._session.scalars(wanted.order_by(Commitment.id))).all()

    async def close(self, commitment_id: int, state: str, now: datetime) -> bool:
        """Set an open one to kept, late or cancelled; False when it is closed already."""
        changed = update(Commitment).where(Commitment.id == commitment_id, Commitment.state == OPEN)
        closed = changed.values(state=state, closed_at=now).returning(Commitment.id)
        return await self._session.scalar(closed) is not None

    async def take_to_warn(self, due_before: datetime, at: datetime, limit: int) -> Sequence[Commitment]:
        """Open ones due at or before `due_before` whose promiser was not warned; they count as warned from now on."""
        found = await self._take(_UNWARNED, due_before, limit)
        for commitment in found:
            commitment.warned_at = min(at, commitment.due_at)
        return found

    async def take_to_alert(self, due_before: datetime, at: datetime, limit: int) -> Sequence[Commitment]:
        """Open ones late since `due_before` at least of which no manager heard; they count as alerted from now on.

        One whose deadline was over when it was set is late since then.
        """
        told = or_(Commitment.warned_at.is_(None), Commitment.warned_at <= due_before)
        found = await self._take((*_UNALERTED, told), due_before, limit)
        for commitment in found:
            commitment.alerted_at = at
        return found

    async def first_to_warn(self, after: datetime) -> datetime | None:
        """The first deadline after `after` of which nobody was warned."""
        return await self._first(_UNWARNED, after)

    async def first_to_alert(self, after: datetime) -> datetime | None:
        """The first time after `after` at which one became late of which no manager heard."""
        told_in_time = or_(Commitment.warned_at.is_(None), Commitment.warned_at <= Commitment.due_at)
        told_late = select(func.min(Commitment.warned_at)).where(
            *_UNALERTED, Commitment.warned_at > Commitment.due_at, Commitment.warned_at > after
        )
        found = (await self._first((*_UNALERTED, told_in_time), after), await self._session.scalar(told_late))
        return min((at for at in found if at is not None), default=None)

    async def _take(
        self, conditions: tuple[ColumnElement[bool], ...], due_before: datetime, limit: int
    ) -> Sequence[Commitment]:
        wanted = select(Commitment).where(*conditions, Commitment.due_at <= due_before)
        first = wanted.order_by(Commitment.due_at, Commitment.id).limit(limit)
        return (await self._session.scalars(first.with_for_update(skip_locked=True))).all()

    async def _first(self, conditions: tuple[ColumnElement[bool], ...], after: datetime) -> datetime | None:
        wanted = select(func.min(Commitment.due_at)).where(*conditions, Commitment.due_at > after)
        return await self._session.scalar(wanted)
