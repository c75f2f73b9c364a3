"""SQLite's writer on the caller's thread: cancelled in the middle, it neither freezes nor breaks anything."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import text

from storage.db import Database


async def test_cancelling_the_wait_for_the_lock_freezes_nothing(sqlite_url: str, tmp_path: Path) -> None:
    db = Database(sqlite_url)
    async with db.write() as session:
        await session.execute(text("CREATE TABLE t (n INTEGER)"))

    async def write() -> None:
        async with db.write() as session:
            await session.execute(text("INSERT INTO t VALUES (1)"))

    with closing(sqlite3.connect(tmp_path / "gendan.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        task = asyncio.create_task(write())
        await asyncio.sleep(0.1)
        task.cancel()
        loop, slowest = asyncio.get_running_loop(), 0.0
        for _ in range(20):
            before = loop.time()
            await asyncio.sleep(0.02)
            slowest = max(slowest, loop.time() - before)
        other.execute("COMMIT")
    await asyncio.gather(task, return_exceptions=True)
    assert task.cancelled()
    assert slowest < 1, "the event loop stood still"
    await write()
    async with db.read() as session:
        assert (await session.execute(text("SELECT count(*) FROM t"))).scalar() == 1
    await db.close()
