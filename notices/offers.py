"""A hot lead goes from one rep to the next, in the end to the manager."""

from __future__ import annotations

from datetime import datetime

from bot.config import Settings
from bot.outgoing import Reply, SendCard, ToUser, UpdateCards
from cards.hotleads import offer_card, passed_card
from notices.alerts import raised
from notices.hotleads import hot_view, subject
from sales.hotleads import Offer
from storage.uow import UnitOfWork


async def offered(uow: UnitOfWork, offer: Offer, now: datetime, settings: Settings) -> list[Reply]:
    """The card to who is asked now, or the alert to the manager; who was asked before sees that it went on."""
    view = await hot_view(uow, offer.hot, now)
    chosen = await uow.users.get(offer.to) if offer.to is not None else None
    replies: list[Reply] = []
    if offer.previous is not None:
        note = f"已转给 {chosen.name}" if chosen else "没人接单，已交给主管"
        replies.append(UpdateCards(subject(offer.hot), passed_card(view, note), offer.previous))
    if chosen is not None:
        card = offer_card(view, settings.keywords.accept_minutes)
        replies.append(SendCard(ToUser(chosen.id), card, subject(offer.hot)))
    if offer.alert is not None:
        replies += await raised(uow, offer.alert, now, settings)
    return replies
