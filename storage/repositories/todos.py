"""To-dos."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage.base import spelled
from storage.crm import Customer, Todo

OPEN, DONE, CANCELLED = "open", "done", "cancelled"
_OPEN = Todo.state == spelled(OPEN)


class Todos:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, todo_id: int) -> Todo | None:
        return await self._session.get(Todo, todo_id, populate_existing=True)

    async def add(self, todo: Todo) -> Todo:
        self._session.add(todo)
        await self._session.flush()
        return todo

    async def of_note(self, note_id: int) -> Sequence[Todo]:
        return (await self._session.scalars(select(Todo).where(Todo.note_id == note_id).order_by(Todo.id))).all()

    async def open_of(self, user_id: int, limit: int) -> Sequence[tuple[Todo, str | None]]:
        """A person's open to-dos with the customer's name, the soonest due first, those without a time last."""
        wanted = (
            select(Todo, Customer.name)
            .outerjoin(Customer, Customer.id == Todo.customer_id)
            .where(_OPEN, Todo.assignee_id == user_id)
            .order_by(Todo.due_at.is_(None), Todo.due_at, Todo.id)
            .limit(limit)
        )
        return [(todo, name) for todo, name in await self._session.execute(wanted)]

    async def open_at(self, customer_id: int, limit: int) -> Sequence[Todo]:
        """The customer's open to-dos, the soonest due first."""
        wanted = select(Todo).where(_OPEN, Todo.customer_id == customer_id)
        ordered = wanted.order_by(Todo.due_at.is_(None), Todo.due_at, Todo.id).limit(limit)
        return (await self._session.scalars(ordered)).all()

    async def finish(self, todo_id: int, user_id: int, now: datetime) -> bool:
        """Mark it done; False when somebody was first."""
        changed = update(Todo).where(Todo.id == todo_id, _OPEN)
        done = changed.values(state=DONE, done_at=now, done_by=user_id, remind_at=None)
        return await self._session.scalar(done.returning(Todo.id)) is not None

    async def ring_at(self, todo_id: int, at: datetime) -> bool:
        """Let an open one ring at `at`; False when it is not open any more."""
        changed = update(Todo).where(Todo.id == todo_id, _OPEN).values(remind_at=at)
        return await self._session.scalar(changed.returning(Todo.id)) is not None

    async def hand_over(self, todo_id: int, giver_id: int, taker_id: int) -> bool:
        """Give an open one from one person to another; False when it is not open or not the giver's any more."""
        mine = update(Todo).where(Todo.id == todo_id, _OPEN, Todo.assignee_id == giver_id)
        return await self._session.scalar(mine.values(assignee_id=taker_id).returning(Todo.id)) is not None

    async def take_due(self, at: datetime, limit: int) -> Sequence[tuple[Todo, str | None]]:
        """Those whose time to ring has come, with the customer's name; they will not ring again by themselves."""
        due = (
            select(Todo, Customer.name)
            .outerjoin(Customer, Customer.id == Todo.customer_id)
            .where(_OPEN, Todo.remind_at <= at)
            .order_by(Todo.remind_at, Todo.id)
            .limit(limit)
            .with_for_update(skip_locked=True, of=Todo)
        )
        rows = [(todo, name) for todo, name in await self._session.execute(due)]
        for todo, _ in rows:
            todo.remind_at = None
        return rows

    async def next_ring(self, after: datetime) -> datetime | None:
        """The first time after `after` at which one rings."""
        due = select(func.min(Todo.remind_at)).where(_OPEN, Todo.remind_at > after)
        return await self._session.scalar(due)
