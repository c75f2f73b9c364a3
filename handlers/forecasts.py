"""The weekly forecast: a rep's numbers by card or in words, and the team's table."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from bot.outgoing import Reply, SendCard, SendText, Toast, UpdateCards
from cards import wording
from cards.actions import Action, ForecastSubmit
from cards.forecasts import answered_card, ask_card
from cards.model import Card
from handlers.context import ClickHandler, CommandHandler, Ctx
from notices import forecasts as notices
from sales.colleagues import reps_under
from sales.forecast import amounts, is_negative, week_named, week_of
from storage.people import Role

_MOST = Decimal(10) ** 12
_NEGATIVE = "金额不能是负数，请填 0 或更大的数。"


async def _command(ctx: Ctx, args: str) -> list[Reply]:
    """`/forecast`: the numbers so far; `/forecast 80万 60万`: expected, and sure."""
    week = week_of(ctx.now.date())
    if not args:
        return [await _overview(ctx, week)]
    if is_negative(args):
        return [SendText(ctx.chat, _NEGATIVE)]
    numbers = amounts(args)
    if not numbers:
        return [SendText(ctx.chat, "没看懂金额，例如：/forecast 80万，或 /forecast 80万 60万（预计签约、确保签约）")]
    expected, commit = numbers[0], numbers[1] if len(numbers) > 1 else None
    if fault := await _fault(ctx, week, expected, commit):
        return [SendText(ctx.chat, fault)]
    card = await _submitted(ctx, week, expected, commit)
    update = UpdateCards(notices.subject(ctx.user.id, week), card)
    return [update, SendText(ctx.chat, f"已记下本周预测：{_said(expected, commit)}。")]


async def _overview(ctx: Ctx, week: date) -> SendCard:
    reps = await reps_under(ctx.uow, await ctx.scope())
    if ctx.user.role != Role.REP and reps:
        card = await notices.team_card(ctx.uow, reps, week, ctx.settings)
        return SendCard(ctx.chat, card, f"forecast:team:{ctx.user.id}")
    view = await notices.forecast_view(ctx.uow, ctx.user.id, week, ctx.settings)
    return SendCard(ctx.chat, ask_card(view), notices.subject(ctx.user.id, week))


async def _submit(ctx: Ctx, action: ForecastSubmit) -> list[Reply]:
    week = week_named(action.week)
    if week != week_of(ctx.now.date()):
        return [Toast("这是以前那一周的卡片，本周请发 /forecast。")]
    typed = {name: ctx.form.get(name, "").strip() for name in ("expected", "commit")}
    if any(map(is_negative, typed.values())):
        return [Toast(_NEGATIVE)]
    numbers = {name: next(iter(amounts(text)), None) for name, text in typed.items()}
    if any(typed[name] and numbers[name] is None for name in typed):
        return [Toast("金额没看懂，填数字就行，单位万元。")]
    if not any(typed.values()):
        return [Toast("先填上金额再提交。" if ctx.card_inputs else "请直接回复，例如：/forecast 80万")]
    expected, commit = numbers["expected"], numbers["commit"]
    if fault := await _fault(ctx, week, expected, commit):
        return [Toast(fault)]
    card = await _submitted(ctx, week, expected, commit)
    return [Toast("已提交，谢谢！"), UpdateCards(notices.subject(ctx.user.id, week), card)]


async def _fault(ctx: Ctx, week: date, expected: Decimal | None, commit: Decimal | None) -> str:
    """Why these numbers cannot be, together with those given before; empty if they can."""
    if max(expected or Decimal(0), commit or Decimal(0)) > _MOST:
        return "金额太大了，请核对一下单位（万元）。"
    known = await ctx.uow.forecasts.of(ctx.user.id, week)
    total = expected if expected is not None else (known.expected if known else None)
    sure = commit if commit is not None else (known.commit if known else None)
    if total is not None and sure is not None and sure > total:
        mend = f"请一起改，例如：/forecast {wording.wan(total)} {wording.wan(total)}"
        return f"确保签约（{wording.wan(sure)}）比预计签约（{wording.wan(total)}）还多，{mend}"
    return ""


async def _submitted(ctx: Ctx, week: date, expected: Decimal | None, commit: Decimal | None) -> Card:
    row = await ctx.uow.forecasts.submit(ctx.user.id, week, ctx.now, expected=expected, commit=commit)
    ctx.uow.audit.add(ctx.now, ctx.user.id, "forecast.submitted", f"forecast:{row.id}")
    view = await notices.forecast_view(ctx.uow, ctx.user.id, week, ctx.settings)
    return answered_card(view, f"{wording.when(ctx.now, ctx.now)} 已提交，要改就再发 /forecast 80万")


def _said(expected: Decimal, commit: Decimal | None) -> str:
    sure = f"，确保签约 {wording.wan(commit)}" if commit is not None else ""
    return f"预计 {wording.wan(expected)}{sure}"


CLICKS: dict[type[Action], ClickHandler] = {ForecastSubmit: _submit}
COMMANDS: dict[str, CommandHandler] = {"forecast": _command}
