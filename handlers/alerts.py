"""A manager's decisions on alerts: by click, or in words in reply to the card."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from bot.outgoing import Reply, SendText, Toast, ToUser
from cards import wording
from cards.actions import Action, AlertDismiss, AlertExtend, AlertReassign, AlertRemind
from handlers.alert_words import alert_on_screen, speaks_of_else
from handlers.context import ClickHandler, CommandHandler, Ctx
from intents import choices
from intents.calendar import WorkCalendar
from intents.times import END_OF_WORK
from notices import alerts as notices
from notices import hotleads as hot_notices
from sales import alerts, hotleads
from sales.alerts import HOT_LEAD, OVERDUE, PROMISE_LATE
from sales.colleagues import find_colleagues
from sales.followup import extended_to
from storage.crm import Alert
from storage.people import User
from storage.repositories.alerts import CLOSED, REMINDED
from storage.repositories.groups import TAKEN
from storage.repositories.steps import OPEN as STEP_OPEN

# --- who may, and who was first ----------------------------------------------------------------------------------


async def _mine(ctx: Ctx, alert_id: int) -> Alert | str:
    """An open alert that the sender may decide; else the sentence that says why not."""
    alert = await ctx.uow.alerts.get(alert_id)
    if alert is None:
        return wording.EXPIRED
    if not (await ctx.scope()).manages(alert.team_id):
        return "这条提醒由该团队的主管处理。"
    if alert.closed_at is not None:
        return f"已经处理过了：{await notices.note_of(ctx.uow, alert, ctx.now)}"
    return alert


async def _claim(ctx: Ctx, alert: Alert, outcome: str, state: str = CLOSED) -> str | None:
    """Decide it for the sender; the sentence that says who was first if somebody was."""
    first = await ctx.uow.alerts.close(alert.id, ctx.user.id, outcome, ctx.now, state)
    await ctx.uow.session.refresh(alert)
    if not first:
        return f"已经处理过了：{await notices.note_of(ctx.uow, alert, ctx.now)}"
    return None


async def _answered(ctx: Ctx, alert: Alert, action: str, told: str, heard: Sequence[Reply] = ()) -> list[Reply]:
    """What everybody sees once the sender's decision holds: the sender is told, the others hear."""
    ctx.uow.audit.add(ctx.now, ctx.user.id, f"alert.{action}", notices.subject(alert))
    updates = await notices.decided(ctx.uow, [alert], ctx.now, ctx.settings)
    return [Toast(told), *updates, *heard]


# --- the four decisions ------------------------------------------------------------------------------------------


async def _remind(ctx: Ctx, alert: Alert) -> list[Reply]:
    """The step is still to be done: the alert comes again if it is not in `followup.remind_again_hours`."""
    rep = await alerts.who_has_it(ctx.uow, alert)
    if alert.kind == HOT_LEAD or rep is None:
        return [Toast("还没有人负责，没有人可提醒。请指派给一位销售。")]
    matter = await _matter(ctx, alert)
    if matter is None:
        return await _gone(ctx, alert)
    if lost := await _claim(ctx, alert, f"已提醒 {rep.name}", REMINDED if alert.kind == OVERDUE else CLOSED):
        return [Toast(lost)]
    text = SendText(ToUser(rep.id), f"{ctx.user.name}提醒您：{matter}，请尽快处理。")
    return await _answered(ctx, alert, "reminded", f"已提醒{rep.name}。", [text])


async def _gone(ctx: Ctx, alert: Alert) -> list[Reply]:
    """What it is about does not exist any more."""
    await _claim(ctx, alert, "已关闭：记录已撤销")
    return await _answered(ctx, alert, "dismissed", "相关记录已经撤销，不用再跟进了。")


async def _extend(ctx: Ctx, alert: Alert, until: datetime) -> list[Reply]:
    found = await ctx.uow.steps.with_lead(alert.step_id) if alert.step_id is not None else None
    if found is None or found[0].state != STEP_OPEN:
        return [Toast("只有未完成的跟进步骤可以延期。")]
    if until <= ctx.now:
        return [Toast("延期时间要晚于现在，请重新选。")]
    step, _, customer = found
    at = wording.when(until, ctx.now)
    if lost := await _claim(ctx, alert, f"已延期到 {at}"):
        return [Toast(lost)]
    alerts.extend(step, until)
    told = f"{ctx.user.name}把{customer.name}的「{wording.stage(step.touchpoint)}」延期到 {at}。"
    return await _answered(ctx, alert, "extended", f"已延期到 {at}。", _to(step.owner_id or alert.user_id, told))


