"""Hot leads: a customer's keyword in a group, offered to the rep who answers fastest until one takes it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import fmean
from typing import Protocol

from intents.keywords import KeywordRule, spot
from sales.followup import TOUCHPOINTS, FollowupRules, open_step
from sales.handover import HandedOver, hand_over_customer
from storage.crm import RULES_BETWEEN, Alert, Customer, GroupMessage, HotLead
from storage.people import GroupChat, Role, User
from storage.repositories.groups import ESCALATED, OPEN
from storage.uow import UnitOfWork

SOURCE = "群热线索"


class HotLeadRules(Protocol):
    """The settings of group keywords."""

    @property
    def rules(self) -> Mapping[str, Sequence[str]]:
        """Words by rule."""

    @property
    def accept_minutes(self) -> int:
        """How long an offer stands."""

    @property
    def responses(self) -> int:
        """How many of the last responses make the mean."""

    @property
    def merge_hours(self) -> int:
        """Within these hours a rule makes one hot lead a group."""


@dataclass(frozen=True, slots=True)
class Offer:
    """Whom a hot lead is offered to now. `alert` is set, and `to` is None, when all have been asked in vain."""

    hot: HotLead
    previous: int | None
    to: int | None
    alert: Alert | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """The lead that became the taker's: its customer, and what went along from whom."""

    customer: Customer
    handed: HandedOver


def fastest(
    candidates: Collection[int], responses: Mapping[int, Sequence[float]], tried: Collection[int]
) -> int | None:
    """Who is asked next: the smallest mean response (seconds); those without any come last, ties go by id."""
    left = [user for user in candidates if user not in tried]
    mean = {user: fmean(responses[user]) for user in left if responses.get(user)}
    return min(left, key=lambda user: (user not in mean, mean.get(user, 0.0), user), default=None)


async def heard(
    uow: UnitOfWork, group: GroupChat, line: GroupMessage, now: datetime, rules: HotLeadRules
) -> Offer | None:
    """A customer's line in a group: an offer, if it has a keyword that made no hot lead of the group lately."""
    hits = spot(line.text, [KeywordRule(name, tuple(words)) for name, words in rules.rules.items()])
    if not hits:
        return None
    recent = await uow.groups.recent_rules(group.id, now - timedelta(hours=rules.merge_hours))
    if {hit.rule for hit in hits} <= recent:
        return None
    words = "、".join(dict.fromkeys(hit.word for hit in hits))
    names = RULES_BETWEEN.join(dict.fromkeys(hit.rule for hit in hits))
    made = HotLead(
        group_id=group.id, customer_id=group.customer_id, rule=names[:200], words=words[:200], text=line.text,
        asked_by=line.sender, asked_at=line.at, state=OPEN, tried=[], created_at=now,
    )  # fmt: skip
    return await offer_next(uow, await uow.groups.add_hot_lead(made), now, rules)


async def candidates(uow: UnitOfWork, group: GroupChat) -> list[int]:
    """Who may be asked: the group's reps and its team's; all reps where the group belongs to nobody."""
    team_id = await team_of(uow, group)
    team = await uow.users.of_team(team_id, Role.REP) if team_id is not None else ()
    found = {*await uow.groups.rep_members(group.id), *(user.id for user in team)}
    return sorted(found or {user.id for user in await uow.users.with_role(Role.REP)})


async def team_of(uow: UnitOfWork, group: GroupChat) -> int | None:
    """The team that answers for a group: its own, else its customer's."""
    if group.team_id is not None or group.customer_id is None:
        return group.team_id
    customer = await uow.customers.get(group.customer_id)
    return customer.team_id if customer else None


async def offer_next(uow: UnitOfWork, hot: HotLead, now: datetime, rules: HotLeadRules) -> Offer:
    """Offer it to the fastest who was not asked yet; when there is none, alert the manager."""
    group = await uow.groups.get(hot.group_id)
    users = await candidates(uow, group) if group else []
    chosen = fastest(users, await uow.groups.last_responses(users, rules.responses), hot.tried)
    previous, hot.offered_to = hot.offered_to, chosen
    if chosen is not None:
        hot.tried = [*hot.tried, chosen]
        hot.offer_until = now + timedelta(minutes=rules.accept_minutes)
        return Offer(hot, previous, chosen)
    hot.state, hot.offer_until = ESCALATED, None
    team_id = await team_of(uow, group) if group else None
    alert = await uow.alerts.raise_once("hot_lead", f"hot:{hot.id}", now, user_id=None, team_id=team_id)
    return Offer(hot, previous, None, alert)


async def take(uow: UnitOfWork, hot_lead_id: int, taker: User, now: datetime, rules: HotLeadRules) -> HotLead | None:
    """Give it to who clicked first; None when somebody else was.

    Accepting an offer is a response, too, which took from the offer to the click, unless the customer heard from
    somebody in the group before: a wait counts once.
    """
    hot = await uow.groups.hot_lead(hot_lead_id)
    offered = hot.offer_until if hot is not None and hot.offered_to == taker.id else None
    if not await uow.groups.take_hot_lead(hot_lead_id, taker.id, now):
        return None
    uow.audit.add(now, taker.id, "hot_lead.taken", f"hot:{hot_lead_id}")
    hot = await uow.groups.hot_lead(hot_lead_id)
    if hot is not None and offered is not None and not await uow.groups.responded_since(hot.group_id, hot.asked_at):
        since = offered - timedelta(minutes=rules.accept_minutes)
        uow.groups.add_response(taker.id, hot.group_id, max((now - since).total_seconds(), 0.0), now)
    return hot


async def open_lead(uow: UnitOfWork, hot: HotLead, taker: User, now: datetime, rules: FollowupRules) -> Opened | None:
    """The lead of the group's customer is the taker's, with a first step; None for a group without a customer.

    The customer itself stays with whose it is: their team goes on seeing it, the taker's sees it by the lead.
    """
    customer = await uow.customers.get(hot.customer_id) if hot.customer_id is not None else None
    if customer is None:
        return None
    lead = await uow.leads.latest(customer.id)
    if lead is None or lead.state != "open":
        lead = await uow.leads.open(customer, customer.owner_id or taker.id, TOUCHPOINTS[0], SOURCE, now)
    lead.touched_at = now
    handed = await hand_over_customer(uow, customer, lead, taker, whole=False)
    if await uow.steps.open_of(lead.id) is None:
        await open_step(uow, lead, lead.stage, now, rules)
    uow.audit.add(now, taker.id, "lead.owner", f"lead:{lead.id}", owner_id=taker.id, hot_lead_id=hot.id)
    return Opened(customer, handed)


async def answered(uow: UnitOfWork, group: GroupChat, user_id: int, at: datetime) -> None:
    """An employee spoke in a group: if the customer was waiting, that is a response, unless their wait is counted."""
    waiting = await uow.groups.first_unanswered(group.id)
    if waiting is None or await uow.groups.responded_since(group.id, waiting.at):
        return
    uow.groups.add_response(user_id, group.id, max((at - waiting.at).total_seconds(), 0.0), at)
