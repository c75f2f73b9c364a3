"""The demo's clock, and several processes that follow it."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from storage.db import Database
from storage.tables import Base
from tests.spine.harness import ManualClock, Recorder, running
from tests.spine.test_dispatch import echo


@pytest.mark.postgres
async def test_a_second_process_follows_the_clock(postgres_url: str, tmp_path: Path) -> None:
    first, second = Database(postgres_url), Database(postgres_url)
    async with first.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    here, there = ManualClock(), ManualClock()
    async with (
        running(first, echo, tmp_path, clock=here) as (one, _),
        running(second, echo, tmp_path, platform=Recorder(), clock=there, follows_clock=True) as (two, _),
    ):
        await one.advance(here.now() + timedelta(days=1))
        for _ in range(100):
            if two.now() == one.now():
                break
            await asyncio.sleep(0.05)
        assert two.now() == one.now()
    await first.close()
    await second.close()


async def test_the_clock_is_where_it_was_after_a_restart(database: Database, tmp_path: Path) -> None:
    async with running(database, echo, tmp_path, clock=ManualClock()) as (app, _):
        wanted = app.now() + timedelta(hours=5)
        await app.advance(wanted)
    async with running(database, echo, tmp_path, clock=ManualClock()) as (app, _):
        assert app.now() == wanted
