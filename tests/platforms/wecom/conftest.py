"""A WeCom platform behind a real HTTP server, wired to the emulator."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web

from bot.clock import Clock
from bot.events import Chat, Event
from bot.outgoing import CardContent, ClickAnswer, Delivery, TextContent
from bot.platform import Token
from bot.wecom.platform import WecomPlatform
from cards.model import Card
from tests.emulators.wecom import WecomEmulator

INSTALL = "a1b2"


@dataclass
class FakeIntake:
    """Keeps what it is given; `broken` makes it fail as a database does that is down."""

    accepted: dict[str, Event] = field(default_factory=dict)
    raw: list[bytes] = field(default_factory=list)
    rejected: list[tuple[str, bytes, str]] = field(default_factory=list)
    calls: int = 0
    broken: bool = False

    async def accept(self, platform: str, raw: bytes, events: Sequence[Event]) -> None:
        self.calls += 1
        if self.broken:
            raise OSError("database is down")
        assert platform == "wecom"
        self.raw.append(raw)
        for event in events:
            self.accepted.setdefault(event.key, event)

    async def reject(self, platform: str, key: str, raw: bytes, reason: str) -> None:
        assert platform == "wecom"
        self.rejected.append((key, raw, reason))

    async def answer(self, platform: str, key: str, wait_s: float = 1.0) -> ClickAnswer | None:
        return None

    @property
    def events(self) -> list[Event]:
        return list(self.accepted.values())


class MemoryTokens:
    """A token store of two processes that share a dictionary."""

    def __init__(self) -> None:
        self.kept: dict[str, Token] = {}

    async def load(self, name: str) -> Token | None:
        return self.kept.get(name)

    async def save(self, name: str, token: Token) -> None:
        self.kept[name] = token


class HandClock(Clock):
    """Wall time that a test can push ahead."""

    def __init__(self) -> None:
        super().__init__(lambda: datetime.now(UTC) + self.ahead)
        self.ahead = timedelta()


async def serve(platform: WecomPlatform) -> tuple[web.AppRunner, str]:
    """The platform's routes on a free port, and the callback's URL."""
    application = web.Application()
    application.add_routes(platform.routes())
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner, f"http://127.0.0.1:{runner.addresses[0][1]}/wecom/callback"


def text_to(user: str, text: str, outbox_id: int = 1) -> Delivery:
    return Delivery(outbox_id, Chat("wecom", user), TextContent(text))


def card_to(user: str, card: Card, outbox_id: int = 1) -> Delivery:
    return Delivery(outbox_id, Chat("wecom", user), CardContent(card))


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def tokens() -> MemoryTokens:
    return MemoryTokens()


@pytest.fixture
def intake() -> FakeIntake:
    return FakeIntake()


@pytest.fixture
async def wecom() -> AsyncIterator[WecomEmulator]:
    async with WecomEmulator() as emulator:
        yield emulator


@pytest.fixture
async def platform(wecom: WecomEmulator, clock: HandClock, tokens: MemoryTokens) -> AsyncIterator[WecomPlatform]:
    bot = WecomPlatform(wecom.settings, clock, tokens, install=INSTALL)
    yield bot
    await bot.stop()


@pytest.fixture
async def connected(platform: WecomPlatform, wecom: WecomEmulator, intake: FakeIntake) -> AsyncIterator[WecomPlatform]:
    """The platform started, served, and its address accepted by WeCom."""
    await platform.start(intake)
    runner, url = await serve(platform)
    await wecom.connect(url)
    yield platform
    await runner.cleanup()
