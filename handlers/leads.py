"""Leads in words: how a customer stands, who is responsible, moving on."""

from __future__ import annotations

from bot.outgoing import Reply, SendCard, SendText
from cards import wording
from cards.actions import Action
from cards.leads import LeadLine, LeadView, lead_card, leads_card, leads_text
from handlers import alerts, customers
from handlers.context import ClickHandler, CommandHandler, Ctx
from intents.normal import fold
from intents.stages import find_stage
from sales import followup
from sales.rights import reach_of, sees_customer
from storage.crm import Customer, Lead

_NEW = ("新建", "新增", "添加", "创建")
_ALL = frozenset({"全部", "更多", "所有"})
_MOST_COUNTED = 50
_LATELY, _SUMMARY = 3, 40
_MAX_NAME = 200


async def lead(ctx: Ctx, args: str) -> list[Reply]:
    """`/lead`: the open ones; `/lead 全部`: in words; with a name how it stands; `/lead 新建 华昌电子`."""
    if not args or args in _ALL:
        return [await _list(ctx, in_words=bool(args))]
    word = next((word for word in _NEW if args.startswith(word)), None)
    if word is not None:
        name = args.removeprefix(word).removeprefix("客户").removeprefix("线索")
        return await _create(ctx, name.strip(" ：:，,"))
    found = await customers.find(ctx, args)
    if found.customer is None:
        return customers.ask(ctx, found, "/lead", args)
    return [await standing(ctx, found.customer)]


async def standing(ctx: Ctx, customer: Customer) -> SendCard:
    """A card of how the customer stands."""
    return SendCard(ctx.chat, lead_card(await _view(ctx, customer)), f"customer:{customer.id}")


async def _list(ctx: Ctx, *, in_words: bool) -> Reply:
    rows = await ctx.uow.leads.open_in(reach_of(ctx.user, await ctx.scope()), _MOST_COUNTED + 1)
    count = str(len(rows)) if len(rows) <= _MOST_COUNTED else f"{_MOST_COUNTED}+"
    shown = rows[: _MOST_COUNTED if in_words else ctx.settings.records.list_size]
    lines = [await _line(ctx, *row) for row in shown]
    if in_words and lines:
        return SendText(ctx.chat, leads_text(lines, count))
    return SendCard(ctx.chat, leads_card(lines, count), f"leads:{ctx.user.id}")


async def _line(ctx: Ctx, lead: Lead, customer: Customer) -> LeadLine:
    """A lead of one's own is not said to be so."""
    owner_id = lead.owner_id if lead.owner_id is not None else customer.owner_id
    owner = await ctx.uow.users.get(owner_id) if owner_id is not None else None
    whose = "" if owner_id == ctx.user.id else owner.name if owner else "暂无负责人"
    about = (wording.stage(lead.stage), f"上次跟进 {wording.when(lead.touched_at, ctx.now)}", whose)
    return LeadLine(customer.name, " · ".join(filter(None, about)))


async def _create(ctx: Ctx, name: str) -> list[Reply]:
    if not 2 <= len(name) <= _MAX_NAME:
        return [SendText(ctx.chat, "请写上客户名称，例如：/lead 新建 华昌电子")]
    known = await ctx.uow.customers.named(name)
    if known is not None and not await sees_customer(ctx.uow, ctx.user, await ctx.scope(), known):
        return [SendText(ctx.chat, f"“{name}”已有其他团队在跟，请找主管协调。")]
    customer = known or await ctx.uow.customers.add(name, ctx.user.id, ctx.user.team_id, ctx.now)
    current = await ctx.uow.leads.latest(customer.id)
    if current is not None and current.state == "open":
        return [SendText(ctx.chat, f"“{name}”已经有进行中的线索："), await standing(ctx, customer)]
    opened = await ctx.uow.leads.open(customer, customer.owner_id or ctx.user.id, "first_contact", "command", ctx.now)
    await followup.open_step(ctx.uow, opened, opened.stage, ctx.now, ctx.settings.followup)
    ctx.uow.audit.add(ctx.now, ctx.user.id, "lead.created", f"lead:{opened.id}", customer=customer.id)
    return [SendText(ctx.chat, f"已新建线索：{name}"), await standing(ctx, customer)]


