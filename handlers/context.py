"""What a handler works with once the sender is known to be an employee."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from bot.config import Settings
from bot.events import Chat
from bot.outgoing import Reply
from cards.actions import Action
from cards.model import Card
from sales.rights import Scope, scope_of
from storage.people import User
from storage.uow import UnitOfWork


class Links(Protocol):
    """Addresses of pages that stand in for what a messenger cannot show."""

    def form(self, user: User, chat: Chat, action: Action) -> str:
        """Where `user` fills in what `action` would open on a card. It is theirs alone: for a direct `chat` only."""


@dataclass(frozen=True, slots=True)
class Ctx:
    """`user` sent it in `chat`; `form` holds a click's inputs. `now` is in the installation's time zone.

    `links` is None where the product has no public address.
    """

    user: User
    chat: Chat
    uow: UnitOfWork
    now: datetime
    settings: Settings
    card_inputs: bool
    form: Mapping[str, str] = field(default_factory=dict)
    links: Links | None = None

    async def scope(self) -> Scope:
        """What the sender may see and decide."""
        return scope_of(self.user, await self.uow.users.managed_teams(self.user.id))


ClickHandler = Callable[[Ctx, Any], Awaitable[list[Reply]]]
"""Answers one kind of action of `cards.actions`, which is its second argument."""

FormHandler = Callable[[Ctx, Any], Awaitable[Card | str]]
"""The card with the inputs that one kind of action opens; its first button submits them.

A sentence instead says why there are none.
"""

CommandHandler = Callable[[Ctx, str], Awaitable[list[Reply]]]
"""Answers one slash command; its second argument is what stands behind the command's name."""
