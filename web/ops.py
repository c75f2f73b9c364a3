"""For those who run it: is it alive, is it ready, and its figures for Prometheus."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from bot.metrics import INBOX_DEAD, INBOX_OPEN, OUTBOX_FAILED, OUTBOX_OPEN
from storage import inbox, outbox
from storage.db import Database
from storage.spine import DEAD, FAILED, PENDING

DATABASE_TIMEOUT_S = 2.0
MAX_BACKLOG = 10_000


@dataclass(frozen=True, slots=True)
class Backlog:
    """Rows of the inbox and the outbox that wait, and those that were given up."""

    inbox_open: int
    inbox_dead: int
    outbox_open: int
    outbox_failed: int

    @property
    def waiting(self) -> int:
        return self.inbox_open + self.outbox_open


class Ops:
    """`health` names each worker and says whether it is alive; `max_backlog` waiting rows are still ready."""

    def __init__(self, db: Database, health: Callable[[], Mapping[str, bool]], max_backlog: int) -> None:
        self._db = db
        self._health = health
        self._max_backlog = max_backlog

    async def healthz(self, _request: web.Request) -> web.Response:
        """200 as long as the event loop turns."""
        return web.json_response({"status": "ok"})

    async def readyz(self, _request: web.Request) -> web.Response:
        """200 when the database answers, all workers live and the backlog is under the limit; else 503."""
        backlog = await self._backlog()
        workers = dict(self._health())
        waiting = backlog.waiting if backlog else None
        checks = {
            "database": backlog is not None,
            "workers": all(workers.values()),
            "backlog": waiting is not None and waiting <= self._max_backlog,
        }
        ready = all(checks.values())
        details = {"workers": workers, "waiting": waiting, "max_waiting": self._max_backlog}
        body = {"status": "ready" if ready else "unavailable", "checks": checks, **details}
        return web.json_response(body, status=200 if ready else 503)

    async def metrics(self, _request: web.Request) -> web.Response:
        """Prometheus text. The gauges of the queues are read now; NaN when the database is away."""
        backlog = await self._backlog()
        INBOX_OPEN.set(backlog.inbox_open if backlog else math.nan)
        INBOX_DEAD.set(backlog.inbox_dead if backlog else math.nan)
        OUTBOX_OPEN.set(backlog.outbox_open if backlog else math.nan)
        OUTBOX_FAILED.set(backlog.outbox_failed if backlog else math.nan)
        return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def _backlog(self) -> Backlog | None:
        """None when the database does not answer in time."""
        try:
            async with asyncio.timeout(DATABASE_TIMEOUT_S), self._db.read() as session:
                events, deliveries = await inbox.counts(session), await outbox.counts(session)
        except self._db.trouble:
            return None
        return Backlog(events[PENDING], events[DEAD], deliveries[PENDING], deliveries[FAILED])


def routes(
    db: Database, health: Callable[[], Mapping[str, bool]], max_backlog: int = MAX_BACKLOG
) -> list[web.RouteDef]:
    """`/healthz`, `/readyz`, `/metrics`."""
    ops = Ops(db, health, max_backlog)
    return [
        web.get("/healthz", ops.healthz),
        web.get("/readyz", ops.readyz),
        web.get("/metrics", ops.metrics),
    ]
