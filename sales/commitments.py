"""Promises to customers: kept in time, kept late, or somebody hears of it."""

from __future__ import annotations

from datetime import datetime

from sales.alerts import PROMISE_LATE
from storage.crm import Alert, Commitment
from storage.repositories.commitments import KEPT, LATE
from storage.uow import UnitOfWork


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
