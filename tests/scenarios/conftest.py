"""The whole product with the demo's people, in this process, played through the local messenger's API."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pydantic import SecretStr

from bot.app import App
from bot.clock import Clock
from bot.config import DatabaseSettings, LocalSettings, Settings, WebSettings
from bot.local.client import LocalClient
from cli.compose import build_app, routes_of
from demo.seed import seed
from storage.db import Database
from storage.migrate import upgrade
from storage.uow import UnitOfWork

START = datetime(2026, 3, 4, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
"""A Wednesday in an ordinary working week."""


class Demo:
    """`as_("wang")` plays a person; the clock stands still until it is moved."""

    def __init__(self, app: App, url: str, clients: AsyncExitStack) -> None:
        self.app = app
        self.url = url
        self._clients = clients

    async def as_(self, user: str, chat: str | None = None) -> LocalClient:
        return await self._clients.enter_async_context(LocalClient(self.url, user, chat))


@pytest.fixture
async def demo(database_url: str, tmp_path: Path) -> AsyncIterator[Demo]:
    settings = Settings(
        data_dir=tmp_path,
        local=LocalSettings(enabled=True),
        database=DatabaseSettings(url=SecretStr(database_url)),
        web=WebSettings(port=0),
    )
    database, clock = Database(database_url), Clock(lambda: START)
    await upgrade(database)
    async with database.write() as session:
        await seed(UnitOfWork(session), START)
    app, _ = await build_app(settings, clock, database, demo=True)
    await app.start()
    try:
        port = await app.listen(await routes_of(app), "127.0.0.1", 0)
        async with AsyncExitStack() as clients:
            yield Demo(app, f"http://127.0.0.1:{port}", clients)
    finally:
        await app.stop()
        await database.close()
