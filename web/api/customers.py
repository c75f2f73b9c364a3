"""`/customers`."""

from __future__ import annotations

from sales.handover import hand_over_customer
from sales.rights import visible_customers
from storage import crm
from storage.people import User
from web.api.calls import Call, Operation, conflict, forbidden, matching
from web.api.models import Customer, CustomerChange, CustomerNew, CustomerPage, CustomerQuery


async def _list(call: Call) -> CustomerPage:
    asked = call.asked(CustomerQuery)
    where = [visible_customers(call.user, call.scope), *matching((crm.Customer.owner_id, asked.owner_id))]
    if asked.q is not None:
        where.append(crm.Customer.name.contains(asked.q, autoescape=True))
    rows, following = await call.page(crm.Customer, where)
    return CustomerPage(items=[_shown(call, row) for row in rows], next_cursor=following)


async def _get(call: Call) -> Customer:
    return _shown(call, await call.one(crm.Customer, visible_customers(call.user, call.scope)))


async def _create(call: Call) -> Customer:
    given = call.given(CustomerNew)
    owner = await call.recipient(given.owner_id, "owner_id")
    await _free(call, given.name)
    row = await call.uow.customers.add(given.name, owner.id, owner.team_id, call.now)
    row.aliases = given.aliases
    call.audit("customer.created", f"customer:{row.id}", owner=owner.id)
    return _shown(call, row)


async def _change(call: Call) -> Customer:
    row = await call.one_to_change(crm.Customer, visible_customers(call.user, call.scope))
    if not call.scope.covers(row.owner_id, row.team_id):
        raise forbidden("这个客户由同事负责，请让负责人或主管来改")
    given = call.given(CustomerChange)
    if given.name is not None and given.name != row.name:
        await _free(call, given.name)
        row.name = given.name
    if given.aliases is not None:
        row.aliases = given.aliases
    if given.owner_id is not None and given.owner_id != row.owner_id:
        await _hand_over(call, row, await call.colleague(given.owner_id, "owner_id"))
    call.audit("customer.changed", f"customer:{row.id}", fields=",".join(sorted(given.model_fields_set)))
    return _shown(call, row)


async def _hand_over(call: Call, row: crm.Customer, owner: User) -> None:
    if not call.scope.manages(row.team_id):
        raise forbidden("只有主管可以更换负责人")
    lead = await call.uow.leads.latest(row.id)
    goes_along = lead is not None and lead.state == "open" and lead.owner_id in (row.owner_id, None)
    await hand_over_customer(call.uow, row, lead if goes_along else None, owner)


async def _free(call: Call, name: str) -> None:
    if await call.uow.customers.named(name) is not None:
        raise conflict("已有同名客户")


def _shown(call: Call, row: crm.Customer) -> Customer:
    return Customer(
        id=row.id,
        name=row.name,
        aliases=row.aliases,
        owner_id=row.owner_id,
        team_id=row.team_id,
        created_at=call.local(row.created_at),
    )


OPERATIONS = (
    Operation("GET", "/customers", "listCustomers", "可见的客户", _list, CustomerPage, query=CustomerQuery),
    Operation("GET", "/customers/{id}", "getCustomer", "一个客户", _get, Customer),
    Operation("POST", "/customers", "createCustomer", "新建客户", _create, Customer, body=CustomerNew, status=201),
    Operation("PATCH", "/customers/{id}", "changeCustomer", "修改客户", _change, Customer, body=CustomerChange),
)
