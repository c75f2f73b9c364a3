"""Questions in plain words: how a customer stands, what there is to do."""

from __future__ import annotations

import re

from bot.outgoing import Reply, SendText
from handlers import customers, leads
from handlers.context import Ctx
from handlers.todo_cards import send_list
from intents.model import Record

_TODO = re.compile(r"待办|要做|要干|任务|安排|提醒|日程")


async def answer(ctx: Ctx, record: Record, text: str) -> list[Reply]:
    if record.customer is not None:
        customer = await ctx.uow.customers.named(record.customer)
        return [await leads.standing(ctx, customer)] if customer else []
    if record.candidates:
        return customers.ask(ctx, customers.Found(None, record.candidates, ""), "/lead", text)
    if _TODO.search(text):
        return [await send_list(ctx)]
    return [SendText(ctx.chat, "没看懂您想查什么。可以发：/lead 客户名 看进展，/todo 看待办，/help 看全部用法。")]
