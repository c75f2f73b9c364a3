"""What goes out: the values a handler returns, and what a platform is asked to deliver."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from bot.events import CardHandle, Chat, Event
from cards.model import Card
from storage.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class ToUser:
    """An employee, on the messenger they prefer."""

    user_id: int


Address = Chat | ToUser


@dataclass(frozen=True, slots=True)
class SendText:
    to: Address
    text: str


@dataclass(frozen=True, slots=True)
class SendCard:
    """A card. `subject` (`todo:12`, `alert:5`) is how `UpdateCards` finds it again, wherever it was sent."""

    to: Address
    card: Card
    subject: str


@dataclass(frozen=True, slots=True)
class UpdateCards:
    """Show `card` in place of every card sent on `subject`. `user_id` narrows it to one reader's."""

    subject: str
    card: Card
    user_id: int | None = None


@dataclass(frozen=True, slots=True)
class Toast:
    """A short answer to a click; where the messenger has no such thing, a text to who clicked."""

    text: str


Reply = SendText | SendCard | UpdateCards | Toast

Handler = Callable[[Event, UnitOfWork, datetime], Awaitable[list[Reply]]]
"""What happens on an event, in one transaction, at a given time. Touches nothing but the database."""


@dataclass(frozen=True, slots=True)
class TextContent:
    text: str
    type: Literal["text"] = "text"


@dataclass(frozen=True, slots=True)
class CardContent:
    card: Card
    type: Literal["card"] = "card"


@dataclass(frozen=True, slots=True)
class UpdateContent:
    """A card already sent, changed. `card_message_id` is the row that keeps its handle."""

    card: Card
    card_message_id: int
    type: Literal["update"] = "update"


Content = TextContent | CardContent | UpdateContent
CONTENT: TypeAdapter[Content] = TypeAdapter(Annotated[Content, Field(discriminator="type")])


@dataclass(frozen=True, slots=True)
class Delivery:
    """One state change to bring about at the platform.

    `id` is the outbox row's: the same at each attempt, so that a platform with idempotency keys does it once.
    `handle` is set when an earlier card is to be changed; without it an update is sent as a fresh card.
    """

    id: int
    chat: Chat
    content: TextContent | CardContent
    handle: CardHandle | None = None


@dataclass(frozen=True, slots=True)
class Delivered:
    """What the platform answered: its message id, and the right to update the card later."""

    message_id: str | None = None
    handle: CardHandle | None = None


@dataclass(frozen=True, slots=True)
class ClickAnswer:
    """What a click may be answered with at once."""

    toast: str | None = None
