"""A local messenger on a real server, with people, a group and a bot that answers by a script."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from aiohttp import web
from pydantic import SecretStr
from sqlalchemy import select

from bot.clock import Clock
from bot.config import LocalSettings, WebSettings
from bot.events import EVENT, Event
from bot.intake import InboxIntake
from bot.local.platform import LocalPlatform
from bot.outgoing import Delivered, Delivery
from storage import inbox
from storage.db import Database
from storage.media import MediaStore
from storage.people import GroupChat, GroupMember, Identity, Role, Team, User
from storage.spine import PENDING, InboxRow

NOW = datetime(2026, 3, 5, 14, 20, tzinfo=ZoneInfo("Asia/Shanghai"))
TOKEN = "a-token-for-tests"

PEOPLE = (
    ("wang", "王磊", Role.REP),
    ("li", "李娜", Role.REP),
    ("chen", "陈静", Role.MANAGER),
    ("zhao", "赵刚", Role.DIRECTOR),
    ("admin", "管理员", Role.ADMIN),
)

Answer = Callable[["Messenger", Event], Awaitable[str | None]]


@dataclass
class FakeControls:
    """A clock that jumps, and idleness as the test wants it."""

    clock: Clock
    quiet: bool = True
    jumps: list[datetime] = field(default_factory=list)

    async def advance(self, to: datetime) -> None:
        self.jumps.append(to)
        self.clock.set(to)

    async def idle(self, timeout_s: float) -> bool:
        return self.quiet

    def now(self) -> datetime:
        return self.clock.now()


@dataclass
class Messenger:
    """The running server. `answer` is the bot: it sees each event once and returns the toast."""

    db: Database
    clock: Clock
    platform: LocalPlatform
    controls: FakeControls
    answer: Answer
    url: str = ""
    events: list[Event] = field(default_factory=list)
    deliveries: int = 0
    wanted: asyncio.Event = field(default_factory=asyncio.Event)

    async def deliver(self, delivery: Delivery) -> Delivered:
        return await self.platform.deliver(delivery)

    def next_delivery_id(self) -> int:
        self.deliveries += 1
        return self.deliveries

    async def serve_inbox(self) -> None:
        """Hand each accepted event to the script, as the dispatcher would."""
        while True:
            await self.wanted.wait()
            self.wanted.clear()
            async with self.db.read() as session:
                wanted = select(InboxRow).where(InboxRow.state == PENDING).order_by(InboxRow.id)
                rows = (await session.scalars(wanted)).all()
            for row in rows:
                await self._handle(row.id, EVENT.validate_json(row.event or ""))

    async def _handle(self, row_id: int, event: Event) -> None:
        self.events.append(event)
        toast = await self.answer(self, event)
        async with self.db.write() as session:
            inbox.finish(await session.get_one(InboxRow, row_id), self.clock.now(), toast)


async def silence(_messenger: Messenger, _event: Event) -> None:
    """A bot that says nothing."""


async def populate(db: Database) -> None:
    """Team East, its manager, and the group of a customer with two people outside."""
    async with db.write() as session:
        team = Team(name="华东组")
        session.add(team)
        await session.flush()
        for key, name, role in PEOPLE:
            in_team = role in (Role.REP, Role.MANAGER)
            user = User(name=name, role=role, team_id=team.id if in_team else None, created_at=NOW)
            session.add(user)
            await session.flush()
            session.add(Identity(platform="local", external_id=key, user_id=user.id))
        group = GroupChat(platform="local", chat_id="g_huachang", title="华昌电子 · 项目对接群", team_id=team.id)
        session.add(group)
        await session.flush()
        for key, name, user_id in (("wang", "王磊", 1), ("ext_zhang", "张敏", None), ("ext_he", "何工", None)):
            session.add(GroupMember(group_id=group.id, external_id=key, name=name, user_id=user_id))


@asynccontextmanager
async def running(
    db: Database,
    folder: Path,
    answer: Answer = silence,
    *,
    demo: bool = True,
    host: str = "127.0.0.1",
    port: int = 0,
    max_upload_mb: int = 1,
) -> AsyncIterator[Messenger]:
    """The messenger, until the block ends."""
    clock = Clock(lambda: datetime.now(UTC).astimezone(NOW.tzinfo))
    clock.set(NOW)
    settings = LocalSettings(enabled=True, token=SecretStr(TOKEN))
    web_settings = WebSettings(max_upload_mb=max_upload_mb)
    platform = LocalPlatform(settings, web_settings, clock, db, MediaStore(folder / "media"), demo)
    controls = FakeControls(clock)
    platform.controls = controls if demo else None
    messenger = Messenger(db, clock, platform, controls, answer)
    intake = InboxIntake(db, clock, messenger.wanted.set)
    app = web.Application()
    app.add_routes(platform.routes())
    intake.start()
    await platform.start(intake)
    bot = asyncio.create_task(messenger.serve_inbox())
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, host, port)
    await site.start()
    messenger.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield messenger
    finally:
        await platform.stop_receiving()
        await platform.stop()
        await runner.cleanup()
        bot.cancel()
        await asyncio.gather(bot, return_exceptions=True)
        await intake.stop()