async def _reassign(ctx: Ctx, alert: Alert, taker: User) -> list[Reply]:
    if alert.kind == HOT_LEAD:
        return await _assign_hot_lead(ctx, alert, taker)
    found = await ctx.uow.steps.with_lead(alert.step_id) if alert.step_id is not None else None
    if found is None or found[0].state != STEP_OPEN:
        return [Toast("只有未完成的跟进步骤可以转派。")]
    if lost := await _claim(ctx, alert, f"已转派给 {taker.name}"):
        return [Toast(lost)]
    step, lead, customer = found
    handed = await alerts.reassign(ctx.uow, step, lead, customer, taker, ctx.now, ctx.settings.followup)
    ctx.uow.audit.add(ctx.now, ctx.user.id, "lead.owner", f"lead:{lead.id}", owner_id=taker.id)
    what = f"{customer.name}的「{wording.stage(step.touchpoint)}」"
    along, due = hot_notices.along(handed), wording.when(step.due_at, ctx.now)
    heard = [
        *_to(handed.former, f"{ctx.user.name}把{what}转派给了{taker.name}{along}。"),
        *_to(taker.id, f"{ctx.user.name}把{what}转派给您{along}，请在 {due} 前完成。"),
    ]
    return await _answered(ctx, alert, "reassigned", f"已转派给{taker.name}。", heard)


async def _assign_hot_lead(ctx: Ctx, alert: Alert, taker: User) -> list[Reply]:
    hot = await hot_notices.hot_lead_of(ctx.uow, alert)
    if hot is None or hot.state == TAKEN or not await ctx.uow.groups.take_hot_lead(hot.id, taker.id, ctx.now):
        return [Toast("这条热线索已经有人接了。")]
    if lost := await _claim(ctx, alert, f"已指派给 {taker.name}"):
        return [Toast(lost)]
    hot = await hot_notices.hot_lead_of(ctx.uow, alert) or hot
    opened = await hotleads.open_lead(ctx.uow, hot, taker, ctx.now, ctx.settings.followup)
    note = f"{ctx.user.name} 已指派给 {taker.name} {ctx.now:%H:%M}"
    heard = await hot_notices.assigned(ctx.uow, hot, taker, ctx.now, note)
    heard += await hot_notices.told_former(ctx.uow, opened, taker) if opened is not None else []
    return await _answered(ctx, alert, "assigned", f"已指派给{taker.name}。", heard)


async def _dismiss(ctx: Ctx, alert: Alert) -> list[Reply]:
    if lost := await _claim(ctx, alert, "已忽略"):
        return [Toast(lost)]
    return await _answered(ctx, alert, "dismissed", "好的，已忽略。")


def _to(user_id: int | None, text: str) -> list[Reply]:
    return [SendText(ToUser(user_id), text)] if user_id is not None else []


async def _matter(ctx: Ctx, alert: Alert) -> str | None:
    """What the alert is about, for the rep; None when that does not exist any more."""
    if alert.kind == PROMISE_LATE and alert.commitment_id is not None:
        promise = await ctx.uow.commitments.get(alert.commitment_id)
        return f"对客户的承诺“{promise.title}”已超时" if promise else None
    view = await notices.overdue_view(ctx.uow, alert, ctx.now)
    return f"{view.customer}的「{view.touchpoint}」已逾期 {view.late}" if view else None


# --- clicks ------------------------------------------------------------------------------------------------------


async def _click_remind(ctx: Ctx, action: AlertRemind) -> list[Reply]:
    alert = await _mine(ctx, action.alert_id)
    return [Toast(alert)] if isinstance(alert, str) else await _remind(ctx, alert)


