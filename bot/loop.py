"""A worker of the spine: does what there is to do, then waits to be woken, looking now and then for others' work."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from storage.db import Database

log = logging.getLogger(__name__)


class Loop:
    """Runs `once` until `stop`: again at once while it answers True, else on `wake` or after `poll_s` seconds.

    Trouble with the database is logged and outlived; any other error ends the loop, and with it the process.
    """

    def __init__(self, name: str, once: Callable[[], Awaitable[bool]], db: Database, poll_s: float) -> None:
        self.name = name
        self._once = once
        self._db = db
        self._poll_s = poll_s
        self._work = asyncio.Event()
        self._stopping = False
        self.healthy = False

    def wake(self) -> None:
        """There is something to do."""
        self._work.set()

    def stop(self) -> None:
        """End after the round at hand."""
        self._stopping = True
        self._work.set()

    async def run(self) -> None:
        """Until `stop`."""
        while not self._stopping:
            self._work.clear()
            if not await self._round():
                await self._wait()
        self.healthy = False

    async def _round(self) -> bool:
        try:
            more = await self._once()
        except self._db.trouble as error:
            self.healthy = False
            log.warning("%s: database trouble, trying again: %s", self.name, type(error).__name__)
            return False
        self.healthy = True
        return more

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(self._poll_s):
                await self._work.wait()
        except TimeoutError:
            return
