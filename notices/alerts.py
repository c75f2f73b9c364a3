"""Alerts as managers see them: the card of each kind, open or decided, and who gets it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from bot.config import Settings
from bot.outgoing import Reply, SendCard, ToUser, UpdateCards
from cards import alerts as overdue_cards
from cards import commitments as promise_cards
from cards import hotleads as hot_cards
from cards import wording
from cards.alerts import OverdueView
from cards.model import Card
from notices.commitments import promise_view
from notices.hotleads import hot_lead_of, hot_view, names_of
from sales.alerts import HOT_LEAD, OVERDUE, assignable, who_has_it
from sales.followup import extended_to
from storage.crm import Alert
from storage.uow import UnitOfWork

_NOBODY = "未分配"


def subject(alert: Alert) -> str:
    """By which the cards of an alert are found again."""
    return f"alert:{alert.id}"


async def raised(uow: UnitOfWork, alert: Alert, now: datetime, settings: Settings) -> list[Reply]:
    """A new alert, to everybody who is to decide on it."""
    card = await alert_card(uow, alert, now, settings)
    managers = await uow.users.managers_of(alert.team_id, alert.user_id)
    return [SendCard(ToUser(manager.id), card, subject(alert)) for manager in managers]


async def decided(uow: UnitOfWork, alerts: Iterable[Alert], now: datetime, settings: Settings) -> list[Reply]:
    """Decided alerts: every card shows by whom and how."""
    return [UpdateCards(subject(alert), await alert_card(uow, alert, now, settings)) for alert in alerts]


async def alert_card(uow: UnitOfWork, alert: Alert, now: datetime, settings: Settings) -> Card:
    """The card as the alert stands."""
    if alert.kind == OVERDUE:
        return await _overdue(uow, alert, now, settings)
    if alert.kind == HOT_LEAD:
        return await _hot_lead(uow, alert, now)
    return await _promise(uow, alert, now)


async def note_of(uow: UnitOfWork, alert: Alert, now: datetime) -> str:
    """`陈静 已提醒 王磊 10:32`; empty while it is open."""
    if alert.closed_at is None:
        return ""
    closer = await uow.users.get(alert.closed_by) if alert.closed_by is not None else None
    local = alert.closed_at.astimezone(now.tzinfo)
    at = f"{local:%H:%M}" if local.date() == now.date() else wording.when(local, now)
    return " ".join(filter(None, (closer.name if closer else "", alert.outcome, at)))


async def _reps(uow: UnitOfWork, alert: Alert) -> list[tuple[int, str]]:
    return [(rep.id, rep.name) for rep in await assignable(uow, alert)]


async def _overdue(uow: UnitOfWork, alert: Alert, now: datetime, settings: Settings) -> Card:
    view = await overdue_view(uow, alert, now)
    note = await note_of(uow, alert, now)
    if view is None:
        rep = await who_has_it(uow, alert)
        return overdue_cards.gone_card(rep.name if rep else _NOBODY, note)
    if note:
        return overdue_cards.decided_card(view, note)
    until = extended_to(now, settings.followup.extend_days)
    return overdue_cards.overdue_card(view, until.isoformat(), await _reps(uow, alert))


async def overdue_view(uow: UnitOfWork, alert: Alert, now: datetime) -> OverdueView | None:
    """What the card of an overdue step shows; None when the step was removed."""
    found = await uow.steps.with_lead(alert.step_id) if alert.step_id is not None else None
    if found is None:
        return None
    rep = await uow.users.get(alert.user_id) if alert.user_id is not None else None
    step, _, customer = found
    due_at = datetime.fromtimestamp(int(alert.subject.rpartition(":")[2]), tz=now.tzinfo)
    last = await uow.customers.interactions(customer.id, 1)
    return OverdueView(
        alert_id=alert.id,
        customer=customer.name,
        rep=rep.name if rep else _NOBODY,
        touchpoint=wording.stage(step.touchpoint),
        due=wording.when(due_at, now),
        late=wording.span((alert.closed_at or now) - due_at),
        last_contact=wording.when(last[0].at, now) if last else "还没有记录",
    )


async def _promise(uow: UnitOfWork, alert: Alert, now: datetime) -> Card:
    promise = await uow.commitments.get(alert.commitment_id) if alert.commitment_id is not None else None
    if promise is None:
        return Card(title="承诺已删除")
    view = await promise_view(uow, promise, now)
    note = await note_of(uow, alert, now)
    if not note:
        return promise_cards.alert_card(view, alert.id)
    return promise_cards.closed_card(view, note, kept=promise.state != "open")


async def _hot_lead(uow: UnitOfWork, alert: Alert, now: datetime) -> Card:
    hot = await hot_lead_of(uow, alert)
    if hot is None:
        return Card(title="热线索已删除")
    view, tried = await hot_view(uow, hot, now), await names_of(uow, hot.tried)
    if note := await note_of(uow, alert, now):
        return hot_cards.closed_escalation_card(view, tried, note)
    return hot_cards.escalated_card(view, alert.id, tried, await _reps(uow, alert))
