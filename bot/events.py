"""What comes in: one typed value an event, the same for every messenger.

A platform's `wire` module parses its raw callbacks into these; nothing behind it knows where they came from.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter


class ChatKind(StrEnum):
    DIRECT = "direct"
    GROUP = "group"


@dataclass(frozen=True, slots=True)
class Chat:
    """A conversation on a platform. For a direct chat, `id` is the person's id there."""

    platform: str
    id: str
    kind: ChatKind = ChatKind.DIRECT

    @property
    def key(self) -> str:
        """The conversation's key: events with equal keys are handled in the order they came."""
        return f"{self.platform}:{self.kind}:{self.id}"


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sent it, by the platform's own id. `external` people are customers, never employees."""

    id: str
    name: str | None = None
    external: bool = False


class MediaKind(StrEnum):
    VOICE = "voice"
    IMAGE = "image"
    VIDEO = "video"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Media:
    """A file at the platform. `ref` is what its `fetch_media` needs; `size` in bytes, `seconds` of sound."""

    kind: MediaKind
    ref: str
    name: str | None = None
    size: int | None = None
    seconds: float | None = None
    recognition: str | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """What the preparation of a media message found. `sha256` names the stored bytes, `mime` is by content.

    `failure` is one user-facing sentence where the media could not be used; `text` the words of a voice note.
    """

    sha256: str | None = None
    mime: str | None = None
    size: int | None = None
    text: str | None = None
    engine: str | None = None
    seconds: float | None = None
    failure: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Event:
    """`key` is unique at its platform; `sent_at` is the platform's own time of the event."""

    key: str
    chat: Chat
    sender: Sender
    sent_at: datetime

    @property
    def conversation(self) -> str:
        """Events of one conversation are handled one after the other, oldest first."""
        return self.chat.key


@dataclass(frozen=True, slots=True, kw_only=True)
class TextMessage(_Event):
    text: str
    type: Literal["text"] = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaMessage(_Event):
    media: Media
    prepared: Prepared | None = None
    type: Literal["media"] = "media"


@dataclass(frozen=True, slots=True, kw_only=True)
class CardHandle:
    """The right to change a sent card: the platform's token, when it ends and how often it may be used."""

    value: str
    expires_at: datetime | None = None
    uses_left: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Click(_Event):
    """A button pressed. `action` is what `cards.actions` encoded; `message_ref` names the delivery (outbox id).

    `handle` is a new right to update that card which the click brought along (WeCom response codes).
    """

    action: str
    message_ref: str | None = None
    form: dict[str, str] = field(default_factory=dict)
    handle: CardHandle | None = None
    type: Literal["click"] = "click"

    @property
    def conversation(self) -> str:
        return f"click:{self.action.partition(':')[2] or self.action}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered(_Event):
    """Somebody opened or joined the chat with the bot."""

    type: Literal["entered"] = "entered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsupported(_Event):
    """A genuine event of a kind nothing here uses; `what` names it."""

    what: str
    type: Literal["unsupported"] = "unsupported"


Event = TextMessage | MediaMessage | Click | Entered | Unsupported

EVENT: TypeAdapter[Event] = TypeAdapter(Annotated[Event, Field(discriminator="type")])
PREPARED: TypeAdapter[Prepared] = TypeAdapter(Prepared)
