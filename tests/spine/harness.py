"""A running spine with a messenger that only remembers what it was asked to deliver."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from bot.app import App
from bot.clock import Clock
from bot.config import DispatchSettings, Settings
from bot.events import CardHandle, Chat, Click, Event, Media, MediaKind, MediaMessage, Sender, TextMessage
from bot.outgoing import CardContent, Delivered, Delivery, Handler, TextContent
from bot.platform import Intake, Limits, PlatformError
from intents.speech.model import Transcriber, Transcript
from storage.db import Database

START = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)
Fault = Callable[[Delivery], PlatformError | None]


@dataclass
class Recorder:
    """A `Platform` that keeps deliveries in memory. `fault` decides which of them fail."""

    name: str = "fake"
    limits: Limits = field(default_factory=lambda: Limits(toast=True, card_inputs=True))
    delivered: list[Delivery] = field(default_factory=list)
    fault: Fault = lambda _delivery: None
    handle: CardHandle | None = None
    files: dict[str, bytes | PlatformError] = field(default_factory=dict)
    intake: Intake | None = None

    def routes(self) -> Sequence[web.RouteDef]:
        return []

    async def start(self, intake: Intake) -> None:
        self.intake = intake

    async def stop_receiving(self) -> None:
        self.intake = None

    async def stop(self) -> None:
        return

    async def deliver(self, delivery: Delivery) -> Delivered:
        if error := self.fault(delivery):
            raise error
        self.delivered.append(delivery)
        return Delivered(message_id=str(delivery.id), handle=self.handle)

    async def fetch_media(self, media: Media, limit: int) -> bytes:
        found = self.files[media.ref]
        if isinstance(found, PlatformError):
            raise found
        return found

    async def check(self) -> Sequence[tuple[bool, str]]:
        return [(True, "fine")]

    def texts(self, chat: str | None = None) -> list[str]:
        return [
            sent.content.text
            for sent in self.delivered
            if isinstance(sent.content, TextContent) and chat in (None, sent.chat.id)
        ]

    def titles(self) -> list[str]:
        return [sent.content.card.title for sent in self.delivered if isinstance(sent.content, CardContent)]


class Deaf:
    """A `Transcriber` for tests without speech: says what it was given, or raises it."""

    def __init__(self, *answers: str | Exception) -> None:
        self.answers = list(answers)

    async def transcribe(self, audio: bytes, hints: Sequence[str] = ()) -> Transcript:
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return Transcript(answer, 1.0, 0.1, "test")

    async def close(self) -> None:
        return


async def no_hints(_session: AsyncSession, _event: Event) -> Sequence[str]:
    return []


class ManualClock(Clock):
    """Stands still until moved."""

    def __init__(self, at: datetime = START) -> None:
        super().__init__(lambda: at)


def fast(**changes: float) -> DispatchSettings:
    return DispatchSettings.model_validate({"poll_s": 0.02, "drain_s": 5} | changes)


@asynccontextmanager
async def running(
    db: Database,
    handler: Handler,
    data_dir: Path,
    *,
    platform: Recorder | None = None,
    clock: Clock | None = None,
    rules: DispatchSettings | None = None,
    transcriber: Transcriber | None = None,
    follows_clock: bool = False,
) -> AsyncIterator[tuple[App, Recorder]]:
    platform = platform or Recorder()
    settings = Settings(data_dir=data_dir, dispatch=rules or fast())
    app = App(settings, clock or ManualClock(), db, [platform], handler, transcriber or Deaf(), no_hints)
    app.follows_clock = follows_clock
    await app.start()
    try:
        yield app, platform
    finally:
        await app.stop()


def text(key: str, words: str, chat: str = "wang") -> TextMessage:
    return TextMessage(key=key, chat=Chat("fake", chat), sender=Sender(chat), sent_at=START, text=words)


def voice(key: str, ref: str, chat: str = "wang", recognition: str | None = None) -> MediaMessage:
    media = Media(kind=MediaKind.VOICE, ref=ref, recognition=recognition)
    return MediaMessage(key=key, chat=Chat("fake", chat), sender=Sender(chat), sent_at=START, media=media)


def click(
    key: str, action: str, sender: str = "wang", handle: CardHandle | None = None, ref: str | None = None
) -> Click:
    return Click(
        key=key, chat=Chat("fake", sender), sender=Sender(sender), sent_at=START, action=action, handle=handle,
        message_ref=ref,
    )  # fmt: skip


async def send(app: App, *events: Event, raw: bytes = b"raw") -> None:
    """As a platform would: accept, and wait until all is done."""
    for event in events:
        await app.intake.accept("fake", raw, [event])
    assert await app.idle(10)

