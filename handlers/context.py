"""What a handler works with once the sender is known to be an employee."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.config import Settings
from bot.events import Chat
from bot.outgoing import Reply, ToUser
from sales.rights import Scope, scope_of
from storage.people import User
from storage.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class Ctx:
    """`user` sent it in `chat`; `form` holds a click's inputs. `now` is in the installation's time zone."""

    user: User
    chat: Chat
    uow: UnitOfWork
    now: datetime
    settings: Settings
    card_inputs: bool
    form: Mapping[str, str] = field(default_factory=dict)

    @property
    def me(self) -> ToUser:
        """Where to write to the sender."""
        return ToUser(self.user.id)

    async def scope(self) -> Scope:
        """What the sender may see and decide."""
        return scope_of(self.user, await self.uow.users.managed_teams(self.user.id))


ClickHandler = Callable[[Ctx, Any], Awaitable[list[Reply]]]
"""Answers one kind of action of `cards.actions`, which is its second argument."""

CommandHandler = Callable[[Ctx, str], Awaitable[list[Reply]]]
"""Answers one slash command; its second argument is what stands behind the command's name."""
