"""Images and files: kept with the customer that was last spoken of."""

from __future__ import annotations

from datetime import timedelta

from bot.events import Media, MediaKind, Prepared
from bot.outgoing import Reply, SendText
from handlers.context import Ctx
from handlers.talk import recall, remember
from storage.crm import Customer, Interaction, Note

_KINDS = {MediaKind.IMAGE: "图片", MediaKind.VIDEO: "视频", MediaKind.FILE: "文件", MediaKind.VOICE: "语音"}
_WAITING = "files"
_MOST = 20


async def keep(ctx: Ctx, media: Media, prepared: Prepared) -> list[Reply]:
    """Filed under the last customer; without one it waits for the next record."""
    summary = f"{_KINDS[media.kind]} {media.name or ''}".strip()
    note = await _last_note(ctx)
    customer = await ctx.uow.customers.get(note.customer_id) if note and note.customer_id is not None else None
    if note is not None and customer is not None:
        _file(ctx, note, customer, media.kind.value, summary, prepared.sha256)
        return [SendText(ctx.chat, f"{_KINDS[media.kind]}已归到“{customer.name}”的跟进记录。")]
    waiting = [*(await recall(ctx, _WAITING) or []), [media.kind.value, summary, prepared.sha256]]
    await remember(ctx, **{_WAITING: waiting[-_MOST:]})
    return [SendText(ctx.chat, f"{_KINDS[media.kind]}收到了。说一句是哪个客户的情况，我就把它归到那个客户名下。")]


async def claim(ctx: Ctx, note: Note, customer: Customer | None) -> None:
    """File what waits for a customer under the note's."""
    waiting = await recall(ctx, _WAITING)
    if customer is None or not waiting:
        return
    for kind, summary, sha256 in waiting:
        _file(ctx, note, customer, kind, summary, sha256)
    await remember(ctx, **{_WAITING: None})


async def release(ctx: Ctx, note: Note) -> bool:
    """What was sent with a note that is taken back waits for the next record; whether there was anything."""
    sent = [[file.kind, file.summary, file.media_sha256] for file in await ctx.uow.customers.files_of(note.id)]
    if not sent:
        return False
    await ctx.uow.customers.forget_files(note.id)
    waiting = [*sent, *(await recall(ctx, _WAITING) or [])]
    await remember(ctx, **{_WAITING: waiting[-_MOST:]})
    return True


def _file(ctx: Ctx, note: Note, customer: Customer, kind: str, summary: str, sha256: str | None) -> None:
    ctx.uow.customers.touch(
        Interaction(
            customer_id=customer.id, user_id=ctx.user.id, note_id=note.id, kind=kind, summary=summary, at=ctx.now,
            media_sha256=sha256,
        )
    )  # fmt: skip


async def _last_note(ctx: Ctx) -> Note | None:
    since = ctx.now - timedelta(hours=ctx.settings.records.amend_hours)
    return await ctx.uow.notes.last_on_a_customer(ctx.user.id, since)
