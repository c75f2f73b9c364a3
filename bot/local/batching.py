"""Small writes that come at the same time share one commit."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from storage.db import Database

MAX_BATCH = 128

T = TypeVar("T")
_Write = Callable[[AsyncSession], Awaitable[Any]]
_Waiting = tuple[_Write, "asyncio.Future[Any]"]


class GroupCommit:
    """Runs writes one after the other, many a transaction; `committed` is called after each."""

    def __init__(self, db: Database, committed: Callable[[], None]) -> None:
        self._db = db
        self._committed = committed
        self._queue: asyncio.Queue[_Waiting] = asyncio.Queue(maxsize=10_000)
        self._writer: asyncio.Task[None] | None = None

    async def run(self, write: Callable[[AsyncSession], Awaitable[T]]) -> T:
        """The result of `write`, once it is committed. Raises what it raised, or one of `Database.trouble`."""
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        await self._queue.put((write, done))
        return await done

    def start(self) -> None:
        self._writer = asyncio.create_task(self._run(), name="local-writer")

    async def stop(self) -> None:
        """Finish what is queued, then end."""
        if self._writer is None:
            return
        await self._queue.join()
        self._writer.cancel()
        await asyncio.gather(self._writer, return_exceptions=True)
        self._writer = None

    async def _run(self) -> None:
        while True:
            batch = [await self._queue.get()]
            while len(batch) < MAX_BATCH and not self._queue.empty():
                batch.append(self._queue.get_nowait())
            await self._finish(batch)
            for _ in batch:
                self._queue.task_done()

    async def _finish(self, batch: list[_Waiting]) -> None:
        """Settle every write of the batch. One that cannot be done must not take the others with it."""
        try:
            results = await self._commit(batch)
        except self._db.trouble as error:
            _settle(batch, error)
        except Exception as error:  # noqa: BLE001 - goes to the one who asked for this write
            if len(batch) == 1:
                _settle(batch, error)
            else:
                for waiting in batch:
                    await self._finish([waiting])
        else:
            _settle(batch, results)
            self._committed()

    async def _commit(self, batch: list[_Waiting]) -> list[Any]:
        async with self._db.write() as session:
            return [await write(session) for write, _ in batch]


def _settle(batch: list[_Waiting], outcome: list[Any] | Exception) -> None:
    for place, (_, done) in enumerate(batch):
        if done.done():
            continue
        if isinstance(outcome, Exception):
            done.set_exception(outcome)
        else:
            done.set_result(outcome[place])
