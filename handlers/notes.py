"""Notes in words or by voice: recorded, corrected in words, confirmed, taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.outgoing import Reply, SendCard, SendText, Toast, ToUser, UpdateCards
from cards import wording
from cards.actions import Action, NoteConfirm, NoteCustomer, NoteUndo
from cards.notes import changes, note_card
from handlers import alerts, files, queries
from handlers.context import ClickHandler, CommandHandler, Ctx
from handlers.note_views import note_view
from handlers.talk import recall, remember
from handlers.todo_cards import caused_updates, given_card, on_screen, promise_cards, promise_updates
from intents import model
from intents.amend import amend
from intents.choices import is_acknowledgement
from intents.lexicon import Lexicon
from intents.model import Intent, Owner, Record
from intents.notes import understand
from sales import records
from sales.lexicons import lexicon_for
from sales.recording import Effects, Recorder, paired
from sales.rights import sees_customer
from storage.crm import Customer, Note, Todo
from storage.repositories.notes import CONFIRMED, DRAFT, UNDONE, UNSURE

HOW_TO_PROMISE = "请说清期限，例如：/promise 72小时内给华昌发方案"
VISIBLE_NO_MORE = "这个客户已经转给别的同事，记录不能再改；有出入请告诉现在的负责人。"
_SHORT = 20
_DROPS = frozenset({"取消", "算了", "不改了", "不用改了", "没事了"})


@dataclass(frozen=True, slots=True)
class Said:
    """The words of a message; `media_sha256` names the recording of a voice note."""

    text: str
    media_sha256: str | None = None


def recorder(ctx: Ctx) -> Recorder:
    return Recorder(ctx.uow, ctx.user, ctx.settings.followup, ctx.now)


# --- a new note --------------------------------------------------------------------------------------------------


async def recorded(ctx: Ctx, said: Said, *, as_todo: bool = False, as_promise: bool = False) -> list[Reply]:
    """One record and one card for each customer that the note speaks of; a question is answered instead.

    `as_todo`: the speaker wants a to-do of it, whatever it looks like. `as_promise`: a promise; without a deadline
    ahead it asks for one.
    """
    lexicon = await lexicon_for(ctx.uow, ctx.user, await ctx.scope())
    understood = understand(said.text, lexicon, ctx.now)
    if understood.record.intent is Intent.QUERY and not (as_todo or as_promise):
        return await queries.answer(ctx, understood.record, said.text)
    heard = understood.records
    if as_promise:
        heard = tuple(filter(None, (_as_promise(record, ctx.now) for record in heard)))
    elif as_todo:
        heard = tuple(_as_todo(record, said.text) for record in heard)
    if not heard:
        return [SendText(ctx.chat, HOW_TO_PROMISE)]
    await remember(ctx, edit=None)
    replies: list[Reply] = []
    first: Note | None = None
    for record in heard:
        note = await _new_note(ctx, said, understood.trace, first)
        replies += await put(ctx, note, record)
        replies.append(SendCard(ctx.chat, note_card(await note_view(ctx, note)), f"note:{note.id}"))
        replies += await promise_cards(ctx, note) if as_promise else []
        first = first or note
    return replies


def _as_promise(record: Record, now: datetime) -> Record | None:
    """The first thing for us to do by a time ahead is promised; None when there is none."""
    timed = [todo for todo in record.todos if todo.owner is Owner.US and todo.due is not None and todo.due > now]
    if not timed:
        return None
    todos = tuple(replace(todo, is_promise=True) if todo is timed[0] else todo for todo in record.todos)
    return replace(record, intent=Intent.TODO, todos=todos, stage=None)


def _as_todo(record: Record, text: str) -> Record:
    todos = record.todos or (model.Todo(Owner.US, text, None, None),)
    return replace(record, intent=Intent.TODO, todos=todos, stage=None)


async def _new_note(ctx: Ctx, said: Said, trace: Sequence[str], first: Note | None) -> Note:
    note = Note(
        author_id=ctx.user.id, chat_key=ctx.chat.key, text=said.text, media_sha256=said.media_sha256,
        record={}, trace=list(trace), before=[], state=DRAFT, created_at=ctx.now,
        part_of=first.id if first else None,
    )  # fmt: skip
    await ctx.uow.notes.add(note)
    ctx.uow.audit.add(ctx.now, ctx.user.id, "note.recorded", f"note:{note.id}")
    return note


async def put(ctx: Ctx, note: Note, record: Record) -> list[Reply]:
    """Make `record` what the note means; colleagues who are given work by it hear of it.

    A customer that the author may not see any more is none.
    """
    customer = await ctx.uow.customers.named(record.customer) if record.customer else None
    if customer is not None and note.record and isinstance(await visible_customer(ctx, customer.id), str):
        customer = None
    await files.claim(ctx, note, customer)
    effects = await recorder(ctx).put(note, record, customer)
    asks = customer is None and (record.candidates or record.new_customer)
    note.state = UNSURE if asks else DRAFT
    given = [
        SendCard(ToUser(todo.assignee_id), await given_card(ctx, todo, f"{ctx.user.name}交给您"), f"todo:{todo.id}")
        for todo in effects.given
    ]
    return [*given, *await _seen_by_others(ctx, effects)]


async def _seen_by_others(ctx: Ctx, effects: Effects) -> list[Reply]:
    """The cards of managers' alerts and of others' promises, as they stand now."""
    decided = {alert.id: alert for alert in effects.settled}
    return [*await alerts.settled_updates(ctx, list(decided.values())), *await promise_updates(ctx, effects.dropped)]


# --- a correction in words ---------------------------------------------------------------------------------------


async def drops_edit(ctx: Ctx, text: str) -> bool:
    """Whether an edit that waited for words is given up by these."""
    if text.rstrip("。.!！~") not in _DROPS or await recall(ctx, "edit") is None:
        return False
    await remember(ctx, edit=None)
    return True


async def acknowledged(ctx: Ctx, text: str) -> list[Reply] | None:
    """The answer to words that say nothing to record (好的, 收到), unless others are waited for; None for all else."""
    if not is_acknowledgement(text) or await recall(ctx, "edit") is not None:
        return None
    return [SendText(ctx.chat, "好的，有进展随时发我。")]


async def corrected(ctx: Ctx, said: Said) -> list[Reply] | None:
    """The last record changed as these words say; None when they are no correction of it."""
    asked = await recall(ctx, "edit")
    rung = await on_screen(ctx) if asked is None else None
    note = await _note_meant(ctx, said.text, asked or (rung.note_id if rung else None))
    if note is None:
        return None
    lexicon = await lexicon_for(ctx.uow, ctx.user, await ctx.scope())
    record = records.from_json(note.record)
    words = await _about(ctx, rung, said.text) if rung else said.text
    waited = asked is not None or note.state == UNSURE
    changed = amend(record, words, lexicon, ctx.now, asked=waited)
    if changed is not None:
        await remember(ctx, edit=None)
        if await _lost(ctx, note):
            return [SendText(ctx.chat, VISIBLE_NO_MORE)]
        return await amended(ctx, note, changed, f"已按“{said.text}”修改")
    if asked is not None and len(said.text) <= _SHORT and not _tells_of_its_own(ctx, said.text, lexicon):
        return [SendText(ctx.chat, f"没看懂要改什么。{wording.HOW_TO_AMEND}；不改了就回“算了”。")]
    return None


async def _about(ctx: Ctx, todo: Todo, text: str) -> str:
    """The words, told to be about this to-do where its note has several."""
    note = await ctx.uow.notes.get(todo.note_id) if todo.note_id is not None else None
    rows = paired(records.from_json(note.record).todos, await ctx.uow.todos.of_note(note.id)) if note else []
    ids = [row.id if row else 0 for row in rows]
    return f"第{ids.index(todo.id) + 1}个{text}" if len(ids) > 1 and todo.id in ids else text


async def _note_meant(ctx: Ctx, text: str, named: int | None) -> Note | None:
    """The note `named` by what is on the screen, else the one of the last message that `text` is nearest to."""
    if named is not None:
        note = await ctx.uow.notes.locked(named)
        return note if note is not None and note.state != UNDONE and note.author_id == ctx.user.id else None
    since = ctx.now - timedelta(hours=ctx.settings.records.amend_hours)
    last = await ctx.uow.notes.last_in(
        ctx.chat.key, ctx.user.id, since, lambda note: records.says_anything(records.from_json(note.record))
    )
    if not last:
        return None
    nearest = max(last, key=lambda note: (_shared(records.from_json(note.record), text), note.id))
    return await ctx.uow.notes.locked(nearest.id)


def _shared(record: Record, text: str) -> int:
    """How many pairs of characters of the record's customer and to-dos `text` repeats."""
    names = (record.customer or "", *(todo.title for todo in record.todos))
    return sum(name[i : i + 2] in text for name in names for i in range(len(name) - 1))


