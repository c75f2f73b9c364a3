"""Another owner by the API: the work goes along as in chat."""

from __future__ import annotations

import pytest

from bot.outgoing import UpdateCards
from sales.alerts import raise_overdue
from storage.crm import Customer, Lead, Todo
from storage.uow import UnitOfWork
from tests.web.conftest import NOW, Company


@pytest.mark.parametrize("what", ["leads/lead:", "customers/"])
async def test_lead_customer_and_to_dos_go_along(company: Company, what: str) -> None:
    kind, _, prefix = what.partition("/")
    path = f"/{kind}/{company.ids[f'{prefix}华昌电子']}"
    status, _ = await company.call("chen", "PATCH", path, {"owner_id": company.ids["li"]})
    assert status == 200
    async with company.db.read() as session:
        lead = await session.get(Lead, company.ids["lead:华昌电子"])
        customer = await session.get(Customer, company.ids["华昌电子"])
        todo = await session.get(Todo, company.ids["todo:华昌电子"])
    assert lead is not None
    assert customer is not None
    assert todo is not None
    assert {lead.owner_id, customer.owner_id, todo.assignee_id} == {company.ids["li"]}


async def test_the_managers_card_of_the_step_says_so(company: Company) -> None:
    async with company.db.write() as session:
        uow = UnitOfWork(session)
        lead = await uow.leads.get(company.ids["lead:华昌电子"])
        assert lead is not None
        step = await uow.steps.add(lead, "needs_confirmed", NOW, NOW)
        alert = await raise_overdue(uow, step, NOW)
    assert alert is not None
    path = f"/leads/{company.ids['lead:华昌电子']}"
    await company.call("chen", "PATCH", path, {"owner_id": company.ids["li"]})
    cards = [reply.card for reply in company.shown if isinstance(reply, UpdateCards)]
    assert ["chen 已转派给 li" in card.note for card in cards] == [True]
