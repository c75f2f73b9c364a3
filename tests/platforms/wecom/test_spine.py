"""WeCom on the real inbox and the real token table, on both databases."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select, text

from bot.intake import InboxIntake
from bot.platform import Token
from bot.tokens import DatabaseTokens
from bot.wecom.platform import WecomPlatform
from storage.db import Database
from storage.spine import DEAD, InboxRow
from tests.emulators.wecom import WecomEmulator
from tests.platforms.wecom.conftest import HandClock, serve, text_to


async def test_tokens_are_kept_and_replaced(database: Database) -> None:
    tokens = DatabaseTokens(database)
    assert await tokens.load("wecom:a:1") is None
    await tokens.save("wecom:a:1", Token("one", 1000.5))
    await tokens.save("wecom:b:1", Token("other", 1.0))
    await tokens.save("wecom:a:1", Token("two", 2000.25))
    assert await tokens.load("wecom:a:1") == Token("two", 2000.25)
    assert await tokens.load("wecom:b:1") == Token("other", 1.0)


async def test_many_processes_save_at_once(database: Database) -> None:
    tokens = [DatabaseTokens(database) for _ in range(10)]
    await asyncio.gather(*(store.save("t", Token(str(n), n)) for n, store in enumerate(tokens)))
    assert await tokens[0].load("t") is not None


async def test_two_processes_share_a_token(database: Database, wecom: WecomEmulator, clock: HandClock) -> None:
    for user in ("wang", "li"):
        platform = WecomPlatform(wecom.settings, clock, DatabaseTokens(database))
        await platform.deliver(text_to(user, "你好"))
        await platform.stop()
    assert wecom.calls["gettoken"] == 1


async def test_what_is_acked_is_in_the_inbox_once(
    database: Database, wecom: WecomEmulator, clock: HandClock
) -> None:
    platform = WecomPlatform(wecom.settings, clock, DatabaseTokens(database))
    intake = InboxIntake(database, clock, lambda: None)
    intake.start()
    await platform.start(intake)
    runner, url = await serve(platform)
    await wecom.connect(url)
    pushes = await asyncio.gather(*(wecom.say("wang", f"第 {n % 20} 条", msg_id=str(1000 + n % 20)) for n in range(60)))
    await wecom.post(wecom.seal("<xml><MsgType>text</MsgType></xml>"))
    await runner.cleanup()
    await platform.stop()
    await intake.stop()
    assert all(push.acked for push in pushes)
    async with database.read() as session:
        rows = (await session.scalars(select(InboxRow).order_by(InboxRow.id))).all()
        raws = (await session.scalars(select(InboxRow.raw).order_by(InboxRow.id))).all()
    assert len(rows) == 21
    assert [row.state for row in rows].count(DEAD) == 1
    assert {row.conversation for row in rows[:-1]} == {"wecom:direct:wang"}
    assert all(raw is not None and raw.startswith(b"<xml>") for raw in raws)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_database_in_trouble_is_not_acked(
    database: Database, wecom: WecomEmulator, clock: HandClock, caplog: pytest.LogCaptureFixture
) -> None:
    platform = WecomPlatform(wecom.settings, clock, DatabaseTokens(database))
    intake = InboxIntake(database, clock, lambda: None)
    intake.start()
    await platform.start(intake)
    runner, url = await serve(platform)
    await wecom.connect(url)
    async with database.write() as session:
        await session.execute(text("ALTER TABLE inbox RENAME TO gone"))
    assert (await wecom.say("wang", "机密的报价")).status == 500
    async with database.write() as session:
        await session.execute(text("ALTER TABLE gone RENAME TO inbox"))
    assert (await wecom.say("wang", "机密的报价")).acked
    await runner.cleanup()
    await platform.stop()
    await intake.stop()
    assert "机密" not in caplog.text
