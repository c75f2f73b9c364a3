"""Hot leads as their cards show them, and what everybody sees once somebody has one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.outgoing import Reply, SendCard, ToUser, UpdateCards
from cards import wording
from cards.hotleads import HotLeadView, settled_card
from storage.crm import Alert, HotLead
from storage.people import User
from storage.uow import UnitOfWork

_LINES = 4


def subject(hot: HotLead) -> str:
    """By which the cards of a hot lead are found again."""
    return f"hot:{hot.id}"


async def hot_lead_of(uow: UnitOfWork, alert: Alert) -> HotLead | None:
    """The hot lead that an alert is about."""
    return await uow.groups.hot_lead(int(alert.subject.partition(":")[2]))


async def hot_view(uow: UnitOfWork, hot: HotLead, now: datetime) -> HotLeadView:
    group = await uow.groups.get(hot.group_id)
    customer = await uow.customers.get(hot.customer_id) if hot.customer_id is not None else None
    lines = await uow.groups.before(hot.group_id, hot.asked_at, _LINES)
    return HotLeadView(
        hot_lead_id=hot.id,
        customer=customer.name if customer else (group.title if group and group.title else "客户群"),
        asked_by=hot.asked_by,
        words=hot.words,
        asked_at=wording.when(hot.asked_at, now),
        text=hot.text,
        lines=tuple(f"{line.sender}：{line.text}" for line in lines),
    )


async def names_of(uow: UnitOfWork, user_ids: Sequence[int]) -> list[str]:
    users = [await uow.users.get(user_id) for user_id in user_ids]
    return [user.name for user in users if user is not None]


async def taken(uow: UnitOfWork, hot: HotLead, taker: User, now: datetime, note: str) -> list[Reply]:
    """Everybody who was asked sees who has it."""
    view = await hot_view(uow, hot, now)
    return [
        UpdateCards(subject(hot), settled_card(view, note, mine=user_id == taker.id), user_id) for user_id in hot.tried
    ]


async def assigned(uow: UnitOfWork, hot: HotLead, taker: User, now: datetime, note: str) -> list[Reply]:
    """A manager gave it to `taker`, who hears of it; the others see who has it."""
    card = settled_card(await hot_view(uow, hot, now), note, mine=True)
    updates = await taken(uow, hot, taker, now, note)
    return [*updates, SendCard(ToUser(taker.id), card, subject(hot))]