async def _view(ctx: Ctx, customer: Customer) -> LeadView:
    current = await ctx.uow.leads.latest(customer.id)
    deal = await ctx.uow.leads.opportunity(customer.id)
    step = await ctx.uow.steps.open_of(current.id) if current and current.state == "open" else None
    todos = await ctx.uow.todos.open_at(customer.id, ctx.settings.records.list_size)
    lately = await ctx.uow.customers.interactions(customer.id, _LATELY)
    due = wording.when(step.due_at, ctx.now) if step else ""
    return LeadView(
        customer=customer.name,
        owner=await _owner(ctx, customer, current),
        stage=_stage(current),
        amount=wording.yuan(deal.amount) if deal and deal.amount is not None else "",
        next_step=f"{wording.stage(step.touchpoint)}，{due} 前" if step else "",
        overdue=step is not None and step.due_at < ctx.now,
        contacts="、".join(contact.name for contact in await ctx.uow.customers.contacts(customer.id)),
        todos=tuple(f"{todo.title}　{wording.when(todo.due_at, ctx.now) if todo.due_at else ''}" for todo in todos),
        lately=tuple(f"{wording.when(row.at, ctx.now)}　{row.summary[:_SUMMARY]}" for row in lately),
    )


def _stage(current: Lead | None) -> str:
    if current is None:
        return "还没有线索"
    ends = {"won": "（已赢单）", "lost": "（已丢单）"}
    return wording.stage(current.stage) + ends.get(current.state, "")


async def _owner(ctx: Ctx, customer: Customer, current: Lead | None) -> str:
    owner_id = current.owner_id if current is not None and current.owner_id is not None else customer.owner_id
    user = await ctx.uow.users.get(owner_id) if owner_id is not None else None
    if user is None:
        return "暂无"
    team = await ctx.uow.users.team(user.team_id) if user.team_id is not None else None
    return f"{user.name}（{team.name}）" if team else user.name


async def who(ctx: Ctx, args: str) -> list[Reply]:
    """`/who 华昌`: who is responsible."""
    if not args:
        return [SendText(ctx.chat, "请带上客户名，例如：/who 华昌")]
    found = await customers.find(ctx, args)
    if found.customer is None:
        return customers.ask(ctx, found, "/who", args)
    current = await ctx.uow.leads.latest(found.customer.id)
    return [SendText(ctx.chat, f"{found.customer.name}：{await _owner(ctx, found.customer, current)}")]


async def stage(ctx: Ctx, args: str) -> list[Reply]:
    """`/stage 华昌 方案演示`: the touchpoint the lead stands at; without one, where it stands."""
    found = await customers.find(ctx, args) if args else None
    if found is None:
        return [SendText(ctx.chat, "请带上客户和阶段，例如：/stage 华昌 方案演示")]
    if found.customer is None:
        return customers.ask(ctx, found, "/stage", args)
    current = await ctx.uow.leads.latest(found.customer.id)
    if current is None or current.state != "open":
        return [SendText(ctx.chat, f"{found.customer.name} 没有进行中的线索，可以先 /lead 新建 {found.customer.name}")]
    wanted = _stage_of(found.rest)
    if wanted is None:
        stands = f"{found.customer.name} 现在是“{wording.stage(current.stage)}”。"
        return [SendText(ctx.chat, f"{stands}可以改成：{'、'.join(wording.STAGES.values())}。")]
    if not (await ctx.scope()).covers(current.owner_id, current.team_id):
        return [SendText(ctx.chat, "这条线索由同事负责，请让负责人或主管来改阶段。")]
    return await _moved(ctx, found.customer, current, wanted)


async def _moved(ctx: Ctx, customer: Customer, current: Lead, wanted: str) -> list[Reply]:
    before = current.stage
    touch = await followup.touched(ctx.uow, current, wanted, ctx.user.id, ctx.now, ctx.settings.followup)
    ctx.uow.audit.add(ctx.now, ctx.user.id, "lead.stage", f"lead:{current.id}", was=before, now=wanted)
    due = wording.when(touch.step.due_at, ctx.now)
    said = (
        f"{customer.name}：{wording.stage(before)} → {wording.stage(wanted)}。"
        f"下一步：{wording.stage(touch.step.touchpoint)}，{due} 前。"
    )
    return [SendText(ctx.chat, said), *await alerts.settled_updates(ctx, touch.settled)]


def _stage_of(words: str) -> str | None:
    """By its name or a part of it, else by what is told to have happened."""
    folded = fold(words).strip()
    if not folded:
        return None
    named = [code for code, name in wording.STAGES.items() if name in folded or (len(folded) >= 2 and folded in name)]
    told = find_stage([(folded, False)])
    return named[0] if named else told[0].value if told else None


CLICKS: dict[type[Action], ClickHandler] = {}
COMMANDS: dict[str, CommandHandler] = {"lead": lead, "stage": stage, "who": who}
