"""Hot leads as their cards show them, and what everybody sees once somebody has one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.outgoing import Reply, SendCard, SendText, ToUser, UpdateCards
from cards import wording
from cards.hotleads import HotLeadView, settled_card
from sales.handover import HandedOver
from sales.hotleads import Opened
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


async def told_former(uow: UnitOfWork, opened: Opened, taker: User) -> list[Reply]:
    """The one who had the lead hears who has it now; their manager, too, when it went to another team."""
    former = await uow.users.get(opened.handed.former) if opened.handed.former is not None else None
    if former is None:
        return []
    told = f"{opened.customer.name}在群里的询问由{taker.name}接单，线索转到{taker.name}名下{along(opened.handed)}。"
    replies: list[Reply] = [SendText(ToUser(former.id), f"{told}有要交代的请直接联系{taker.name}。")]
    if former.team_id != taker.team_id:
        managers = await uow.users.managers_of(former.team_id, former.id)
        replies += [SendText(ToUser(manager.id), f"{told}原负责人：{former.name}。") for manager in managers]
    return replies


def along(handed: HandedOver) -> str:
    """`，连同待办 2 条、承诺 1 条`; empty if nothing went along."""
    counts = [f"{name} {count} 条" for name, count in (("待办", handed.todos), ("承诺", handed.promises)) if count]
    return f"，连同{'、'.join(counts)}" if counts else ""


async def assigned(uow: UnitOfWork, hot: HotLead, taker: User, now: datetime, note: str) -> list[Reply]:
    """A manager gave it to `taker`, who hears of it; the others see who has it."""
    card = settled_card(await hot_view(uow, hot, now), note, mine=True)
    updates = await taken(uow, hot, taker, now, note)
    return [*updates, SendCard(ToUser(taker.id), card, subject(hot))]
