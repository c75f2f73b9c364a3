"""Promises as reps and managers see them."""

from __future__ import annotations

from datetime import datetime

from bot.outgoing import Reply, UpdateCards
from cards import wording
from cards.commitments import PromiseView, closed_card, promise_card
from storage.crm import Commitment
from storage.repositories.commitments import CANCELLED, LATE, OPEN
from storage.uow import UnitOfWork


def subject(promise: Commitment) -> str:
    """By which the rep's cards of a promise are found again."""
    return f"commitment:{promise.id}"


async def promise_view(uow: UnitOfWork, promise: Commitment, now: datetime) -> PromiseView:
    user = await uow.users.get(promise.user_id)
    customer = await uow.customers.get(promise.customer_id) if promise.customer_id is not None else None
    return view_of(promise, customer.name if customer else None, user.name if user else "", now)


def view_of(promise: Commitment, customer: str | None, rep: str, now: datetime) -> PromiseView:
    late = promise.due_at < now
    span = wording.span(abs(promise.due_at - now))
    return PromiseView(
        commitment_id=promise.id,
        title=promise.title,
        customer=customer,
        rep=rep,
        due=wording.when(promise.due_at, now),
        left=f"已超时 {span}" if late else f"还剩 {span}",
        late=late,
    )


async def kept(uow: UnitOfWork, promise: Commitment, now: datetime) -> list[Reply]:
    """The rep's cards show that it is fulfilled, and how late."""
    view = await promise_view(uow, promise, now)
    return [UpdateCards(subject(promise), closed_card(view, kept_note(promise, now)))]


async def stands(uow: UnitOfWork, promise: Commitment, now: datetime) -> UpdateCards:
    """The rep's cards show the promise as it is after the record that made it was changed or taken back."""
    view = await promise_view(uow, promise, now)
    if promise.state == OPEN:
        return UpdateCards(subject(promise), promise_card(view))
    note = "已随记录取消" if promise.state == CANCELLED else kept_note(promise, now)
    return UpdateCards(subject(promise), closed_card(view, note, kept=promise.state != CANCELLED))


def kept_note(promise: Commitment, now: datetime) -> str:
    """`承诺已按时兑现`, `承诺已兑现，迟了 20 分钟`."""
    if promise.state == LATE:
        return f"承诺已兑现，迟了 {wording.span((promise.closed_at or now) - promise.due_at)}"
    return "承诺已按时兑现"