def _tells_of_its_own(ctx: Ctx, text: str, lexicon: Lexicon) -> bool:
    """Whether an answer that changes nothing is rather a note: it names a customer or something to do."""
    heard = understand(text, lexicon, ctx.now).record
    return bool(heard.customer or heard.candidates or heard.todos)


async def amended(ctx: Ctx, note: Note, record: Record, closing: str) -> list[Reply]:
    """The note with its new meaning, on every card that shows it."""
    before = await note_view(ctx, note)
    given = await put(ctx, note, record)
    ctx.uow.audit.add(ctx.now, ctx.user.id, "note.amended", f"note:{note.id}")
    updates = await caused_updates(ctx, note)
    view = await note_view(ctx, note, closing)
    told = SendText(ctx.chat, f"改好了：{changes(before, view)}")
    return [UpdateCards(f"note:{note.id}", note_card(view)), *updates, *given, told]


# --- clicks ------------------------------------------------------------------------------------------------------


async def own_note(ctx: Ctx, note_id: int, *, lock: bool = True) -> Note | str:
    """The note, locked, if its card still works for who clicked; else the sentence that says why not."""
    note = await (ctx.uow.notes.locked(note_id) if lock else ctx.uow.notes.get(note_id))
    if note is None:
        return wording.EXPIRED
    if note.author_id != ctx.user.id:
        return "这是别人的记录，只有记录人可以操作。"
    if note.state == UNDONE:
        return "这条记录已经撤销了。"
    return VISIBLE_NO_MORE if await _lost(ctx, note) else note


