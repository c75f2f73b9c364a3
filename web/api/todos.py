"""`/todos`: done here is done on every card in chat."""

from __future__ import annotations

from bot.outgoing import SendCard, ToUser, UpdateCards
from cards.model import Card
from cards.todos import TodoView, reminder_card, settled_card
from notices import alerts, commitments
from notices.todos import subject, view_of
from sales import todos
from sales.rights import visible_customers
from sales.visibility import visible_todos
from storage import crm
from storage.repositories import listing
from storage.repositories.commitments import CANCELLED as PROMISE_CANCELLED
from storage.repositories.todos import CANCELLED, OPEN
from web.api.calls import Call, Operation, conflict, invalid, matching
from web.api.models import Todo, TodoChange, TodoNew, TodoPage, TodoQuery

_GONE = "这条待办已经结束"


async def _list(call: Call) -> TodoPage:
    asked = call.asked(TodoQuery)
    todo = crm.Todo
    named = matching(
        (todo.state, asked.state), (todo.assignee_id, asked.assignee_id), (todo.customer_id, asked.customer_id)
    )
    rows, following = await call.page(todo, [visible_todos(call.user, call.scope), *named])
    return TodoPage(items=[_shown(call, row) for row in rows], next_cursor=following)


async def _get(call: Call) -> Todo:
    return _shown(call, await call.one(crm.Todo, visible_todos(call.user, call.scope)))


async def _create(call: Call) -> Todo:
    given = call.given(TodoNew)
    assignee = await call.recipient(given.assignee_id, "assignee_id")
    if given.customer_id is not None:
        await _customer(call, given.customer_id)
    row = await call.uow.todos.add(
        crm.Todo(
            title=given.title,
            owner="us",
            assignee_id=assignee.id,
            customer_id=given.customer_id,
            due_at=given.due_at,
            remind_at=given.remind_at or given.due_at,
            state=OPEN,
            created_at=call.now,
        )
    )
    call.audit("todo.created", f"todo:{row.id}", assignee=assignee.id)
    if assignee.id != call.user.id:
        await _give(call, row)
    return _shown(call, row)


async def _change(call: Call) -> Todo:
    row = await call.one_to_change(crm.Todo, visible_todos(call.user, call.scope))
    if row.state != OPEN:
        raise conflict(_GONE)
    given = call.given(TodoChange)
    if given.model_fields_set & {"title", "due_at", "remind_at"}:
        await _amend(call, row, given)
    if given.assignee_id is not None and given.assignee_id != row.assignee_id:
        await _hand_over(call, row, given.assignee_id)
    if given.state is not None:
        await (_cancel(call, row) if given.state == CANCELLED else _finish(call, row))
    return _shown(call, await call.uow.todos.get(row.id) or row)


async def _amend(call: Call, row: crm.Todo, given: TodoChange) -> None:
    named = given.model_fields_set
    row.title = given.title or row.title
    if "due_at" in named:
        row.due_at = row.remind_at = given.due_at
    if "remind_at" in named:
        row.remind_at = given.remind_at
    call.audit("todo.changed", f"todo:{row.id}", fields=",".join(sorted(named)))
    await call.uow.session.flush()
    call.replies.append(UpdateCards(subject(row), await _open_card(call, row, "待办"), row.assignee_id))


async def _hand_over(call: Call, row: crm.Todo, user_id: int) -> None:
    taker = await call.colleague(user_id, "assignee_id")
    if not await todos.hand_over(call.uow, row, call.user, taker, call.now):
        raise conflict(_GONE)
    await call.uow.session.refresh(row)
    await _settle(call, row, f"已转给{taker.name}", success=False)
    await _give(call, row)


async def _finish(call: Call, row: crm.Todo) -> None:
    settled = await todos.finish(call.uow, row, call.user, call.now)
    if settled is None:
        raise conflict(_GONE)
    await _settle(call, row, f"{call.user.name} 已完成", success=True)
    promise = await call.uow.commitments.of_todo(row.id)
    if promise is not None and promise.state != PROMISE_CANCELLED:
        call.replies.extend(await commitments.kept(call.uow, promise, call.now))
    call.replies.extend(await alerts.decided(call.uow, settled, call.now, call.settings))


async def _cancel(call: Call, row: crm.Todo) -> None:
    row.state, row.remind_at = CANCELLED, None
    await call.uow.session.flush()
    call.audit("todo.cancelled", f"todo:{row.id}")
    await _settle(call, row, f"{call.user.name} 已取消", success=False)


async def _settle(call: Call, row: crm.Todo, outcome: str, *, success: bool) -> None:
    """Every card of it in chat shows what became of it."""
    call.replies.append(UpdateCards(subject(row), settled_card(await _view(call, row), outcome, success=success)))


async def _give(call: Call, row: crm.Todo) -> None:
    card = await _open_card(call, row, f"{call.user.name}转给您")
    call.replies.append(SendCard(ToUser(row.assignee_id), card, subject(row)))


async def _open_card(call: Call, row: crm.Todo, heading: str) -> Card:
    colleagues = await todos.takers(call.uow, row)
    return reminder_card(
        await _view(call, row), colleagues, call.settings.reminders.snooze_minutes, heading=heading
    )


async def _view(call: Call, row: crm.Todo) -> TodoView:
    customer = await call.uow.customers.get(row.customer_id) if row.customer_id is not None else None
    return view_of(row, customer.name if customer else None, call.now)


async def _customer(call: Call, customer_id: int) -> None:
    visible = visible_customers(call.user, call.scope)
    if await listing.one(call.uow.session, crm.Customer, customer_id, visible) is None:
        raise invalid("customer_id", "没有这个客户")


def _shown(call: Call, row: crm.Todo) -> Todo:
    times = {name: getattr(row, name) for name in ("due_at", "remind_at", "created_at", "done_at")}
    local = {name: at and call.local(at) for name, at in times.items()}
    plain = {name: getattr(row, name) for name in ("id", "title", "owner", "assignee_id", "customer_id", "state")}
    return Todo.model_validate(plain | local)


OPERATIONS = (
    Operation("GET", "/todos", "listTodos", "可见的待办", _list, TodoPage, query=TodoQuery),
    Operation("GET", "/todos/{id}", "getTodo", "一条待办", _get, Todo),
    Operation("POST", "/todos", "createTodo", "新建待办", _create, Todo, body=TodoNew, status=201),
    Operation("PATCH", "/todos/{id}", "changeTodo", "修改、转交、完成或取消待办", _change, Todo, body=TodoChange),
)
