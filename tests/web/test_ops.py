"""Health, readiness and metrics against a real server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from storage import inbox
from storage.db import Database
from storage.spine import DEAD, PENDING
from web import ops

NOW = datetime(2026, 3, 5, 9, tzinfo=UTC)
Client = TestClient[web.Request, web.Application]
WORKERS = {"dispatch": True, "delivery": True}


async def client_for(db: Database, workers: Mapping[str, bool], max_backlog: int = 10) -> Client:
    app = web.Application()
    app.add_routes(ops.routes(db, lambda: workers, max_backlog))
    client = TestClient(TestServer(app))
    await client.start_server()
    return client


@pytest.fixture
async def workers() -> dict[str, bool]:
    return dict(WORKERS)


@pytest.fixture
async def client(database: Database, workers: dict[str, bool]) -> AsyncIterator[Client]:
    opened = await client_for(database, workers, max_backlog=1)
    yield opened
    await opened.close()


async def arrive(db: Database, *states: str) -> None:
    rows = [
        {
            "platform": "x",
            "event_key": f"{number}",
            "conversation": "x:direct:a",
            "kind": "text",
            "received_at": NOW,
            "not_before": NOW,
            "state": state,
            "prepare": "none",
            "attempts": 0,
            "prepare_attempts": 0,
        }
        for number, state in enumerate(states)
    ]
    async with db.write() as session:
        await inbox.add(session, rows)


async def test_ready_when_all_is_well(client: Client) -> None:
    answer = await client.get("/readyz")
    assert answer.status == 200
    body = await answer.json()
    assert body["status"] == "ready"
    assert body["workers"] == WORKERS
    assert (await client.get("/healthz")).status == 200


async def test_not_ready_while_a_worker_is_dead(client: Client, workers: dict[str, bool]) -> None:
    workers["delivery"] = False
    answer = await client.get("/readyz")
    assert answer.status == 503
    assert (await answer.json())["checks"] == {"database": True, "workers": False, "backlog": True}


async def test_not_ready_when_too_much_waits(client: Client, database: Database) -> None:
    await arrive(database, PENDING, PENDING, DEAD)
    answer = await client.get("/readyz")
    assert answer.status == 503
    assert (await answer.json())["waiting"] == 2


async def test_metrics_count_what_the_database_holds(client: Client, database: Database) -> None:
    await arrive(database, PENDING, DEAD, DEAD)
    answer = await client.get("/metrics")
    text = await answer.text()
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert "gendan_inbox_open 1.0" in text
    assert "gendan_inbox_dead 2.0" in text


@pytest.mark.parametrize("url", ["sqlite+aiosqlite:///{}/missing.db", "postgresql+asyncpg://x@127.0.0.1:1/x"])
async def test_alive_but_not_ready_without_a_database(url: str, tmp_path: Path) -> None:
    db = Database(url.format(tmp_path))
    client = await client_for(db, WORKERS)
    answer = await client.get("/readyz")
    assert answer.status == 503
    assert (await answer.json())["checks"]["database"] is False
    assert (await client.get("/healthz")).status == 200
    assert "gendan_inbox_open NaN" in await (await client.get("/metrics")).text()
    await client.close()
    await db.close()
