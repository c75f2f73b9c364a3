"""The timed jobs, one function each: what is due at an instant, and what is said about it."""

from __future__ import annotations

from datetime import datetime, timedelta

from apscheduler.triggers.cron import CronTrigger

from bot.config import Settings
from bot.outgoing import Reply, SendCard, ToUser
from cards.commitments import late_card, warning_card
from cards.forecasts import ask_card
from notices import alerts as alert_notices
from notices import commitments as promise_notices
from notices import forecasts as forecast_notices
from notices import todos as todo_notices
from notices.offers import offered
from sales import alerts, commitments, hotleads, todos
from sales.calendar import Quiet
from sales.commitments import Warnings
from sales.forecast import week_of
from scheduler.model import EVER, Chunk, Cron, Due, Job
from scheduler.weekly import WeeklyAtWork
from storage import audit, firings, inbox
from storage.crm import Commitment
from storage.uow import UnitOfWork

_ROWS_OF_UPKEEP = 500


def all_jobs(settings: Settings) -> tuple[Job, ...]:
    """Every job of the product, its timetable made from the settings."""
    zone, forecast = settings.timezone, settings.forecast
    weekly = WeeklyAtWork(forecast.weekday, forecast.hour)
    week_left = timedelta(days=8 - forecast.weekday, hours=-forecast.hour)
    return (
        Due("todo_reminders", next_reminder, remind_todos),
        Due("hot_lead_offers", next_offer_end, pass_hot_leads_on),
        Due("overdue_steps", next_overdue_step, alert_overdue_steps),
        Due("unheeded_reminders", next_unheeded_reminder, alert_unheeded_reminders),
        Due("commitment_warnings", next_warning, warn_of_deadlines),
        Due("commitment_alerts", next_late_commitment, alert_late_commitments),
        Cron("forecast_cards", weekly, ask_for_forecasts, good_for=week_left),
        Cron("audit_seal", CronTrigger(minute="*", timezone=zone), seal_audit, housekeeping=True),
        Cron("inbox_retention", CronTrigger(hour=3, minute=30, timezone=zone), forget_inbox, housekeeping=True),
    )


def _quiet(settings: Settings) -> Quiet:
    return Quiet(settings.quiet_hours.start, settings.quiet_hours.end)


def _held_since(after: datetime, settings: Settings) -> datetime:
    """After which time the next step to be alerted of came up: in quiet hours and on days off all of them wait."""
    return EVER if _quiet(settings).hold_until_work(after) != after else after


def _released(due: datetime | None, after: datetime, settings: Settings) -> datetime | None:
    """When a step that came up at `due` is alerted of, in the zone of `after`."""
    return _quiet(settings).hold_until_work(max(due.astimezone(after.tzinfo), after)) if due is not None else None


# --- to-dos ------------------------------------------------------------------------------------------------------


async def next_reminder(uow: UnitOfWork, after: datetime, settings: Settings) -> datetime | None:
    return await uow.todos.next_ring(after)


async def remind_todos(uow: UnitOfWork, at: datetime, settings: Settings, limit: int) -> Chunk:
    """Ring for to-dos whose time has come."""
    ringing = await todos.ring_due(uow, at, limit)
    replies: list[Reply] = [todo_notices.reminder(each, at, settings) for each in ringing]
    return replies, len(ringing) == limit


# --- hot leads ---------------------------------------------------------------------------------------------------


async def next_offer_end(uow: UnitOfWork, after: datetime, settings: Settings) -> datetime | None:
    return await uow.groups.next_run_out(after)


async def pass_hot_leads_on(uow: UnitOfWork, at: datetime, settings: Settings, limit: int) -> Chunk:
    """Offer hot leads that were not accepted in time to the next rep, or alert the manager, at any hour."""
    run_out = await uow.groups.take_run_out(at, limit)
    replies: list[Reply] = []
    for hot in run_out:
        replies += await offered(uow, await hotleads.offer_next(uow, hot, at, settings.keywords), at, settings)
    return replies, len(run_out) == limit


# --- overdue steps -----------------------------------------------------------------------------------------------


async def next_overdue_step(uow: UnitOfWork, after: datetime, settings: Settings) -> datetime | None:
    grace = timedelta(minutes=settings.followup.grace_minutes)
    due = await uow.steps.first_due(_held_since(after, settings) - grace)
    return _released(due + grace if due else None, after, settings)


async def alert_overdue_steps(uow: UnitOfWork, at: datetime, settings: Settings, limit: int) -> Chunk:
    """Tell managers of steps that are past due, outside quiet hours and days off."""
    if _quiet(settings).hold_until_work(at) != at:
        return [], False
    overdue = await uow.steps.take_overdue(at - timedelta(minutes=settings.followup.grace_minutes), at, limit)
    replies: list[Reply] = []
    for step in overdue:
        if alert := await alerts.raise_overdue(uow, step, at):
            replies += await alert_notices.raised(uow, alert, at, settings)
    return replies, len(overdue) == limit


