"""To-dos: which ring now, who may change them, and whom they can be handed to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sales import commitments
from sales.rights import Scope
from storage.crm import Alert, Todo
from storage.people import User
from storage.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class Ringing:
    """A to-do whose time has come, its customer's name, and the colleagues (id, name) it can be handed to."""

    todo: Todo
    customer: str | None
    colleagues: Sequence[tuple[int, str]]


async def ring_due(uow: UnitOfWork, at: datetime, limit: int) -> list[Ringing]:
    """At most `limit` to-dos that ring by `at`. They do not ring again unless they are snoozed or moved."""
    return [
        Ringing(todo, customer, await takers(uow, todo)) for todo, customer in await uow.todos.take_due(at, limit)
    ]


async def colleagues(uow: UnitOfWork, todo: Todo) -> list[User]:
    """The colleagues of the one who has it: it can be handed to them."""
    user = await uow.users.get(todo.assignee_id)
    if user is None or user.team_id is None:
        return []
    return [other for other in await uow.users.of_team(user.team_id) if other.id != user.id]


async def takers(uow: UnitOfWork, todo: Todo) -> list[tuple[int, str]]:
    """Their ids and names."""
    return [(other.id, other.name) for other in await colleagues(uow, todo)]


async def may_change(uow: UnitOfWork, scope: Scope, todo: Todo) -> bool:
    """Whether it is one's own, or of somebody one answers for."""
    assignee = await uow.users.get(todo.assignee_id)
    return scope.covers(todo.assignee_id, assignee.team_id if assignee else None)


async def finish(uow: UnitOfWork, todo: Todo, user: User, now: datetime) -> list[Alert] | None:
    """Do it, and keep the promise it fulfils. Returns the alerts that this settled; None when somebody was first."""
    if not await uow.todos.finish(todo.id, user.id, now):
        return None
    uow.audit.add(now, user.id, "todo.done", f"todo:{todo.id}")
    promise = await uow.commitments.of_todo(todo.id)
    settled = await commitments.keep(uow, promise, user.id, now) if promise is not None else None
    return settled or []


async def hand_over(uow: UnitOfWork, todo: Todo, giver: User, taker: User, now: datetime) -> bool:
    """Give it to a colleague with the promise it fulfils; False when it is not to be given any more."""
    if not await uow.todos.hand_over(todo.id, todo.assignee_id, taker.id):
        return False
    promise = await uow.commitments.of_todo(todo.id)
    if promise is not None:
        promise.user_id = taker.id
    uow.audit.add(now, giver.id, "todo.handed_over", f"todo:{todo.id}", to=taker.id)
    return True


def next_morning(now: datetime, hour: int) -> datetime:
    """`hour` o'clock of the next day, in the zone of `now`."""
    return datetime.combine(now.date() + timedelta(days=1), time(hour), now.tzinfo)
