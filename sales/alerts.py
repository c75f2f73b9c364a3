"""What a manager decides about an overdue step: more time, or somebody else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sales.followup import FollowupRules, due_at
from storage.crm import Alert, Customer, Lead, Step
from storage.people import Role, User
from storage.uow import UnitOfWork

OVERDUE, PROMISE_LATE, HOT_LEAD = "overdue_step", "commitment_late", "hot_lead"


async def raise_overdue(uow: UnitOfWork, step: Step, now: datetime) -> Alert | None:
    """An alert about a step; None when there is one for this due time, or its lead is over."""
    found = await uow.steps.with_lead(step.id)
    if found is None or found[1].state != "open":
        return None
    _, lead, customer = found
    team_id = await team_of(uow, lead, customer)
    subject = f"step:{step.id}:overdue:{int(step.due_at.timestamp())}"
    return await uow.alerts.raise_once(
        OVERDUE, subject, now, user_id=step.owner_id or lead.owner_id, team_id=team_id, step_id=step.id
    )


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


def reassign(
    step: Step, lead: Lead, customer: Customer, taker: User, now: datetime, rules: FollowupRules
) -> None:
    """Somebody else's from now on, with the touchpoint's full time; the customer goes along if it was theirs."""
    if customer.owner_id == lead.owner_id:
        customer.owner_id = taker.id
    lead.owner_id = step.owner_id = taker.id
    extend(step, due_at(step.touchpoint, now, rules))
