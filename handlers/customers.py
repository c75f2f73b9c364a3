"""Which customer is meant in words, among those the sender may see."""

from __future__ import annotations

from dataclasses import dataclass

from bot.outgoing import Reply, SendCard, SendText
from cards.actions import CommandRun
from cards.todos import choice_card
from handlers.context import Ctx
from intents.customers import find_mentions
from intents.normal import fold
from sales.lexicons import lexicon_for
from storage.crm import Customer


@dataclass(frozen=True, slots=True)
class Found:
    """The customer, or the names to choose from; `rest`: the words without the customer's."""

    customer: Customer | None
    candidates: tuple[str, ...]
    rest: str


async def find(ctx: Ctx, words: str) -> Found:
    """The customer spoken of in `words`, as a note would be understood."""
    exact = await _exact(ctx, words)
    if exact is not None:
        return Found(exact, (), "")
    lexicon = await lexicon_for(ctx.uow, ctx.user, await ctx.scope())
    mentions = [mention for mention in find_mentions(fold(words), lexicon) if not mention.denied]
    if not mentions:
        return Found(None, (), words)
    first = mentions[0]
    rest = (words[: first.start] + words[first.end :]).strip(" ，,：:的")
    customer = await ctx.uow.customers.named(first.customer) if first.customer else None
    return Found(customer, first.candidates, rest)


async def _exact(ctx: Ctx, words: str) -> Customer | None:
    lexicon = await lexicon_for(ctx.uow, ctx.user, await ctx.scope())
    known = any(customer.name == words for customer in lexicon.customers)
    return await ctx.uow.customers.named(words) if known else None


def ask(ctx: Ctx, found: Found, command: str, words: str) -> list[Reply]:
    """What to say when the customer is not clear: the names to choose from, or that there is none."""
    choices = [_choice(command, name, found.rest) for name in found.candidates]
    if not choices:
        return [SendText(ctx.chat, f"没有找到您能查看的客户“{words}”。要新建就发：/lead 新建 {words}")]
    return [SendCard(ctx.chat, choice_card("您说的是哪个客户？", choices), f"choice:{ctx.user.id}")]


def _choice(command: str, name: str, rest: str) -> tuple[str, str]:
    whole = f"{command} {name} {rest}".strip()
    return name, whole if CommandRun(whole).fits() else f"{command} {name}"
