"""Cards of to-dos, made from their rows."""

from __future__ import annotations

from collections.abc import Sequence

from bot.outgoing import SendCard, UpdateCards
from cards.commitments import promise_card
from cards.model import Card
from cards.todos import TodoView, list_card, list_text, reminder_card, settled_card
from handlers.context import Ctx
from notices import commitments as promise_notices
from notices.todos import view_of
from sales.todos import takers
from storage import outbox
from storage.crm import Commitment, Note, Todo
from storage.repositories.todos import CANCELLED, DONE, OPEN

_MOST_IN_WORDS = 50


async def todo_view(ctx: Ctx, todo: Todo) -> TodoView:
    customer = await ctx.uow.customers.get(todo.customer_id) if todo.customer_id is not None else None
    return view_of(todo, customer.name if customer else None, ctx.now)


async def given_card(ctx: Ctx, todo: Todo, heading: str) -> Card:
    """An open to-do for the one who has it now."""
    snooze = ctx.settings.reminders.snooze_minutes
    return reminder_card(await todo_view(ctx, todo), await takers(ctx.uow, todo), snooze, heading=heading)


async def state_card(ctx: Ctx, todo: Todo) -> Card:
    """The to-do as it stands, for every card that was sent on it."""
    if todo.state == OPEN:
        return await given_card(ctx, todo, "待办")
    return settled_card(await todo_view(ctx, todo), await outcome(ctx, todo), success=todo.state == DONE)


async def outcome(ctx: Ctx, todo: Todo) -> str:
    """Why nothing is left to be done, for the reader."""
    if todo.state == CANCELLED:
        return "已随记录一起撤销"
    doer = await ctx.uow.users.get(todo.done_by) if todo.done_by is not None else None
    return f"{doer.name} 已完成" if doer else "已完成"


async def on_screen(ctx: Ctx) -> Todo | None:
    """The sender's open to-do whose card is the last one in this chat."""
    subject = await ctx.uow.alerts.last_card_in(ctx.chat.key) or ""
    kind, _, number = subject.partition(":")
    todo = await ctx.uow.todos.get(int(number)) if kind == "todo" else None
    return todo if todo and todo.state == OPEN and todo.assignee_id == ctx.user.id else None


async def caused_updates(ctx: Ctx, note: Note) -> list[UpdateCards]:
    """Every card that shows one of the note's to-dos or promises, as they stand now."""
    made = await ctx.uow.commitments.of_note(note.id)
    promises = [await promise_notices.stands(ctx.uow, promise, ctx.now) for promise in made]
    todos = [await _todo_update(ctx, todo) for todo in await ctx.uow.todos.of_note(note.id)]
    return promises + todos


async def promise_updates(ctx: Ctx, promises: Sequence[Commitment]) -> list[UpdateCards]:
    """Every card of these promises and of the to-dos that fulfil them, as they stand now."""
    updates = [await promise_notices.stands(ctx.uow, promise, ctx.now) for promise in promises]
    for promise in promises:
        todo = await ctx.uow.todos.get(promise.todo_id) if promise.todo_id is not None else None
        updates += [await _todo_update(ctx, todo)] if todo is not None else []
    return updates


async def promise_cards(ctx: Ctx, note: Note) -> list[SendCard]:
    """The countdowns of what was promised by a note."""
    cards = []
    for promise in await ctx.uow.commitments.of_note(note.id):
        ctx.uow.audit.add(ctx.now, ctx.user.id, "commitment.made", promise_notices.subject(promise))
        view = await promise_notices.promise_view(ctx.uow, promise, ctx.now)
        cards.append(SendCard(ctx.chat, promise_card(view), promise_notices.subject(promise)))
    return cards


async def _todo_update(ctx: Ctx, todo: Todo) -> UpdateCards:
    """While it is open, only the card of the one who has it has buttons."""
    reader = todo.assignee_id if todo.state == OPEN else None
    return UpdateCards(f"todo:{todo.id}", await state_card(ctx, todo), reader)


async def open_list(ctx: Ctx) -> Sequence[tuple[Todo, str | None]]:
    """The sender's open to-dos in the order in which they are numbered."""
    return await ctx.uow.todos.open_of(ctx.user.id, 200)


async def everything(ctx: Ctx) -> str:
    """The whole list in words."""
    found = await open_list(ctx)
    shown = found[:_MOST_IN_WORDS]
    return list_text([view_of(todo, customer, ctx.now) for todo, customer in shown], len(found) - len(shown))


async def list_of(ctx: Ctx) -> Card:
    found = await open_list(ctx)
    shown = found[: ctx.settings.records.list_size]
    return list_card([view_of(todo, customer, ctx.now) for todo, customer in shown], len(found) - len(shown))


async def send_list(ctx: Ctx) -> SendCard:
    """A fresh list. It takes the place of older ones, which are not kept up to date any more."""
    subject = f"todos:{ctx.user.id}"
    await outbox.forget_cards(ctx.uow.session, subject)
    return SendCard(ctx.chat, await list_of(ctx), subject)


async def update_list(ctx: Ctx) -> UpdateCards:
    return UpdateCards(f"todos:{ctx.user.id}", await list_of(ctx))
