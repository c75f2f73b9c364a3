"""Promises to customers: the list with its countdown, a new one in words, and keeping one."""

from __future__ import annotations

from bot.outgoing import Reply, SendCard, Toast, UpdateCards
from cards import wording
from cards.actions import Action, CommitmentKept
from cards.commitments import list_card
from handlers import notes
from handlers.context import ClickHandler, CommandHandler, Ctx
from handlers.notes import Said
from handlers.todo_cards import state_card
from notices import alerts as alert_notices
from notices import commitments as notices
from sales import commitments
from sales.colleagues import reps_under
from storage.crm import Commitment
from storage.repositories.commitments import CANCELLED, OPEN


async def _promise(ctx: Ctx, args: str) -> list[Reply]:
    """`/promise`: the open ones; with words, a new one."""
    return await notes.recorded(ctx, Said(args), as_promise=True) if args else [await _list(ctx)]


async def _list(ctx: Ctx) -> SendCard:
    reps = await reps_under(ctx.uow, await ctx.scope())
    ids = list(dict.fromkeys((ctx.user.id, *(rep.id for rep in reps))))
    names = {rep.id: rep.name for rep in reps}
    found = await ctx.uow.commitments.open_of(ids, 200)
    views = [
        notices.view_of(promise, customer, names.get(promise.user_id, ""), ctx.now)
        for promise, customer in found[: ctx.settings.records.list_size]
    ]
    return SendCard(ctx.chat, list_card(views, len(found) - len(views)), f"promises:{ctx.user.id}")


# --- clicks ------------------------------------------------------------------------------------------------------


async def _kept(ctx: Ctx, action: CommitmentKept) -> list[Reply]:
    promise = await ctx.uow.commitments.get(action.commitment_id)
    if promise is None or promise.state == CANCELLED:
        return [Toast(wording.EXPIRED)]
    owner = await ctx.uow.users.get(promise.user_id)
    if not (await ctx.scope()).covers(promise.user_id, owner.team_id if owner else None):
        return [Toast("这条承诺不在您名下。")]
    settled = await commitments.keep(ctx.uow, promise, ctx.user.id, ctx.now)
    if settled is None:
        return [Toast(f"{notices.kept_note(promise, ctx.now)}，不用再点了。")]
    managers = await alert_notices.decided(ctx.uow, settled, ctx.now, ctx.settings)
    updates = [*await kept_updates(ctx, promise), *await _todo_updates(ctx, promise)]
    return [Toast(notices.kept_note(promise, ctx.now)), *updates, *managers]


async def kept_updates(ctx: Ctx, promise: Commitment) -> list[Reply]:
    """Every card of a promise that was fulfilled; none while it is open."""
    return [] if promise.state == OPEN else await notices.kept(ctx.uow, promise, ctx.now)


async def _todo_updates(ctx: Ctx, promise: Commitment) -> list[Reply]:
    """The cards of the to-do that was done with it."""
    todo = await ctx.uow.todos.get(promise.todo_id) if promise.todo_id is not None else None
    return [UpdateCards(f"todo:{todo.id}", await state_card(ctx, todo))] if todo is not None else []


CLICKS: dict[type[Action], ClickHandler] = {CommitmentKept: _kept}
COMMANDS: dict[str, CommandHandler] = {"promise": _promise}
