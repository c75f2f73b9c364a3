"""What a manager decides about an overdue step: more time, or somebody else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sales.followup import FollowupRules, due_at
from sales.handover import HandedOver, hand_over_customer
from storage.crm import Alert, Customer, Lead, Step
from storage.people import Role, User
from storage.uow import UnitOfWork

OVERDUE, PROMISE_LATE, HOT_LEAD = "overdue_step", "commitment_late", "hot_lead"


async def raise_overdue(uow: UnitOfWork, step: Step, now: datetime, reminded: Alert | None = None) -> Alert | None:
    """An alert about a step; None when there is one for this due time, or its lead is over.

    After the reminder that decided `reminded` there is another one.
    """
    found = await uow.steps.with_lead(step.id)
    if found is None or found[1].state != "open":
        return None
    _, lead, customer = found
    team_id = await team_of(uow, lead, customer)
    rung = f"again:{reminded.id}" if reminded is not None else "overdue"
    subject = f"step:{step.id}:{rung}:{int(step.due_at.timestamp())}"
    return await uow.alerts.raise_once(
        OVERDUE, subject, now, user_id=step.owner_id or lead.owner_id, team_id=team_id, step_id=step.id
    )


async def who_has_it(uow: UnitOfWork, alert: Alert) -> User | None:
    """Whose work the alert is about by now: it may have been handed over since it was raised."""
    promise = await uow.commitments.get(alert.commitment_id) if alert.commitment_id is not None else None
    step = await uow.steps.get(alert.step_id) if alert.step_id is not None else None
    has_it = promise.user_id if promise is not None else step.owner_id if step is not None else None
    user_id = has_it if has_it is not None else alert.user_id
    return await uow.users.get(user_id) if user_id is not None else None


async def team_of(uow: UnitOfWork, lead: Lead, customer: Customer) -> int | None:
    """The team that answers for a lead: its owner's, else its own, else its customer's."""
    owner = await uow.users.get(lead.owner_id) if lead.owner_id is not None else None
    return (owner.team_id if owner else None) or lead.team_id or customer.team_id


async def assignable(uow: UnitOfWork, alert: Alert) -> Sequence[User]:
    """The reps a manager can give the work to: the team's (anybody's for work without a team), but not who has it."""
    if alert.team_id is None:
        reps = await uow.users.with_role(Role.REP)
    else:
        reps = await uow.users.of_team(alert.team_id, Role.REP)
    return [rep for rep in reps if rep.id != alert.user_id]


def extend(step: Step, until: datetime) -> None:
    """More time: the step may be alerted of again after that."""
    step.due_at, step.alerted_at = until, None


async def reassign(
    uow: UnitOfWork, step: Step, lead: Lead, customer: Customer, taker: User, now: datetime, rules: FollowupRules
) -> HandedOver:
    """Somebody else's from now on, with the touchpoint's full time and all that belongs to it."""
    step.owner_id = taker.id
    extend(step, due_at(step.touchpoint, now, rules))
    return await hand_over_customer(uow, customer, lead, taker)
