"""The last record: taken back (`/undo`), explained (`/why`)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from bot.outgoing import Reply, SendText
from cards.actions import Action
from handlers import notes
from handlers.context import ClickHandler, CommandHandler, Ctx
from storage.crm import Note


async def _last(ctx: Ctx) -> Sequence[Note]:
    since = ctx.now - timedelta(hours=ctx.settings.records.amend_hours)
    return await ctx.uow.notes.last_in(ctx.chat.key, ctx.user.id, since)


async def undo(ctx: Ctx, args: str) -> list[Reply]:
    """All records of the sender's last message."""
    found = await _last(ctx)
    replies: list[Reply] = []
    refusals: list[str] = []
    for note in reversed(found):
        own = await notes.own_note(ctx, note.id)
        if isinstance(own, str):
            refusals.append(own)
        else:
            replies += await notes.undone(ctx, own)
    if not replies:
        return [SendText(ctx.chat, refusals[0] if refusals else "最近没有可以撤销的记录。")]
    quoted = found[0].text[:30] + ("…" if len(found[0].text) > 30 else "")
    return [SendText(ctx.chat, f"已撤销：“{quoted}”，它带来的改动都收回了。"), *replies]


async def why(ctx: Ctx, args: str) -> list[Reply]:
    """Which words of the last record were taken for what."""
    found = await _last(ctx)
    if not found:
        return [SendText(ctx.chat, "最近没有记录可以解释。先发一句话或一段语音给我吧。")]
    quoted = found[0].text[:60] + ("…" if len(found[0].text) > 60 else "")
    return [SendText(ctx.chat, "\n".join([f"“{quoted}”是这样理解的：", *found[0].trace]))]


CLICKS: dict[type[Action], ClickHandler] = {}
COMMANDS: dict[str, CommandHandler] = {"undo": undo, "why": why}
