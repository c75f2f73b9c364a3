"""Steps of a lead: a touch completes the open one and sets when the next is due."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from intents.calendar import WorkCalendar
from storage.crm import Alert, Lead, Step
from storage.repositories.steps import CANCELLED, DONE
from storage.uow import UnitOfWork

LEAD_ENDED = "线索已结束"
TOUCHPOINTS = ("first_contact", "needs_confirmed", "solution_demo", "objection_handling", "closing_prep")


class FollowupRules(Protocol):
    """The settings of follow-up."""

    @property
    def step_hours(self) -> Mapping[str, int]:
        """Hours that a step of each touchpoint may take."""


@dataclass(frozen=True, slots=True)
class Touch:
    """What a touch did. `done` is the step it completed, `step` the one that is open now.

    `settled` are the alerts that it made pointless: they are closed, their cards are still to be changed.
    """

    step: Step
    done: Step | None
    settled: Sequence[Alert]


def next_touchpoint(stage: str) -> str:
    """The touchpoint after `stage`; the last one is worked on until the lead is won or lost."""
    if stage not in TOUCHPOINTS:
        return TOUCHPOINTS[0]
    return TOUCHPOINTS[min(TOUCHPOINTS.index(stage) + 1, len(TOUCHPOINTS) - 1)]


def due_at(touchpoint: str, now: datetime, rules: FollowupRules) -> datetime:
    """When a step that begins now is due; a touchpoint the settings do not name gets the longest time."""
    return now + timedelta(hours=rules.step_hours.get(touchpoint, max(rules.step_hours.values(), default=72)))


def extended_to(now: datetime, days: int) -> date:
    """The day that a step is put off to unless one is chosen: so many days on, and a working day."""
    return WorkCalendar().first_workday_from(now.date() + timedelta(days=days))


async def open_step(uow: UnitOfWork, lead: Lead, touchpoint: str, now: datetime, rules: FollowupRules) -> Step:
    """A new step, due after the hours that its touchpoint may take."""
    return await uow.steps.add(lead, touchpoint, due_at(touchpoint, now, rules), now)


async def touched(
    uow: UnitOfWork, lead: Lead, stage: str | None, by: int, now: datetime, rules: FollowupRules
) -> Touch:
    """A contact on a lead by this user: its open step is done, the next one begins.

    With a `stage` (the touchpoint that happened) the lead stands there from now on and the next touchpoint follows;
    without one the same touchpoint goes on with fresh time.
    """
    done = await uow.steps.open_of(lead.id)
    settled: list[Alert] = []
    if done is not None:
        done.state, done.done_at = DONE, now
        settled = await settle_alerts(uow, done, by, "已跟进", now)
    if stage is not None:
        lead.stage = str(stage)
    lead.touched_at = now
    coming = next_touchpoint(lead.stage) if stage is not None or done is None else done.touchpoint
    return Touch(await open_step(uow, lead, coming, now, rules), done, settled)


async def settle_alerts(
    uow: UnitOfWork, step: Step, user_id: int | None, outcome: str, now: datetime
) -> list[Alert]:
    """Close the open alerts about a step, since the work is done or somebody else's; those that were open."""
    return [
        alert
        for alert in await uow.alerts.open_about(step_id=step.id)
        if await uow.alerts.close(alert.id, user_id, outcome, now)
    ]


async def ended(uow: UnitOfWork, lead: Lead, by: int | None, now: datetime) -> list[Alert]:
    """The lead was won or lost, as this user says: nothing is left to be done. Returns the alerts that this closed."""
    step = await uow.steps.open_of(lead.id)
    if step is None:
        return []
    step.state, step.done_at = CANCELLED, now
    return await settle_alerts(uow, step, by, LEAD_ENDED, now)
