"""`/leads`: what changes here has the same effect on steps and managers' cards as in chat."""

from __future__ import annotations

from notices.alerts import decided
from sales import alerts, followup
from sales.rights import visible_customers
from sales.visibility import visible_leads
from storage import crm
from storage.people import User
from storage.repositories import listing
from web.api.calls import Call, Operation, conflict, forbidden, invalid, matching
from web.api.models import Lead, LeadChange, LeadNew, LeadPage, LeadQuery


async def _list(call: Call) -> LeadPage:
    asked = call.asked(LeadQuery)
    lead = crm.Lead
    named = matching(
        (lead.state, asked.state), (lead.customer_id, asked.customer_id), (lead.owner_id, asked.owner_id)
    )
    rows, following = await call.page(lead, [visible_leads(call.user, call.scope), *named])
    return LeadPage(items=[_shown(call, row) for row in rows], next_cursor=following)


async def _get(call: Call) -> Lead:
    return _shown(call, await call.one(crm.Lead, visible_leads(call.user, call.scope)))


async def _create(call: Call) -> Lead:
    given = call.given(LeadNew)
    visible = visible_customers(call.user, call.scope)
    customer = await listing.one(call.uow.session, crm.Customer, given.customer_id, visible)
    if customer is None:
        raise invalid("customer_id", "没有这个客户")
    owner_id = customer.owner_id or call.user.id
    if given.owner_id is not None:
        owner_id = (await call.colleague(given.owner_id, "owner_id")).id
    if owner_id not in (call.user.id, customer.owner_id) and not call.scope.manages(customer.team_id):
        raise forbidden("只有主管可以把线索分给别人")
    row = await call.uow.leads.open(customer, owner_id, given.stage, given.source, call.now)
    await followup.open_step(call.uow, row, row.stage, call.now, call.settings.followup)
    call.audit("lead.created", f"lead:{row.id}", customer=customer.id)
    return _shown(call, row)


async def _change(call: Call) -> Lead:
    row = await call.one_to_change(crm.Lead, visible_leads(call.user, call.scope))
    if not call.scope.covers(row.owner_id, row.team_id):
        raise forbidden("这条线索由同事负责，请让负责人或主管来改")
    if row.state != "open":
        raise conflict("这条线索已经结束")
    given = call.given(LeadChange)
    if given.owner_id is not None and given.owner_id != row.owner_id:
        await _reassign(call, row, await call.colleague(given.owner_id, "owner_id"))
    if given.stage is not None:
        await _move(call, row, given.stage)
    if given.state is not None:
        await _close(call, row, given.state)
    return _shown(call, row)


async def _reassign(call: Call, row: crm.Lead, taker: User) -> None:
    step = await call.uow.steps.open_of(row.id)
    customer = await call.uow.customers.get(row.customer_id)
    if customer is None or not call.scope.manages(row.team_id):
        raise forbidden("只有主管可以更换负责人")
    step = step or await followup.open_step(call.uow, row, row.stage, call.now, call.settings.followup)
    await alerts.reassign(call.uow, step, row, customer, taker, call.now, call.settings.followup)
    settled = await followup.settle_alerts(call.uow, step, call.user.id, f"已转派给 {taker.name}", call.now)
    call.replies.extend(await decided(call.uow, settled, call.now, call.settings))
    call.audit("lead.reassigned", f"lead:{row.id}", to=taker.id)


async def _move(call: Call, row: crm.Lead, stage: str) -> None:
    was = row.stage
    touch = await followup.touched(call.uow, row, stage, call.user.id, call.now, call.settings.followup)
    call.replies.extend(await decided(call.uow, touch.settled, call.now, call.settings))
    call.audit("lead.stage", f"lead:{row.id}", was=was, now=stage)


async def _close(call: Call, row: crm.Lead, state: str) -> None:
    row.state = state
    settled = await followup.ended(call.uow, row, call.user.id, call.now)
    call.replies.extend(await decided(call.uow, settled, call.now, call.settings))
    call.audit(f"lead.{state}", f"lead:{row.id}")


def _shown(call: Call, row: crm.Lead) -> Lead:
    return Lead.model_validate(
        {
            "id": row.id,
            "customer_id": row.customer_id,
            "owner_id": row.owner_id,
            "team_id": row.team_id,
            "stage": row.stage,
            "state": row.state,
            "source": row.source,
            "created_at": call.local(row.created_at),
            "touched_at": call.local(row.touched_at),
        }
    )


OPERATIONS = (
    Operation("GET", "/leads", "listLeads", "可见的线索", _list, LeadPage, query=LeadQuery),
    Operation("GET", "/leads/{id}", "getLead", "一条线索", _get, Lead),
    Operation("POST", "/leads", "createLead", "新建线索", _create, Lead, body=LeadNew, status=201),
    Operation("PATCH", "/leads/{id}", "changeLead", "推进、转派或结束线索", _change, Lead, body=LeadChange),
)
