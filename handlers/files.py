"""Images and files: kept with the customer that was last spoken of."""

from __future__ import annotations

from datetime import timedelta

from bot.events import Media, MediaKind, Prepared
from bot.outgoing import Reply, SendText
from handlers.context import Ctx
from handlers.talk import recall, remember
from storage.crm import Customer, Interaction

_KINDS = {MediaKind.IMAGE: "图片", MediaKind.VIDEO: "视频", MediaKind.FILE: "文件", MediaKind.VOICE: "语音"}
_WAITING = "files"
_MOST = 20


async def keep(ctx: Ctx, media: Media, prepared: Prepared) -> list[Reply]:
    """Filed under the last customer; without one it waits for the next record."""
    summary = f"{_KINDS[media.kind]} {media.name or ''}".strip()
    customer = await _last_customer(ctx)
    if customer is not None:
        _file(ctx, customer, media.kind, summary, prepared.sha256)
        return [SendText(ctx.chat, f"{_KINDS[media.kind]}已归到“{customer.name}”的跟进记录。")]
    waiting = [*(await recall(ctx, _WAITING) or []), [media.kind.value, summary, prepared.sha256]]
    await remember(ctx, **{_WAITING: waiting[-_MOST:]})
    return [SendText(ctx.chat, f"{_KINDS[media.kind]}收到了。说一句是哪个客户的情况，我就把它归到那个客户名下。")]


async def claim(ctx: Ctx, customer: Customer | None) -> None:
    """File what waits for a customer under this one."""
    waiting = await recall(ctx, _WAITING)
    if customer is None or not waiting:
        return
    for kind, summary, sha256 in waiting:
        _file(ctx, customer, MediaKind(kind), summary, sha256)
    await remember(ctx, **{_WAITING: None})


def _file(ctx: Ctx, customer: Customer, kind: MediaKind, summary: str, sha256: str | None) -> None:
    ctx.uow.customers.touch(
        Interaction(
            customer_id=customer.id, user_id=ctx.user.id, kind=kind.value, summary=summary, at=ctx.now,
            media_sha256=sha256,
        )
    )  # fmt: skip


async def _last_customer(ctx: Ctx) -> Customer | None:
    since = ctx.now - timedelta(hours=ctx.settings.records.amend_hours)
    customer_id = await ctx.uow.notes.last_customer(ctx.user.id, since)
    return await ctx.uow.customers.get(customer_id) if customer_id is not None else None
