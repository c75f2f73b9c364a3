"""Changing a record: with inputs where the messenger has them, else in words or on a page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation

from bot.events import ChatKind
from bot.outgoing import Reply, SendText, Toast, UpdateCards
from cards.actions import Action, NoteEdit, NoteSave, NoteShow
from cards.model import Card
from cards.notes import MAX_EDITED, edit_card
from cards.wording import HOW_TO_AMEND, span
from handlers import notes
from handlers.context import ClickHandler, CommandHandler, Ctx, FormHandler
from handlers.note_views import note_values, note_view
from handlers.talk import recall, remember
from intents.model import AmountKind, Record, Stage, Todo
from intents.money import find_money
from intents.normal import fold
from sales import records
from storage.crm import Note

_DUE_HOUR = 18
_LONGEST_TITLE = 200
_PAST, _AHEAD = timedelta(days=1), timedelta(days=5 * 365)
_NUMBER = re.compile(r"[0-9]{1,18}")


async def edit(ctx: Ctx, action: NoteEdit) -> list[Reply]:
    note = await notes.own_note(ctx, action.note_id)
    if isinstance(note, str):
        return [Toast(note)]
    if ctx.card_inputs:
        return [UpdateCards(f"note:{note.id}", await _inputs(ctx, note))]
    await remember(ctx, edit=note.id)
    in_words = f"{HOW_TO_AMEND}。也可以说“客户是某某”“金额改成五十万”。"
    return [SendText(ctx.chat, in_words + _on_a_page(ctx, action))]


async def form(ctx: Ctx, action: NoteEdit) -> Card | str:
    note = await notes.own_note(ctx, action.note_id, lock=False)
    return note if isinstance(note, str) else await _inputs(ctx, note)


async def _inputs(ctx: Ctx, note: Note) -> Card:
    return edit_card(await note_view(ctx, note), await note_values(ctx, note))


def _on_a_page(ctx: Ctx, action: NoteEdit) -> str:
    """The way to a page with the inputs. Whoever has it can use it, so it is not for the eyes of a group."""
    if ctx.links is None or ctx.chat.kind is not ChatKind.DIRECT:
        return ""
    life = span(timedelta(minutes=ctx.settings.web.link_minutes))
    return f"\n也可以在网页里改（链接只给您用，{life}内有效）：\n{ctx.links.form(ctx.user, ctx.chat, action)}"


async def show(ctx: Ctx, action: NoteShow) -> list[Reply]:
    note = await notes.own_note(ctx, action.note_id)
    return [Toast(note)] if isinstance(note, str) else [await notes.shown(ctx, note)]


async def save(ctx: Ctx, action: NoteSave) -> list[Reply]:
    note = await notes.own_note(ctx, action.note_id)
    if isinstance(note, str):
        return [Toast(note)]
    try:
        changed = await _changed(ctx, note)
    except ValueError as fault:
        return [Toast(str(fault))]
    if await recall(ctx, "edit") == note.id:
        await remember(ctx, edit=None)
    if changed == records.from_json(note.record):
        return [Toast("没有改动"), await notes.shown(ctx, note)]
    return [Toast("已保存"), *await notes.amended(ctx, note, changed, "已按您填的修改")]


async def _changed(ctx: Ctx, note: Note) -> Record:
    """The record with the form's values. Raises `ValueError` with a Chinese sentence on one that cannot be read."""
    record = records.from_json(note.record)
    every = (
        todo if number > MAX_EDITED else _todo(todo, number, ctx.form, ctx.now)
        for number, todo in enumerate(record.todos, 1)
    )
    todos = tuple(todo for todo in every if todo is not None)
    stage = ctx.form.get("stage", "")
    if stage and stage not in set(Stage):
        raise ValueError("没有这个阶段。")
    record = replace(record, todos=todos, stage=Stage(stage) if stage else record.stage)
    record = _with_amount(record, ctx.form.get("amount", "").strip())
    return await _with_customer(ctx, note, record)


def _todo(todo: Todo, number: int, form: Mapping[str, str], now: datetime) -> Todo | None:
    """The to-do as it was filled in; None when its title and date were emptied. What is not in the form stays."""
    title = form.get(f"title_{number}", todo.title).strip()
    day, clock = form.get(f"day_{number}", "").strip(), form.get(f"clock_{number}", "").strip()
    undated = not day and (todo.due is None or f"day_{number}" in form)
    if not title and undated:
        return None
    if not title:
        raise ValueError("待办要写上做什么；不要这条了，就把标题和日期都清空。")
    if len(title) > _LONGEST_TITLE and title != todo.title:
        raise ValueError(f"待办太长了，请控制在 {_LONGEST_TITLE} 个字以内。")
    due = None if undated and todo.due else _due(todo.due, day, clock, now)
    if due == todo.due:
        return replace(todo, title=title)
    early = todo.due - todo.remind_at if todo.due and todo.remind_at else timedelta()
    return replace(todo, title=title, due=due, remind_at=due - early if due else None)


def _due(before: datetime | None, day: str, clock: str, now: datetime) -> datetime | None:
    if not day and not clock:
        return before
    local = before.astimezone(now.tzinfo) if before else None
    try:
        wanted = date.fromisoformat(day) if day else (local or now).date()
        usual = local.time() if local else time(_DUE_HOUR)
        at = time.fromisoformat(clock.replace("：", ":").zfill(5)) if clock else usual
    except ValueError as error:
        raise ValueError("时间没看懂：日期写成 2026-03-05，时间写成 15:00。") from error
    due = datetime.combine(wanted, at.replace(tzinfo=None), now.tzinfo)
    if due != before:
        _check(due, now)
    return due


def _check(due: datetime, now: datetime) -> None:
    """Raises `ValueError` with a Chinese sentence on a time that cannot be meant."""
    if due < now - _PAST:
        raise ValueError("这个日期已经过去了，请填今天或以后的日期。")
    if due > now + _AHEAD:
        raise ValueError("日期太远了，请填五年以内的日期。")


def _with_amount(record: Record, typed: str) -> Record:
    if not typed:
        return record
    amount = _yuan(typed)
    if amount is None:
        raise ValueError("金额没看懂：写成 500000 或 50万。")
    if not amount.is_finite() or not 0 <= amount < 10**12:
        raise ValueError("金额要在 0 到一万亿元之间。")
    if amount == record.amount:
        return record
    return replace(record, amount=amount, amount_kind=record.amount_kind or AmountKind.DEAL)


def _yuan(typed: str) -> Decimal | None:
    """500000, 500,000, 50万, 五十万."""
    try:
        return Decimal(typed.replace(",", "").replace("，", ""))
    except InvalidOperation:
        return next((money.yuan for money in find_money(fold(typed))), None)


async def _with_customer(ctx: Ctx, note: Note, record: Record) -> Record:
    chosen = ctx.form.get("customer", "").strip()
    if not _NUMBER.fullmatch(chosen) or int(chosen) == note.customer_id:
        return record
    customer = await notes.visible_customer(ctx, int(chosen))
    if isinstance(customer, str):
        raise ValueError(customer)
    return replace(record, customer=customer.name, candidates=(), new_customer=None)


CLICKS: dict[type[Action], ClickHandler] = {NoteEdit: edit, NoteSave: save, NoteShow: show}
FORMS: dict[type[Action], FormHandler] = {NoteEdit: form}
COMMANDS: dict[str, CommandHandler] = {}
