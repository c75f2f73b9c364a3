"""A customer's work goes from one colleague to another."""

from __future__ import annotations

from dataclasses import dataclass

from storage.crm import Customer, Lead
from storage.people import User
from storage.uow import UnitOfWork

_ALL = 1000


@dataclass(frozen=True, slots=True)
class HandedOver:
    """What went along: who had it before, and how many of their to-dos and promises."""

    former: int | None
    todos: int
    promises: int


async def hand_over_customer(
    uow: UnitOfWork, customer: Customer, lead: Lead | None, taker: User, *, whole: bool = True
) -> HandedOver:
    """The open lead, the deals, and what its owner still has to do for the customer are `taker`'s from now on.

    So is the customer if it was theirs; not `whole` means only if it was nobody's. The customer's owner hands over what
    has no lead, or a lead that is nobody's.
    """
    former = lead.owner_id if lead is not None and lead.owner_id is not None else customer.owner_id
    if customer.owner_id is None or (whole and customer.owner_id == former):
        customer.owner_id, customer.team_id = taker.id, taker.team_id or customer.team_id
    if lead is not None:
        await _hand_over_lead(uow, lead, taker)
    for deal in await uow.leads.opportunities(customer.id):
        deal.owner_id = taker.id if deal.owner_id in (former, None) else deal.owner_id
    todos = [todo for todo in await uow.todos.open_at(customer.id, _ALL) if todo.assignee_id == former]
    promises = [promise for promise in await uow.commitments.open_at(customer.id) if promise.user_id == former]
    for todo in todos:
        todo.assignee_id = taker.id
    for promise in promises:
        promise.user_id = taker.id
    uow.customers.reassigned()
    gone = former if former != taker.id else None
    return HandedOver(gone, len(todos), len(promises))


async def _hand_over_lead(uow: UnitOfWork, lead: Lead, taker: User) -> None:
    lead.owner_id, lead.team_id = taker.id, taker.team_id or lead.team_id
    step = await uow.steps.open_of(lead.id)
    if step is not None:
        step.owner_id = taker.id
