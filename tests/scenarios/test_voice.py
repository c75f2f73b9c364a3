"""Real sound through the whole way: recording → words → record → card."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from bot.app import App
from bot.clock import Clock
from bot.config import DatabaseSettings, Settings
from cli.compose import build_app, routes_of
from storage.crm import Customer, Note, Todo
from storage.db import Database
from tests.emulators.wecom import WecomEmulator
from tests.product import ROOT, seed_reps
from tests.scenarios.conftest import START, Demo

pytestmark = [pytest.mark.speech, pytest.mark.slow]

CLIP = ROOT / "tests" / "data" / "as1_004.wav"
EVALUATION = ROOT.parent / "shared"
ZONE = ZoneInfo("Asia/Shanghai")


async def test_a_recording_becomes_a_card_with_its_words(demo: Demo) -> None:
    wang = await demo.as_("wang")
    await wang.voice(CLIP)
    await wang.idle(60)
    card = await wang.last_card()
    assert "原话" in card.text() or "转写" in card.text()
    async with demo.app.db.read() as session:
        note = (await session.scalars(select(Note).order_by(Note.id.desc()).limit(1))).one()
    assert note.media_sha256 is not None
    assert len(note.text) > 5
    assert note.text[:4] in card.text()


async def test_what_is_no_sound_is_said_and_the_chat_goes_on(demo: Demo, tmp_path: Path) -> None:
    wang = await demo.as_("wang")
    broken = tmp_path / "note.amr"
    broken.write_bytes(b"#!AMR\n" + b"\xff" * 500)
    await wang.voice(broken)
    await wang.idle(60)
    said = await wang.last_text()
    assert any(word in said for word in ("听", "声音", "播放", "格式", "录音")), said
    await wang.say("/todo")
    await wang.idle()
    assert "待办" in await wang.transcript()


@asynccontextmanager
async def _wecom_app(url: str, folder: Path, clock: Clock) -> AsyncIterator[tuple[App, WecomEmulator]]:
    async with WecomEmulator() as wecom:
        settings = Settings(data_dir=folder, database=DatabaseSettings(url=SecretStr(url)), wecom=wecom.settings)
        database = Database(url)
        app, _ = await build_app(settings, clock, database, demo=False)
        await app.start()
        try:
            port = await app.listen(await routes_of(app), "127.0.0.1", 0)
            await wecom.connect(f"http://127.0.0.1:{port}/wecom/callback")
            yield app, wecom
        finally:
            await app.stop()
            await database.close()


async def _customers(url: str) -> None:
    database = Database(url)
    names = (EVALUATION / "eval" / "customers_dev.csv").read_text(encoding="utf-8").splitlines()[1:]
    async with database.write() as session:
        known = set(await session.scalars(select(Customer.name)))
        for name in (line.split(",")[0] for line in names):
            if name not in known:
                session.add(Customer(name=name, owner_id=1, team_id=1, created_at=START))
    await database.close()


@pytest.mark.skipif(not (EVALUATION / "audio" / "notes").is_dir(), reason="no evaluation set beside the repository")
@pytest.mark.timeout(240)
async def test_notes_of_the_evaluation_set_as_wecom_sends_them(sqlite_url: str, tmp_path: Path) -> None:
    """AMR through encrypted callbacks. One robotic voice: this proves the way, not the accuracy on people."""
    lines = (EVALUATION / "eval" / "understand_dev.jsonl").read_text(encoding="utf-8").splitlines()[:8]
    [user] = await seed_reps(sqlite_url, 1, "wecom", START)
    await _customers(sqlite_url)
    clock, right, due = Clock(lambda: datetime.now(ZONE)), 0, 0
    async with _wecom_app(sqlite_url, tmp_path, clock) as (app, wecom):
        for line in map(json.loads, lines):
            clock.set(datetime.fromisoformat(line["now"]).astimezone(ZONE))
            push = await wecom.voice(user, (EVALUATION / "audio" / "notes" / f"{line['id']}.amr").read_bytes())
            assert push.acked
            assert await app.idle(60)
            async with app.db.read() as session:
                note = (await session.scalars(select(Note).order_by(Note.id.desc()).limit(1))).one()
                todos = (await session.scalars(select(Todo).where(Todo.note_id == note.id))).all()
                customer = await session.get(Customer, note.customer_id) if note.customer_id else None
            right += (customer.name if customer else None) == line["gold"]["customer"]
            wanted = {todo["due"][:10] for todo in line["gold"]["todos"]}
            due += wanted <= {f"{todo.due_at.astimezone(clock.now().tzinfo):%Y-%m-%d}" for todo in todos if todo.due_at}
    assert right >= 6, f"{right} of 8 customers"
    assert due >= 5, f"{due} of 8 notes with all their days"
