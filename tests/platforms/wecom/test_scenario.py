"""WeCom through the whole spine: callback, inbox, handler, outbox, API, and the click back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from bot.app import App
from bot.config import Settings
from bot.events import Click, Event, MediaMessage, TextMessage
from bot.outgoing import Reply, SendCard, SendText, Toast, UpdateCards
from bot.tokens import DatabaseTokens
from bot.wecom.platform import WecomPlatform
from cards.model import Button, Card, CardState, Field
from storage.db import Database
from storage.uow import UnitOfWork
from tests.emulators.wecom import WecomEmulator
from tests.platforms.wecom.conftest import HandClock
from tests.spine.harness import Deaf, fast, no_hints

BUTTONS = (Button("完成", "done:1"), Button("推迟", "later:1"))
OPEN = Card("给华昌报价", fields=(Field("时间", "周四"),), buttons=BUTTONS)


async def handle(event: Event, _uow: UnitOfWork, _now: datetime) -> list[Reply]:
    """A to-do that can be postponed and done."""
    match event:
        case TextMessage(text=text):
            return [SendText(event.chat, f"记下了：{text}"), SendCard(event.chat, OPEN, "todo:1")]
        case MediaMessage(prepared=prepared):
            return [SendText(event.chat, prepared.text or "" if prepared else "")]
        case Click(action="done:1"):
            done = replace(OPEN, state=CardState.DONE, note=f"{event.sender.id} 已完成")
            return [UpdateCards("todo:1", done), Toast("好的，已完成")]
        case Click(action="later:1"):
            return [UpdateCards("todo:1", replace(OPEN, fields=(Field("时间", "周五"),)))]
        case _:
            return []


@asynccontextmanager
async def running(
    database: Database, wecom: WecomEmulator, clock: HandClock, folder: Path, *spoken: str
) -> AsyncIterator[App]:
    platform = WecomPlatform(wecom.settings, clock, DatabaseTokens(database), install="a1")
    settings = Settings(data_dir=folder, dispatch=fast(retry_s=0.05))
    app = App(settings, clock, database, [platform], handle, Deaf(*spoken), no_hints)
    await app.start()
    try:
        port = await app.listen([], "127.0.0.1", 0)
        await wecom.connect(f"http://127.0.0.1:{port}/wecom/callback")
        yield app
    finally:
        await app.stop()


async def test_words_become_a_card_and_clicks_change_it(
    database: Database, wecom: WecomEmulator, clock: HandClock, tmp_path: Path
) -> None:
    async with running(database, wecom, clock, tmp_path):
        await wecom.say("wang", "周四给华昌报价")
        assert await wecom.next_text("wang") == "记下了：周四给华昌报价"
        card = await wecom.next_card("wang")
        await wecom.click("wang", card, "推迟")
        await wecom.screens["wang"].changed(card)
        assert card.fields == {"时间": "周五"}
        await wecom.click("wang", card, "完成")
        await wecom.screens["wang"].changed(card, 2)
        assert (card.closed, card.note) == ("已处理", "wang 已完成")
        assert await wecom.next_text("wang") == "好的，已完成"
    assert len(wecom.screens["wang"].messages) == 3


async def test_a_spent_handle_brings_a_fresh_card(
    database: Database, wecom: WecomEmulator, clock: HandClock, tmp_path: Path
) -> None:
    async with running(database, wecom, clock, tmp_path):
        await wecom.say("wang", "一")
        await wecom.next_text("wang")
        card = await wecom.next_card("wang")
        wecom.fail_next("message/update_template_card", 60140)
        await wecom.click("wang", card, "推迟")
        fresh = await wecom.next_card("wang")
        assert (fresh.fields, card.updates) == ({"时间": "周五"}, 0)
        await wecom.click("wang", fresh, "完成")
        await wecom.screens["wang"].changed(fresh)
        assert fresh.closed


async def test_a_voice_note_is_fetched_and_understood(
    database: Database, wecom: WecomEmulator, clock: HandClock, tmp_path: Path
) -> None:
    async with running(database, wecom, clock, tmp_path, "周四给华昌报价"):
        await wecom.voice("wang", b"#!AMR\n" + (b"\x3c" + 31 * b"\0") * 50)
        assert await wecom.next_text("wang") == "周四给华昌报价"


async def test_trouble_at_wecom_delays_and_loses_nothing(
    database: Database, wecom: WecomEmulator, clock: HandClock, tmp_path: Path
) -> None:
    async with running(database, wecom, clock, tmp_path):
        wecom.fail_next("message/send", -1)
        wecom.fail_next("gettoken", -1)
        await wecom.say("wang", "一")
        assert await wecom.next_text("wang") == "记下了：一"
        wecom.revoke_tokens()
        await wecom.say("wang", "二")
        assert await wecom.next_text("wang") == "记下了：二"
        assert len({(await wecom.next_card("wang")).task_id for _ in range(2)}) == 2