async def _lost(ctx: Ctx, note: Note) -> bool:
    """Whether the note's customer is others' by now, so that its author may not change what it says of them."""
    return note.customer_id is not None and isinstance(await visible_customer(ctx, note.customer_id), str)


async def _confirm(ctx: Ctx, action: NoteConfirm) -> list[Reply]:
    note = await own_note(ctx, action.note_id)
    if isinstance(note, str):
        return [Toast(note)]
    if note.state != DRAFT:
        return [Toast("这条记录已经确认过了。" if note.state == CONFIRMED else "先选一下是哪个客户。")]
    note.state = CONFIRMED
    ctx.uow.audit.add(ctx.now, ctx.user.id, "note.confirmed", f"note:{note.id}")
    return [Toast("已确认"), await shown(ctx, note)]


async def _undo(ctx: Ctx, action: NoteUndo) -> list[Reply]:
    note = await own_note(ctx, action.note_id)
    return [Toast(note)] if isinstance(note, str) else [Toast("已撤销"), *await undone(ctx, note)]


async def undone(ctx: Ctx, note: Note) -> list[Reply]:
    """Take the note back, on every card that shows something of it."""
    view = await note_view(ctx, note)
    released = await files.release(ctx, note)
    effects = await recorder(ctx).undo(note)
    ctx.uow.audit.add(ctx.now, ctx.user.id, "note.undone", f"note:{note.id}")
    if await recall(ctx, "edit") == note.id:
        await remember(ctx, edit=None)
    stays = [f"“{todo.title}”已经完成，没有撤销" for todo in effects.finished]
    stays += ["收到的文件会归到您下一条记录的客户名下"] if released else []
    card = note_card(replace(view, state=UNDONE, cancelled=(), closing="；".join(("已撤销", *stays)) if stays else ""))
    told = [SendText(ctx.chat, "；".join(stays) + "。")] if stays else []
    updates = [*await caused_updates(ctx, note), *await _seen_by_others(ctx, effects)]
    return [UpdateCards(f"note:{note.id}", card), *updates, *told]


async def _choose(ctx: Ctx, action: NoteCustomer) -> list[Reply]:
    note = await own_note(ctx, action.note_id)
    if isinstance(note, str):
        return [Toast(note)]
    if note.state != UNSURE:
        return [Toast("客户已经选好了；要改就点“修改”。")]
    record = records.from_json(note.record)
    if action.customer_id == 0:
        customer = await made_customer(ctx, note, record.new_customer or "")
    else:
        customer = await visible_customer(ctx, action.customer_id)
    if isinstance(customer, str):
        return [Toast(customer)]
    chosen = replace(record, customer=customer.name, candidates=(), new_customer=None)
    given = await put(ctx, note, chosen)
    ctx.uow.audit.add(ctx.now, ctx.user.id, "note.customer", f"note:{note.id}", customer=customer.id)
    return [Toast(f"已记到{customer.name}"), await shown(ctx, note), *given]


async def visible_customer(ctx: Ctx, customer_id: int) -> Customer | str:
    """The customer, if the sender may see it; else the sentence that says there is none."""
    customer = await ctx.uow.customers.get(customer_id)
    if customer is None or not await sees_customer(ctx.uow, ctx.user, await ctx.scope(), customer):
        return "没有找到您能查看的这个客户。"
    return customer


async def made_customer(ctx: Ctx, note: Note, name: str) -> Customer | str:
    """The customer of this name, new if need be and then the author's; undoing the note takes it back."""
    if not name:
        return wording.EXPIRED
    known = await ctx.uow.customers.named(name)
    if known is not None:
        sees = await sees_customer(ctx.uow, ctx.user, await ctx.scope(), known)
        return known if sees else f"“{name}”已有其他团队在跟，请找主管协调。"
    customer = await ctx.uow.customers.add(name, ctx.user.id, ctx.user.team_id, ctx.now)
    note.before = [{"table": "customers", "id": customer.id, "was": None, "became": {}}]
    ctx.uow.audit.add(ctx.now, ctx.user.id, "customer.created", f"customer:{customer.id}")
    return customer


async def shown(ctx: Ctx, note: Note, closing: str = "") -> UpdateCards:
    """The note's card as it is now, in place of the one on screen."""
    return UpdateCards(f"note:{note.id}", note_card(await note_view(ctx, note, closing)))


CLICKS: dict[type[Action], ClickHandler] = {
    NoteConfirm: _confirm,
    NoteUndo: _undo,
    NoteCustomer: _choose,
}
COMMANDS: dict[str, CommandHandler] = {}