async def _click_extend(ctx: Ctx, action: AlertExtend) -> list[Reply]:
    alert = await _mine(ctx, action.alert_id)
    if isinstance(alert, str):
        return [Toast(alert)]
    chosen = ctx.form.get("until", "").strip()
    try:
        day = date.fromisoformat(chosen) if chosen else extended_to(ctx.now, ctx.settings.followup.extend_days)
    except ValueError:
        return [Toast("日期没看懂，请重新选一天。")]
    return await _extend(ctx, alert, datetime.combine(day, END_OF_WORK, ctx.now.tzinfo))


async def _click_reassign(ctx: Ctx, action: AlertReassign) -> list[Reply]:
    alert = await _mine(ctx, action.alert_id)
    if isinstance(alert, str):
        return [Toast(alert)]
    reps = await alerts.assignable(ctx.uow, alert)
    taker = next((rep for rep in reps if str(rep.id) == ctx.form.get("assignee", "")), None)
    if taker is not None:
        return await _reassign(ctx, alert, taker)
    if ctx.card_inputs and reps:
        return [Toast("先选一位同事，再点一次。")]
    return [Toast(_whom(reps))]


def _whom(reps: Sequence[User]) -> str:
    if not reps:
        return "团队里没有其他销售可以接手。"
    return f"转给谁？请直接回复，例如：转给{reps[0].name}（可选：{'、'.join(rep.name for rep in reps)}）"


async def _click_dismiss(ctx: Ctx, action: AlertDismiss) -> list[Reply]:
    alert = await _mine(ctx, action.alert_id)
    return [Toast(alert)] if isinstance(alert, str) else await _dismiss(ctx, alert)


# --- words -------------------------------------------------------------------------------------------------------


async def on_reply(ctx: Ctx, text: str) -> list[Reply] | None:
    """A manager's words on the alert on the screen: 提醒他, 延到周五, 转给李明, 忽略. None when they are not that."""
    alert = await alert_on_screen(ctx, text)
    meant = choices.parse_reply(text, ctx.now, WorkCalendar())
    if alert is None or isinstance(meant, choices.Comment) or await speaks_of_else(ctx, alert, text, meant):
        return None
    if alert.closed_at is not None:
        return await _decided_before(ctx, alert, text)
    replies = await _in_words(ctx, alert, meant)
    if replies is None:
        return None
    return [SendText(ctx.chat, reply.text) if isinstance(reply, Toast) else reply for reply in replies]


async def _decided_before(ctx: Ctx, alert: Alert, text: str) -> list[Reply] | None:
    """To words on an alert that is decided already; politeness is no decision."""
    if choices.is_acknowledgement(text):
        return None
    return [SendText(ctx.chat, f"已经处理过了：{await notices.note_of(ctx.uow, alert, ctx.now)}")]


async def _in_words(ctx: Ctx, alert: Alert, meant: choices.Reply) -> list[Reply] | None:
    match meant:
        case choices.Remind():
            return await _remind(ctx, alert)
        case choices.Extend(until=until):
            return await _extend(ctx, alert, until)
        case choices.Dismiss():
            return await _dismiss(ctx, alert)
        case choices.Reassign(person=person):
            return await _reassign_to(ctx, alert, person)
    return None


async def _reassign_to(ctx: Ctx, alert: Alert, said: str) -> list[Reply]:
    reps = await alerts.assignable(ctx.uow, alert)
    found = find_colleagues(said, reps)
    if len(found) == 1:
        return await _reassign(ctx, alert, found[0])
    if found:
        return [Toast(f"“{said}”可能是{'、'.join(rep.name for rep in found)}，请说全名。")]
    return [Toast(f"没找到“{said}”。{_whom(reps)}")]


async def settled_updates(ctx: Ctx, settled: Sequence[Alert]) -> list[Reply]:
    """The cards of alerts that a rep's own work made pointless."""
    return await notices.decided(ctx.uow, settled, ctx.now, ctx.settings)


CLICKS: dict[type[Action], ClickHandler] = {
    AlertRemind: _click_remind,
    AlertExtend: _click_extend,
    AlertReassign: _click_reassign,
    AlertDismiss: _click_dismiss,
}
COMMANDS: dict[str, CommandHandler] = {}
