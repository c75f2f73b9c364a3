"""Killed again and again under load, the product handles every acknowledged event exactly once.

Events come through WeCom's encrypted callbacks and are pushed again until they are acknowledged, as WeCom does; the
product is killed with SIGKILL at random moments and started anew on the same database.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from storage import outbox
from storage.crm import Note, Todo
from storage.db import Database
from storage.spine import CardMessage, InboxRow
from tests.emulators.wecom import WecomEmulator
from tests.product import Product, seed_reps, wecom_environment

EVENTS, USERS, KILLS = 160, 12, 6


async def _push_until_acknowledged(wecom: WecomEmulator, user: str, number: int) -> None:
    for _ in range(200):
        push = await wecom.say(user, f"明天下午三点给华昌电子发第{number}版报价", msg_id=f"9{number:015d}")
        if push.acked:
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"event {number} was never acknowledged")


async def _load(wecom: WecomEmulator, users: list[str]) -> None:
    """Each user's events in order; some are sent twice though they were acknowledged."""

    async def one(index: int, user: str) -> None:
        for number in range(index, EVENTS, len(users)):
            await _push_until_acknowledged(wecom, user, number)
            if number % 5 == 0:
                await _push_until_acknowledged(wecom, user, number)
            await asyncio.sleep(random.random() / 4)

    await asyncio.gather(*(one(index, user) for index, user in enumerate(users)))


async def _killer(products: list[Product], chance: random.Random) -> int:
    for _ in range(KILLS):
        await asyncio.sleep(0.2 + chance.random())
        victim = chance.choice(products)
        await victim.kill()
        await victim.start()
    return KILLS


async def _until_settled(db: Database) -> None:
    async with asyncio.timeout(60):
        while True:
            async with db.read() as session:
                pending = await session.scalar(select(func.count()).where(InboxRow.state == "pending"))
                open_rows = (await outbox.counts(session))["pending"]
            if not pending and not open_rows:
                return
            await asyncio.sleep(0.1)


async def _once_each(db: Database, wecom: WecomEmulator) -> None:
    async with db.read() as session:
        states = Counter((await session.scalars(select(InboxRow.state))).all())
        texts = Counter((await session.scalars(select(Note.text))).all())
        todos = await session.scalar(select(func.count()).select_from(Todo))
        subjects = Counter((await session.scalars(select(CardMessage.subject))).all())
    assert states == {"done": EVENTS}
    assert len(texts) == EVENTS
    assert set(texts.values()) == {1}, "an event was handled twice"
    assert todos == EVENTS
    assert len(subjects) == EVENTS
    assert set(subjects.values()) == {1}
    cards = [shown for screen in wecom.screens.values() for shown in screen.messages if shown.kind == "card"]
    assert len(cards) == EVENTS, "each note has one card on a screen: none lost, none twice"


async def _scenario(url: str, folder: Path, processes: int, seed: int) -> None:
    chance = random.Random(seed)
    users = await seed_reps(url, USERS, "wecom", datetime.now(UTC))
    async with WecomEmulator() as wecom:
        environment = wecom_environment(wecom.settings) | {"GENDAN_DATABASE__URL": url}
        products = [Product(folder, environment) for _ in range(processes)]
        db = Database(url)
        try:
            for product in products:
                await product.start()
            await wecom.connect(f"{products[0].url}/wecom/callback")
            await asyncio.gather(_load(wecom, users), _killer(products, chance))
            await _until_settled(db)
            await _once_each(db, wecom)
        finally:
            for product in products:
                await product.kill()
            await db.close()


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_on_sqlite(sqlite_url: str, tmp_path: Path) -> None:
    await _scenario(sqlite_url, tmp_path, 1, seed=1)


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.timeout(300)
async def test_two_processes_on_postgresql(postgres_url: str, tmp_path: Path) -> None:
    await _scenario(postgres_url, tmp_path, 2, seed=2)
