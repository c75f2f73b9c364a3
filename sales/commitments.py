"""Promises to customers: kept in time, kept late, or somebody hears of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sales.alerts import PROMISE_LATE
from sales.calendar import Quiet
from storage.crm import Alert, Commitment
from storage.repositories.commitments import KEPT, LATE
from storage.uow import UnitOfWork

_BEFORE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Warnings:
    """When reps are warned of deadlines: `ahead` of them, outside quiet hours.

    What would have to wait for the morning is warned of then, if it is not due before; else before the night begins.
    With nothing `ahead` there are no warnings.
    """

    quiet: Quiet
    ahead: timedelta

    def at(self, due_at: datetime) -> datetime:
        """When a promise due at that time is warned of. Later deadlines are never warned of earlier."""
        wanted = due_at - self.ahead
        night = self._night(wanted)
        if night is None:
            return wanted
        began, ends = night
        return ends if wanted > began and due_at > ends else began

    def reach(self, at: datetime) -> datetime:
        """Up to which deadline promises have been warned of at that time."""
        night = self._night(at)
        return at + self.ahead if night is None else max(night[1], night[0] + self.ahead)

    def is_wanted(self, promise: Commitment, at: datetime) -> bool:
        """Whether a warning makes sense: not of what is over, nor of what was promised just now."""
        due_at = promise.due_at.astimezone(at.tzinfo)
        return due_at > at and promise.created_at <= min(self.at(due_at), due_at - self.ahead)

    def _night(self, at: datetime) -> tuple[datetime, datetime] | None:
        """The quiet time that `at` falls in, the last minute before it included."""
        began = (self.quiet.since(at) or self.quiet.since(at + _BEFORE)) if self.ahead else None
        return (began - _BEFORE, self.quiet.hold_until(began)) if began is not None else None


async def keep(uow: UnitOfWork, promise: Commitment, user_id: int, now: datetime) -> list[Alert] | None:
    """It is fulfilled, and with it its to-do. Returns the alerts that this settled; None when it was closed already."""
    state = KEPT if now <= promise.due_at else LATE
    if not await uow.commitments.close(promise.id, state, now):
        return None
    await uow.session.refresh(promise)
    uow.audit.add(now, user_id, f"commitment.{state}", f"commitment:{promise.id}")
    if promise.todo_id is not None:
        await uow.todos.finish(promise.todo_id, user_id, now)
    alerts = await uow.alerts.open_about(commitment_id=promise.id)
    return [alert for alert in alerts if await uow.alerts.close(alert.id, user_id, "已兑现", now)]


async def raise_late(uow: UnitOfWork, commitment: Commitment, now: datetime) -> Alert | None:
    """An alert about a promise whose deadline is over; None when there is one for this deadline."""
    user = await uow.users.get(commitment.user_id)
    subject = f"commitment:{commitment.id}:late:{int(commitment.due_at.timestamp())}"
    return await uow.alerts.raise_once(
        PROMISE_LATE, subject, now,
        user_id=commitment.user_id, team_id=user.team_id if user else None, commitment_id=commitment.id,
    )  # fmt: skip
