"""What the next message of a chat may refer to."""

from __future__ import annotations

from typing import Any

from handlers.context import Ctx


async def recall(ctx: Ctx, key: str) -> Any:
    """What was remembered under `key`; None when nothing was."""
    return (await ctx.uow.conversation(ctx.chat.key)).context.get(key)


async def remember(ctx: Ctx, **values: Any) -> None:
    """Keep these with the chat beside what is there; None forgets."""
    row = await ctx.uow.conversation(ctx.chat.key)
    kept = {**row.context, **values}
    row.context = {key: value for key, value in kept.items() if value is not None}
