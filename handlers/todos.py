"""To-dos: the list, done, later, handed over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from rapidfuzz import fuzz

from bot.outgoing import Reply, SendCard, SendText, Toast, ToUser, UpdateCards
from cards import wording
from cards.actions import Action, TodoDone, TodoHandOver, TodoSnooze
from cards.todos import settled_card
from handlers import alerts, commitments, notes
from handlers.context import ClickHandler, CommandHandler, Ctx
from handlers.notes import Said
from handlers.todo_cards import (
    everything,
    given_card,
    on_screen,
    open_list,
    outcome,
    send_list,
    state_card,
    todo_view,
    update_list,
)
from intents.choices import hand_over_to, says_done
from intents.numerals import parse_int
from sales import todos
from sales.colleagues import find_colleagues
from storage.crm import Todo
from storage.people import User
from storage.repositories.todos import CANCELLED, OPEN

_ALIKE = 60
_MINE = frozenset({"", "我的", "列表", "今天"})
_ALL = frozenset({"全部", "更多", "所有"})


async def _list(ctx: Ctx, args: str) -> list[Reply]:
    """`/todo`: the open ones; `/todo 全部`: all in words; `/todo 3`: the third; with other words, a new one."""
    if args in _MINE:
        return [await send_list(ctx)]
    if args in _ALL:
        listed = await open_list(ctx)
        return [SendText(ctx.chat, await everything(ctx)) if listed else await send_list(ctx)]
    number = _number(args)
    if number is not None:
        return [await _numbered(ctx, number)]
    return await notes.recorded(ctx, Said(args), as_todo=True)


async def _numbered(ctx: Ctx, number: int) -> Reply:
    """The card of one of the list."""
    listed = await open_list(ctx)
    if 1 <= number <= len(listed):
        todo = listed[number - 1][0]
        return SendCard(ctx.chat, await given_card(ctx, todo, "待办"), f"todo:{todo.id}")
    how = "发 /todo 看清单；要新建就写上要做的事，例如：/todo 明天给客户发报价"
    return SendText(ctx.chat, f"没有第 {number} 条待办。{how}")


def _number(args: str) -> int | None:
    return parse_int(args.removeprefix("第").rstrip("个条项"))


async def _done(ctx: Ctx, args: str) -> list[Reply]:
    """`/done 2` or `/done 报价`; without words the list to choose from."""
    if not args:
        return [await send_list(ctx)]
    found = await _meant(ctx, args)
    if not found:
        return [SendText(ctx.chat, f"没找到“{args}”对应的待办，这是您的清单："), await send_list(ctx)]
    if len(found) > 1:
        asked = f"有 {len(found)} 条都像“{args}”，用编号说是哪条，例如 /done 1"
        return [SendText(ctx.chat, asked), await send_list(ctx)]
    return [SendText(ctx.chat, f"已完成：{found[0].title}"), *await _finished(ctx, found[0])]


async def _meant(ctx: Ctx, args: str) -> list[Todo]:
    """By its number in the list, else by its words."""
    listed = await open_list(ctx)
    number = _number(args)
    if number is not None:
        return [listed[number - 1][0]] if 1 <= number <= len(listed) else []
    alike = [(fuzz.partial_ratio(args, f"{customer or ''}{todo.title}"), todo) for todo, customer in listed]
    best = max((score for score, _ in alike), default=0)
    return [todo for score, todo in alike if score == best and score >= _ALIKE]


async def _finished(ctx: Ctx, todo: Todo) -> list[Reply]:
    """Done, on every card; nothing when somebody was first."""
    settled = await todos.finish(ctx.uow, todo, ctx.user, ctx.now)
    if settled is None:
        return []
    fresh = await ctx.uow.todos.get(todo.id) or todo
    promise = await ctx.uow.commitments.of_todo(todo.id)
    kept = await commitments.kept_updates(ctx, promise) if promise and promise.state != CANCELLED else []
    managers = await alerts.settled_updates(ctx, settled)
    return [UpdateCards(f"todo:{todo.id}", await state_card(ctx, fresh)), await update_list(ctx), *kept, *managers]


# --- clicks ------------------------------------------------------------------------------------------------------


async def _own(ctx: Ctx, todo_id: int) -> Todo | str:
    """An open to-do that who clicked may change; else the sentence that says why not."""
    todo = await ctx.uow.todos.get(todo_id)
    if todo is None:
        return wording.EXPIRED
    if not await todos.may_change(ctx.uow, await ctx.scope(), todo):
        return await _not_yours(ctx, todo)
    return todo if todo.state == OPEN else f"这条待办{await outcome(ctx, todo)}。"


async def _not_yours(ctx: Ctx, todo: Todo) -> str:
    holder = await ctx.uow.users.get(todo.assignee_id)
    same_team = holder is not None and holder.team_id is not None and holder.team_id == ctx.user.team_id
    return f"这条待办现在由{holder.name}负责。" if holder and same_team else "这条待办不在您名下。"


async def _click_done(ctx: Ctx, action: TodoDone) -> list[Reply]:
    todo = await _own(ctx, action.todo_id)
    if isinstance(todo, str):
        return [Toast(todo)]
    updates = await _finished(ctx, todo)
    if not updates:
        return [Toast(f"这条待办{await outcome(ctx, await ctx.uow.todos.get(todo.id) or todo)}。")]
    return [Toast(f"已完成：{todo.title}"), *updates]


async def _click_snooze(ctx: Ctx, action: TodoSnooze) -> list[Reply]:
    todo = await _own(ctx, action.todo_id)
    if isinstance(todo, str):
        return [Toast(todo)]
    later = ctx.now + timedelta(minutes=action.minutes)
    at = later if action.minutes > 0 else todos.next_morning(ctx.now, ctx.settings.reminders.morning_hour)
    if not await ctx.uow.todos.ring_at(todo.id, at):
        return [Toast(wording.EXPIRED)]
    ctx.uow.audit.add(ctx.now, ctx.user.id, "todo.snoozed", f"todo:{todo.id}")
    said = f"将于 {wording.soon(at, ctx.now)} 再提醒"
    fresh = await ctx.uow.todos.get(todo.id) or todo
    card = settled_card(await todo_view(ctx, fresh), said, success=False)
    return [Toast(f"好的，{said}"), UpdateCards(f"todo:{todo.id}", card, todo.assignee_id), await update_list(ctx)]


async def _click_hand_over(ctx: Ctx, action: TodoHandOver) -> list[Reply]:
    todo = await _own(ctx, action.todo_id)
    if isinstance(todo, str):
        return [Toast(todo)]
    taker = await _taker(ctx, todo)
    if taker is None and ctx.card_inputs:
        return [Toast("先在“转给”里选一位同事，再点“转给…”。")]
    if taker is None:
        return [Toast(_whom(await todos.colleagues(ctx.uow, todo)))]
    return await _handed_over(ctx, todo, taker)


async def _handed_over(ctx: Ctx, todo: Todo, taker: User) -> list[Reply]:
    if not await todos.hand_over(ctx.uow, todo, ctx.user, taker, ctx.now):
        return [Toast(wording.EXPIRED)]
    fresh = await ctx.uow.todos.get(todo.id) or todo
    gone = settled_card(await todo_view(ctx, fresh), f"已转给{taker.name}", success=False)
    card = await given_card(ctx, fresh, f"{ctx.user.name}转给您")
    return [
        Toast(f"已转给{taker.name}"),
        UpdateCards(f"todo:{todo.id}", gone),
        await update_list(ctx),
        SendCard(ToUser(taker.id), card, f"todo:{todo.id}"),
    ]


async def _taker(ctx: Ctx, todo: Todo) -> User | None:
    chosen = ctx.form.get("assignee", "")
    return next((user for user in await todos.colleagues(ctx.uow, todo) if str(user.id) == chosen), None)


def _whom(takers: Sequence[User]) -> str:
    if not takers:
        return "团队里没有其他同事可以接手。"
    names = "、".join(taker.name for taker in takers)
    return f"转给谁？请直接回复，例如：转给{takers[0].name}（可选：{names}）"


# --- words -------------------------------------------------------------------------------------------------------


async def on_reply(ctx: Ctx, text: str) -> list[Reply] | None:
    """Words right after a to-do's card: 做完了, 转给李娜. None when they are not that, or another card came after."""
    said_done, person = says_done(text), hand_over_to(text)
    todo = await on_screen(ctx) if said_done or person else None
    if todo is None:
        return None
    replies = await _click_done(ctx, TodoDone(todo.id)) if said_done else await _given_to(ctx, todo, person or "")
    return [SendText(ctx.chat, reply.text) if isinstance(reply, Toast) else reply for reply in replies]


async def _given_to(ctx: Ctx, todo: Todo, said: str) -> list[Reply]:
    takers = await todos.colleagues(ctx.uow, todo)
    found = find_colleagues(said, takers)
    if len(found) == 1:
        return await _handed_over(ctx, todo, found[0])
    if found:
        return [Toast(f"“{said}”可能是{'、'.join(user.name for user in found)}，请说全名。")]
    return [Toast(f"没找到“{said}”。{_whom(takers)}")]


CLICKS: dict[type[Action], ClickHandler] = {
    TodoDone: _click_done,
    TodoSnooze: _click_snooze,
    TodoHandOver: _click_hand_over,
}
COMMANDS: dict[str, CommandHandler] = {"todo": _list, "done": _done}
