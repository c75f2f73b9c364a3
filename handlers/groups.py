"""Customer groups: what is said there, and the hot leads that come of it."""

from __future__ import annotations

from datetime import datetime

from bot.config import Settings
from bot.events import Event, MediaKind, MediaMessage, TextMessage
from bot.outgoing import Reply, Toast
from cards import wording
from cards.actions import Action, HotLeadAccept, HotLeadPass
from handlers.context import ClickHandler, CommandHandler, Ctx
from notices import alerts as alert_notices
from notices import hotleads as notices
from notices.offers import offered
from sales import hotleads
from storage.crm import GroupMessage, HotLead
from storage.people import User
from storage.repositories.groups import OPEN, TAKEN
from storage.uow import UnitOfWork

_MEDIA = {MediaKind.VOICE: "[语音]", MediaKind.IMAGE: "[图片]", MediaKind.VIDEO: "[视频]", MediaKind.FILE: "[文件]"}

_NAME = 100


async def on_group_message(event: Event, uow: UnitOfWork, now: datetime, settings: Settings) -> list[Reply]:
    """Keep the line; an employee's answers the customer, a customer's may be a hot lead."""
    text = _words(event)
    if not text:
        return []
    group = await uow.groups.of_chat(event.chat.platform, event.chat.id)
    user = None if event.sender.external else await uow.users.by_identity(event.chat.platform, event.sender.id)
    user_id = user.id if user else None
    name = user.name if user else event.sender.name
    speaker = await uow.groups.seen(group.id, event.sender.id, name[:_NAME] if name else None, user_id)
    at = min(event.sent_at, now)
    if user is not None:
        await hotleads.answered(uow, group, user.id, at)
    line = GroupMessage(
        group_id=group.id, sender=speaker.name, user_id=user_id, text=text, at=at, answered=not event.sender.external
    )
    await uow.groups.add_message(line)
    if not event.sender.external:
        return []
    offer = await hotleads.heard(uow, group, line, now, settings.keywords)
    return await offered(uow, offer, now, settings) if offer is not None else []


def _words(event: Event) -> str:
    if isinstance(event, TextMessage):
        return event.text.strip()
    if isinstance(event, MediaMessage):
        heard = event.prepared.text if event.prepared else None
        return (heard or _MEDIA[event.media.kind]).strip()
    return ""


# --- clicks ------------------------------------------------------------------------------------------------------


async def _accept(ctx: Ctx, action: HotLeadAccept) -> list[Reply]:
    hot = await ctx.uow.groups.hot_lead(action.hot_lead_id)
    if hot is None:
        return [Toast(wording.EXPIRED)]
    if not await _may_take(ctx, hot):
        return [Toast("这条线索没有派给您。")]
    taken = await hotleads.take(ctx.uow, hot.id, ctx.user, ctx.now, ctx.settings.keywords)
    if taken is None:
        return [Toast(await _who_was_first(ctx, hot.id))]
    replies = await settle(ctx, taken, ctx.user)
    updates = await notices.taken(ctx.uow, taken, ctx.user, ctx.now, f"{ctx.user.name} 已接单 {ctx.now:%H:%M}")
    return [*replies, *updates]


async def _may_take(ctx: Ctx, hot: HotLead) -> bool:
    if ctx.user.id in hot.tried:
        return True
    group = await ctx.uow.groups.get(hot.group_id)
    team_id = await hotleads.team_of(ctx.uow, group) if group else None
    return (await ctx.scope()).manages(team_id)


async def settle(ctx: Ctx, hot: HotLead, taker: User) -> list[Reply]:
    """The taker's lead, and what managers see of it."""
    opened = await hotleads.open_lead(ctx.uow, hot, taker, ctx.now, ctx.settings.followup)
    told = "线索已归到您名下，请尽快回复客户。" if opened else "请尽快回复客户。这个群还没关联客户。"
    heard = await notices.told_former(ctx.uow, opened, taker) if opened is not None else []
    alert = await ctx.uow.alerts.on(notices.subject(hot))
    if alert is None or not await ctx.uow.alerts.close(alert.id, ctx.user.id, "已接单", ctx.now):
        return [Toast(f"接单成功，{told}"), *heard]
    await ctx.uow.session.refresh(alert)
    return [Toast(f"接单成功，{told}"), *heard, *await alert_notices.decided(ctx.uow, [alert], ctx.now, ctx.settings)]


async def _who_was_first(ctx: Ctx, hot_lead_id: int) -> str:
    hot = await ctx.uow.groups.hot_lead(hot_lead_id)
    if hot is None or hot.taken_by is None or hot.taken_at is None:
        return wording.EXPIRED
    if hot.taken_by == ctx.user.id:
        return "您已经接单了。"
    taker = await ctx.uow.users.get(hot.taken_by)
    return f"{taker.name if taker else '同事'} 已在 {hot.taken_at.astimezone(ctx.now.tzinfo):%H:%M} 接单。"


async def _pass(ctx: Ctx, action: HotLeadPass) -> list[Reply]:
    hot = await ctx.uow.groups.locked_hot_lead(action.hot_lead_id)
    if hot is None:
        return [Toast(wording.EXPIRED)]
    if hot.state == TAKEN:
        return [Toast(await _who_was_first(ctx, hot.id))]
    if hot.state != OPEN or hot.offered_to != ctx.user.id:
        return [Toast("这条线索已经不在您这里了。")]
    offer = await hotleads.offer_next(ctx.uow, hot, ctx.now, ctx.settings.keywords)
    ctx.uow.audit.add(ctx.now, ctx.user.id, "hot_lead.passed", notices.subject(hot))
    return [Toast("好的，已转给下一位。"), *await offered(ctx.uow, offer, ctx.now, ctx.settings)]


CLICKS: dict[type[Action], ClickHandler] = {HotLeadAccept: _accept, HotLeadPass: _pass}
COMMANDS: dict[str, CommandHandler] = {}