async def next_unheeded_reminder(uow: UnitOfWork, after: datetime, settings: Settings) -> datetime | None:
    patience = timedelta(hours=settings.followup.remind_again_hours)
    reminded = await uow.steps.first_reminded(_held_since(after, settings) - patience)
    return _released(reminded + patience if reminded else None, after, settings)


async def alert_unheeded_reminders(uow: UnitOfWork, at: datetime, settings: Settings, limit: int) -> Chunk:
    """Tell managers again of steps that are still open long after they had the rep reminded."""
    if _quiet(settings).hold_until_work(at) != at:
        return [], False
    unheeded = await uow.steps.take_unheeded(at - timedelta(hours=settings.followup.remind_again_hours), at, limit)
    replies: list[Reply] = []
    for step, reminded in unheeded:
        if alert := await alerts.raise_overdue(uow, step, at, reminded):
            replies += await alert_notices.raised(uow, alert, at, settings)
    return replies, len(unheeded) == limit


# --- promises ----------------------------------------------------------------------------------------------------


async def next_warning(uow: UnitOfWork, after: datetime, settings: Settings) -> datetime | None:
    warnings = _warnings(settings)
    due = await uow.commitments.first_to_warn(warnings.reach(after))
    return warnings.at(due.astimezone(after.tzinfo)) if due is not None else None


async def warn_of_deadlines(uow: UnitOfWork, at: datetime, settings: Settings, limit: int) -> Chunk:
    """Remind reps of promises that are due soon, outside quiet hours. What is over is the alert's business."""
    warnings = _warnings(settings)
    soon = await uow.commitments.take_to_warn(warnings.reach(at), at, limit)
    wanted = [promise for promise in soon if warnings.is_wanted(promise, at)]
    return [await _warning(uow, promise, at) for promise in wanted], len(soon) == limit


def _warnings(settings: Settings) -> Warnings:
    return Warnings(_quiet(settings), timedelta(minutes=settings.commitments.warn_before_minutes))


async def _warning(uow: UnitOfWork, promise: Commitment, at: datetime) -> Reply:
    view = await promise_notices.promise_view(uow, promise, at)
    return SendCard(ToUser(promise.user_id), warning_card(view), promise_notices.subject(promise))


async def next_late_commitment(uow: UnitOfWork, after: datetime, settings: Settings) -> datetime | None:
    grace = timedelta(minutes=settings.commitments.alert_after_minutes)
    due = await uow.commitments.first_to_alert(after - grace)
    return due + grace if due else None


async def alert_late_commitments(uow: UnitOfWork, at: datetime, settings: Settings, limit: int) -> Chunk:
    """Tell the rep and the manager of broken promises, at any hour."""
    late = await uow.commitments.take_to_alert(
        at - timedelta(minutes=settings.commitments.alert_after_minutes), at, limit
    )
    replies: list[Reply] = []
    for promise in late:
        view = await promise_notices.promise_view(uow, promise, at)
        replies.append(SendCard(ToUser(promise.user_id), late_card(view), promise_notices.subject(promise)))
        if alert := await commitments.raise_late(uow, promise, at):
            replies += await alert_notices.raised(uow, alert, at, settings)
    return replies, len(late) == limit


# --- by timetable ------------------------------------------------------------------------------------------------


async def ask_for_forecasts(uow: UnitOfWork, at: datetime, settings: Settings, limit: int) -> Chunk:
    """Ask each rep for the week's forecast who has not given it yet."""
    week = week_of(at.date())
    reps = await uow.forecasts.unasked(week, limit)
    replies: list[Reply] = []
    for rep in reps:
        if await uow.forecasts.ask(rep.id, week, at):
            view = await forecast_notices.forecast_view(uow, rep.id, week, settings)
            replies.append(SendCard(ToUser(rep.id), ask_card(view), forecast_notices.subject(rep.id, week)))
    return replies, len(reps) == limit


async def seal_audit(uow: UnitOfWork, at: datetime, settings: Settings, limit: int) -> Chunk:
    """Chain the audit entries that were committed since the last time."""
    sealed = await audit.seal(uow.session, _ROWS_OF_UPKEEP)
    return [], sealed == _ROWS_OF_UPKEEP


async def forget_inbox(uow: UnitOfWork, at: datetime, settings: Settings, limit: int) -> Chunk:
    """Remove events that were done longer ago than they are to be kept, and the firings of that time."""
    before = at - timedelta(days=settings.dispatch.keep_raw_days)
    forgotten = await inbox.forget(uow.session, before, _ROWS_OF_UPKEEP)
    await firings.forget(uow.session, before)
    return [], forgotten == _ROWS_OF_UPKEEP
