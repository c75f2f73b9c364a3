"""Which alert a manager's words are about, and whether they are about it at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.events import ChatKind
from handlers.context import Ctx
from intents import choices
from intents.chasing import chases_something_else
from intents.customers import find_mentions
from intents.lexicon import Lexicon
from intents.normal import fold
from intents.people import find_people
from intents.times import find_times
from notices import alerts as notices
from notices import hotleads as hot_notices
from sales import alerts
from sales.alerts import HOT_LEAD
from sales.colleagues import find_colleagues
from sales.lexicons import lexicon_for
from storage.crm import Alert
from storage.people import User

_LONGEST = 24
_ME = "我"
_Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _About:
    """What an alert is about: the customer, who has the work, and the words for it."""

    customer: str | None
    rep: User | None
    words: str


async def alert_on_screen(ctx: Ctx, text: str) -> Alert | None:
    """The alert that short words may refer to: the one whose card is the last that was sent here.

    After another card, words such as 延到周五 would rather mean that one.
    """
    if ctx.chat.kind is not ChatKind.DIRECT or len(text) > _LONGEST or _ME in text:
        return None
    kind, _, number = (await ctx.uow.alerts.last_card_in(ctx.chat.key) or "").partition(":")
    alert = await ctx.uow.alerts.get(int(number)) if kind == "alert" else None
    if alert is None or not (await ctx.scope()).manages(alert.team_id):
        return None
    since = ctx.now - timedelta(hours=ctx.settings.followup.reply_hours)
    return alert if alert.created_at > since else None


async def speaks_of_else(ctx: Ctx, alert: Alert, text: str, meant: choices.Reply) -> bool:
    """Whether the words name another customer or person than the alert's, or 提醒 is of something of its own."""
    lexicon = await lexicon_for(ctx.uow, ctx.user, await ctx.scope())
    about = await _about(ctx, alert)
    mentions = find_mentions(fold(text), lexicon)
    if any(about.customer not in (mention.customer, *mention.candidates) for mention in mentions):
        return True
    if isinstance(meant, choices.Reassign):
        return False
    customers = [(mention.start, mention.end) for mention in mentions]
    people = _people(ctx, text, lexicon, customers)
    if not all(about.rep and find_colleagues(text[start:end], [about.rep]) for start, end in people):
        return True
    rest = _without(text, (*customers, *people))
    own = f"{about.customer or ''}{about.words}"
    return isinstance(meant, choices.Remind) and chases_something_else(rest, own, ctx.now, lexicon.calendar)


def _people(ctx: Ctx, text: str, lexicon: Lexicon, taken: Sequence[_Span]) -> list[_Span]:
    times = [(time.start, time.end) for time in find_times(text, ctx.now, lexicon.calendar)]
    return [(person.start, person.end) for person in find_people(text, fold(text), lexicon, [*taken, *times])]


def _without(text: str, spans: Sequence[_Span]) -> str:
    return "".join(char for at, char in enumerate(text) if not any(start <= at < end for start, end in spans))


async def _about(ctx: Ctx, alert: Alert) -> _About:
    rep = await alerts.who_has_it(ctx.uow, alert)
    if alert.kind == HOT_LEAD:
        hot = await hot_notices.hot_lead_of(ctx.uow, alert)
        return _About(await _name_of(ctx, hot.customer_id if hot else None), rep, hot.text if hot else "")
    if alert.commitment_id is not None:
        promise = await ctx.uow.commitments.get(alert.commitment_id)
        customer = await _name_of(ctx, promise.customer_id if promise else None)
        return _About(customer, rep, promise.title if promise else "")
    view = await notices.overdue_view(ctx.uow, alert, ctx.now)
    return _About(view.customer if view else None, rep, view.touchpoint if view else "")


async def _name_of(ctx: Ctx, customer_id: int | None) -> str | None:
    customer = await ctx.uow.customers.get(customer_id) if customer_id is not None else None
    return customer.name if customer is not None else None
