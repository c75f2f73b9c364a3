"""The contract that a messenger fulfils, its limits, and the ways a delivery fails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from aiohttp import web

from bot.events import Event, Media
from bot.outgoing import ClickAnswer, Delivered, Delivery


class PlatformError(Exception):
    """A delivery or download that failed. `code` is the platform's own, kept with the outbox row."""

    def __init__(self, message: str, *, code: str = "", retry_after: float | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.retry_after = retry_after


class Transient(PlatformError):
    """Worth trying again: network faults, 5xx, busy codes, rate limits (`retry_after` seconds)."""


class Permanent(PlatformError):
    """Will never work: unknown receiver, no permission, refused content."""


class HandleSpent(PlatformError):
    """The right to update the card is used up or over: a fresh card is to be sent."""


class MediaGone(PlatformError):
    """The file is not to be had any more (expired, withdrawn) or is over the limit."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What differs between messengers, for the code that must not know their names.

    `toast`: a click can be answered at once. `card_inputs`: cards take text. `audio_out`: can send sound.
    `can_write_first`: may write to somebody who never wrote. `text_bytes`: longest text of one message.
    `per_minute`, `per_hour`: messages to one receiver; 0 means no limit.
    """

    toast: bool = False
    card_inputs: bool = False
    audio_out: bool = False
    can_write_first: bool = True
    text_bytes: int = 2048
    per_minute: int = 0
    per_hour: int = 0

    @property
    def limited(self) -> bool:
        """Whether messages to one receiver are counted."""
        return bool(self.per_minute or self.per_hour)


@dataclass(frozen=True, slots=True)
class Token:
    """An access token; `expires_at` is wall time, in seconds since the epoch."""

    value: str
    expires_at: float


class TokenStore(Protocol):
    """Access tokens, shared by all processes of an installation."""

    async def load(self, name: str) -> Token | None:
        """The token kept under `name`, fresh or not."""

    async def save(self, name: str, token: Token) -> None:
        """Keep it, replacing what was there."""


class Intake(Protocol):
    """What a platform calls when something arrives (tx A)."""

    async def accept(self, platform: str, raw: bytes, events: Sequence[Event]) -> None:
        """Make the events durable; returns when they are. Known keys have no effect. Raises if it could not."""

    async def reject(self, platform: str, key: str, raw: bytes, reason: str) -> None:
        """Keep a genuine event that cannot be parsed as a dead letter."""

    async def answer(self, platform: str, key: str, wait_s: float = 1.0) -> ClickAnswer | None:
        """Wait up to `wait_s` seconds for a click's answer; None when it is not handled by then."""


class Platform(Protocol):
    """One messenger."""

    name: str
    limits: Limits

    def routes(self) -> Sequence[web.RouteDef]:
        """HTTP routes of its callbacks."""

    async def start(self, intake: Intake) -> None:
        """Open what it needs (HTTP session, streams). Called once, before routes are served."""

    async def stop_receiving(self) -> None:
        """Accept nothing more: close streams and open pages. Deliveries go on until `stop`."""

    async def stop(self) -> None:
        """Close it all."""

    async def deliver(self, delivery: Delivery) -> Delivered:
        """Send or update. Raises `Transient`, `Permanent` or `HandleSpent`."""

    async def fetch_media(self, media: Media, limit: int) -> bytes:
        """The file's bytes, at most `limit`. Raises `Transient` or `MediaGone`."""

    async def check(self) -> Sequence[tuple[bool, str]]:
        """Look at its own set-up: (fine?, one Chinese line) each."""
