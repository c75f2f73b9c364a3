"""Figures of the spine, through WeCom's encrypted callbacks into the running product and back to WeCom's API.

`make bench` (about six minutes), or `python -m bench.spine --rows 0` for the empty tables only. The messenger's side
runs in this process, the product in another one, so that both cores of a small machine are busy.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy import ColumnElement, String, cast, insert, literal, select, text

from storage.crm import Interaction
from storage.db import Database
from storage.spine import InboxRow, OutboxRow
from tests.conftest import POSTGRES
from tests.emulators.wecom import WecomEmulator
from tests.emulators.wecom_push import Envelope
from tests.product import Product, seed_reps, wecom_environment

USERS = 400
LATENCY_RATE, LATENCY_S = 100, 15
COMMANDS, NOTES, PARALLEL = 4000, 1200, 64


@dataclass
class Figures:
    """One database at one size. Latencies in ms, rates in events a second, memory in MB, start in seconds."""

    database: str
    rows: int
    start_s: float
    idle_mb: float
    ack_p50: float
    ack_p99: float
    commands: float
    notes: float
    peak_mb: float

    def row(self) -> str:
        return (
            f"| {self.database} | {self.rows:,} | {self.start_s:.2f} | {self.idle_mb:.0f} | {self.ack_p50:.1f} | "
            f"{self.ack_p99:.1f} | {self.commands:.0f} | {self.notes:.0f} | {self.peak_mb:.0f} |"
        )


HEAD = (
    "| database | rows before | start s | idle MB | ack p50 ms | ack p99 ms | commands/s | notes/s | after MB |\n"
    "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"
)


class Load:
    """Sends texts as many users and waits for what the bot shows them."""

    def __init__(self, wecom: WecomEmulator, users: list[str]) -> None:
        self._wecom = wecom
        self._users = users
        self._shown = 0
        self._bell = asyncio.Event()
        wecom.on_show = self._count

    def _count(self, _shown: object) -> None:
        self._shown += 1
        self._bell.set()

    def _sealed(self, words: str, count: int) -> list[Envelope]:
        """Encrypted beforehand: that is WeCom's work, not ours."""
        users = (self._users[number % len(self._users)] for number in range(count))
        return [self._wecom.seal_text(user, words) for user in users]

    async def _push(self, envelope: Envelope) -> float:
        """Push one; the ms until it was acknowledged."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        status = await self._wecom.post(envelope)
        assert status == 200, f"not acknowledged: {status}"
        return (loop.time() - began) * 1000

    async def latency(self, words: str) -> list[float]:
        """Acknowledgements at a steady rate, in ms."""
        loop, tasks = asyncio.get_running_loop(), []
        envelopes = self._sealed(words, LATENCY_RATE * LATENCY_S)
        began = loop.time()
        for number, envelope in enumerate(envelopes):
            await asyncio.sleep(max(0.0, began + number / LATENCY_RATE - loop.time()))
            tasks.append(asyncio.create_task(self._push(envelope)))
        return list(await asyncio.gather(*tasks))

    async def throughput(self, words: str, count: int) -> float:
        """Events a second from the first push to the last answer on a screen."""
        loop, gate, wanted = asyncio.get_running_loop(), asyncio.Semaphore(PARALLEL), self._shown + count
        envelopes = self._sealed(words, count)

        async def one(envelope: Envelope) -> None:
            async with gate:
                await self._push(envelope)

        began = loop.time()
        await asyncio.gather(*(one(envelope) for envelope in envelopes))
        async with asyncio.timeout(300):
            await self._until(wanted)
        return count / (loop.time() - began)

    async def _until(self, wanted: int) -> None:
        while self._shown < wanted:
            self._bell.clear()
            await self._bell.wait()

    async def settled(self) -> None:
        """Until nothing new was shown for a second."""
        before = -1
        while before != self._shown:
            before = self._shown
            await asyncio.sleep(1)


async def measure(name: str, url: str, rows: int, folder: Path, users: list[str]) -> Figures:
    async with WecomEmulator() as wecom:
        product = Product(folder, wecom_environment(wecom.settings) | {"GENDAN_DATABASE__URL": url})
        try:
            start_s = await product.start()
            await asyncio.sleep(3)
            idle_mb = product.memory_mb()
            await wecom.connect(f"{product.url}/wecom/callback")
            load = Load(wecom, users)
            await load.throughput("/todo", 200)
            acks = await load.latency("/todo")
            await load.settled()
            commands = await load.throughput("/todo", COMMANDS)
            wecom.screens.clear()
            notes = await load.throughput("明天下午三点给华昌电子王总发新报价，价格他觉得偏高", NOTES)
            memory = product.memory_mb()
        finally:
            await product.stop()
    cuts = statistics.quantiles(acks, n=100)
    return Figures(name, rows, start_s, idle_mb, cuts[49], cuts[98], commands, notes, memory)


async def fill(url: str, rows: int) -> None:
    """Years of finished work: so many rows each in the inbox, the outbox and the interactions."""
    db, at = Database(url), datetime.now(UTC) - timedelta(days=20)
    first = select(literal(1).label("n")).cte("g", recursive=True)
    numbers = first.union_all(select(first.c.n + 1).where(first.c.n < rows))
    n, user = numbers.c.n, cast(numbers.c.n % USERS + 1, String)
    chat = literal("wecom:direct:u") + user
    async with db.write() as session:
        for table, values in (
            (InboxRow, _event(literal("old") + cast(n, String), chat, at)),
            (OutboxRow, _delivery(chat, at)),
            (Interaction, _interaction(n, at)),
        ):
            columns = {name: _typed(table, name, value) for name, value in values.items()}
            made = select(*columns.values()).select_from(numbers)
            await session.execute(insert(table).from_select(list(columns), made))
        await session.execute(text("ANALYZE"))
    await db.close()


def _typed(table: type[Any], name: str, value: Any) -> ColumnElement[Any]:
    """A value as its column keeps it; what is computed already stays."""
    return value if isinstance(value, ColumnElement) else literal(value, table.__table__.c[name].type)


def _event(key: Any, conversation: Any, at: datetime) -> dict[str, Any]:
    return {
        "platform": "wecom", "event_key": key, "conversation": conversation, "kind": "text", "event": "{}",
        "received_at": at, "state": "done", "not_before": at, "done_at": at,
    }  # fmt: skip


def _delivery(chat_key: Any, at: datetime) -> dict[str, Any]:
    return {
        "platform": "wecom", "chat_key": chat_key, "chat": {"platform": "wecom", "id": "u1", "kind": "direct"},
        "content": '{"text":"好的","type":"text"}', "state": "sent", "not_before": at, "created_at": at, "sent_at": at,
    }  # fmt: skip


def _interaction(n: Any, at: datetime) -> dict[str, Any]:
    return {"customer_id": 1, "user_id": n % USERS + 1, "kind": "note", "summary": "聊了报价", "at": at}


@asynccontextmanager
async def _postgres() -> AsyncIterator[str]:
    name = f"gendan_bench_{uuid.uuid4().hex[:8]}"
    admin = await asyncpg.connect(POSTGRES, timeout=3)
    await admin.execute(f'CREATE DATABASE "{name}"')
    try:
        yield f"postgresql+asyncpg://{POSTGRES.partition('://')[2].rpartition('/')[0]}/{name}"
    finally:
        await admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        await admin.close()


async def _both_sizes(name: str, url: str, rows: int, folder: Path) -> None:
    users = await seed_reps(url, USERS, "wecom", datetime.now(UTC))
    print((await measure(name, url, 0, folder, users)).row(), flush=True)
    if rows:
        await fill(url, rows)
        print((await measure(name, url, rows, folder, users)).row(), flush=True)


async def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="finished rows in each large table (0: none)")
    parser.add_argument("--only", choices=("SQLite", "PostgreSQL"))
    args = parser.parse_args()
    print(HEAD, flush=True)
    with tempfile.TemporaryDirectory() as folder:
        if args.only != "PostgreSQL":
            await _both_sizes("SQLite", f"sqlite+aiosqlite:///{folder}/gendan.db", args.rows, Path(folder))
        if args.only != "SQLite":
            async with _postgres() as url:
                await _both_sizes("PostgreSQL", url, args.rows, Path(folder))
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
