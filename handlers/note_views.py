"""A note as its card shows it, and as its inputs hold it."""

from __future__ import annotations

from datetime import datetime

from cards import wording
from cards.notes import TODO, NoteValues, NoteView, TodoLine, TodoValues
from handlers.context import Ctx
from intents.model import AmountKind, Intent, Owner, Record, Stage
from intents.model import Todo as Heard
from intents.notes import CUT, MAX_NOTE
from sales import records
from sales.recording import paired
from sales.rights import reach_of
from storage.crm import Customer, Note, Todo
from storage.repositories.commitments import CANCELLED
from storage.repositories.notes import UNSURE

_KINDS = {
    Intent.NOTE: "跟进记录",
    Intent.TODO: TODO,
    Intent.QUERY: "记录",
    Intent.FORECAST: "预测记录",
    Intent.WON: "赢单",
    Intent.LOST: "丢单",
}
_AMOUNTS = {AmountKind.DEAL: "成交", AmountKind.BUDGET: "预算", AmountKind.PAYMENT: "付款"}
_RECENT = 20
_MOST = 100


async def note_view(ctx: Ctx, note: Note, closing: str = "") -> NoteView:
    record = records.from_json(note.record)
    customer = await ctx.uow.customers.get(note.customer_id) if note.customer_id is not None else None
    rows = paired(record.todos, await ctx.uow.todos.of_note(note.id))
    return NoteView(
        note_id=note.id,
        state=note.state,
        kind=_KINDS[record.intent],
        customer=customer.name if customer else None,
        choices=await _choices(ctx, record) if note.state == UNSURE else (),
        new_customer=record.new_customer,
        contacts=record.contacts,
        needs=record.needs,
        todos=tuple([await _line(ctx, heard, row) for heard, row in zip(record.todos, rows, strict=True) if row]),
        stage=wording.stage(record.stage.value) if record.stage and _moved(note, record.stage) else "",
        amount=_amount(record),
        said=note.text if note.media_sha256 else "",
        cancelled=await _cancelled(ctx, note),
        left=await _left(ctx, note) if record.intent is Intent.LOST else 0,
        closing=closing,
        cut=CUT if len(note.text) > MAX_NOTE else "",
    )


async def note_values(ctx: Ctx, note: Note) -> NoteValues:
    """What the inputs hold: the record's values, and the customers one may have meant."""
    record = records.from_json(note.record)
    return NoteValues(
        customer_id=note.customer_id,
        customers=await _options(ctx, note, record),
        todos=tuple(_values(todo, ctx.now) for todo in record.todos),
        amount=f"{record.amount.normalize():f}" if record.amount is not None else "",
        stage=record.stage.value if record.stage else "",
    )


def _moved(note: Note, stage: Stage) -> bool:
    """Whether the lead stood there when the note was recorded; a note without a customer may still be given one."""
    leads = (entry for entry in note.before if entry["table"] == "leads")
    return note.customer_id is None or any(entry["became"]["stage"] == stage for entry in leads)


async def _cancelled(ctx: Ctx, note: Note) -> tuple[str, ...]:
    """The promises that the note's bad news made pointless."""
    keys = [entry["id"] for entry in note.before if entry["table"] == "commitments"]
    promises = [await ctx.uow.commitments.get(key) for key in keys]
    return tuple(promise.title for promise in promises if promise is not None and promise.state == CANCELLED)


async def _left(ctx: Ctx, note: Note) -> int:
    """How many other to-dos the customer has."""
    found = await ctx.uow.todos.open_at(note.customer_id, _MOST) if note.customer_id is not None else ()
    return sum(todo.note_id != note.id for todo in found)


async def _choices(ctx: Ctx, record: Record) -> tuple[tuple[int, str], ...]:
    found = await ctx.uow.customers.all_named(record.candidates)
    return tuple((customer.id, customer.name) for customer in found)


async def _options(ctx: Ctx, note: Note, record: Record) -> tuple[tuple[int, str], ...]:
    """The note's customer, the candidates, then those the author may see, the latest touched first."""
    current = await ctx.uow.customers.get(note.customer_id) if note.customer_id is not None else None
    recent = await ctx.uow.customers.latest_touched(reach_of(ctx.user, await ctx.scope()), _RECENT)
    first: list[Customer] = [current] if current else []
    everyone = [*first, *await ctx.uow.customers.all_named(record.candidates), *recent]
    return tuple({customer.id: customer.name for customer in everyone}.items())


async def _line(ctx: Ctx, heard: Heard, todo: Todo) -> TodoLine:
    return TodoLine(todo.title, await _who(ctx, heard, todo), wording.when(todo.due_at, ctx.now) if todo.due_at else "")


async def _who(ctx: Ctx, heard: Heard, todo: Todo) -> str:
    assignee = await ctx.uow.users.get(todo.assignee_id)
    name = "我" if assignee is None or assignee.id == ctx.user.id else assignee.name
    if heard.owner is Owner.CUSTOMER:
        return f"客户（{name}跟催）"
    if heard.assignee and name == "我":
        return f"我（没找到同事“{heard.assignee}”）"
    return f"{name}（承诺）" if heard.is_promise else name


def _amount(record: Record) -> str:
    if record.amount is None:
        return ""
    kind = f"（{_AMOUNTS[record.amount_kind]}）" if record.amount_kind else ""
    return wording.yuan(record.amount) + kind


def _values(todo: Heard, now: datetime) -> TodoValues:
    if todo.due is None:
        return TodoValues(todo.title, "", "")
    local = todo.due.astimezone(now.tzinfo)
    return TodoValues(todo.title, local.date().isoformat(), f"{local:%H:%M}")
