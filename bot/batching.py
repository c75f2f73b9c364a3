"""Small writes that come at the same time share one commit."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Generic, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from storage.db import Database

MAX_BATCH = 256
MAX_QUEUE = 10_000

T = TypeVar("T")
R = TypeVar("R")

class Batches(Generic[T, R]):
    """Hands items that come at the same time to `commit` together, oldest first; it answers with a result each.

    When a batch fails by the fault of one of its items, each is committed alone, so that only that one fails. When
    the database itself is in trouble, all of them fail.
    """

    def __init__(self, name: str, db: Database, commit: Callable[[Sequence[T]], Awaitable[Sequence[R]]]) -> None:
        self._name = name
        self._is_away = db.is_away
        self._commit = commit
        self._queue: asyncio.Queue[tuple[T, asyncio.Future[R]]] = asyncio.Queue(maxsize=MAX_QUEUE)
        self._worker: asyncio.Task[None] | None = None

    async def put(self, item: T) -> R:
        """The result for `item`, once it is committed. Raises what `commit` raised."""
        done: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        await self._queue.put((item, done))
        return await done

    def start(self) -> None:
        self._worker = asyncio.create_task(self._run(), name=self._name)

    async def stop(self) -> None:
        """Finish what is queued, then end."""
        if self._worker is None:
            return
        await self._queue.join()
        self._worker.cancel()
        await asyncio.gather(self._worker, return_exceptions=True)
        self._worker = None

    async def _run(self) -> None:
        while True:
            batch = [await self._queue.get()]
            while len(batch) < MAX_BATCH and not self._queue.empty():
                batch.append(self._queue.get_nowait())
            await self._finish(batch)
            for _ in batch:
                self._queue.task_done()

    async def _finish(self, batch: list[tuple[T, asyncio.Future[R]]]) -> None:
        try:
            results = await self._commit([item for item, _ in batch])
        except Exception as error:  # noqa: BLE001 - goes to those who asked for it
            if self._is_away(error) or len(batch) == 1:
                _fail([done for _, done in batch], error)
                return
            for waiting in batch:
                await self._finish([waiting])
            return
        for (_, done), result in zip(batch, results, strict=True):
            if not done.done():
                done.set_result(result)


def _fail(waiting: Sequence[asyncio.Future[Any]], error: Exception) -> None:
    for done in waiting:
        if not done.done():
            done.set_exception(error)


_Write = Callable[[AsyncSession], Awaitable[Any]]


class GroupCommit:
    """Runs writes one after the other, many a transaction; `committed` is called after each."""

    def __init__(self, db: Database, committed: Callable[[], None]) -> None:
        self._db = db
        self._committed = committed
        self._batches: Batches[_Write, Any] = Batches("group-commit", db, self._commit)
        self.start, self.stop = self._batches.start, self._batches.stop

    async def run(self, write: Callable[[AsyncSession], Awaitable[T]]) -> T:
        """The result of `write`, once it is committed. Raises what it raised, or one of `Database.trouble`."""
        result: T = await self._batches.put(write)
        return result

    async def _commit(self, writes: Sequence[_Write]) -> list[Any]:
        async with self._db.write() as session:
            results = [await write(session) for write in writes]
        self._committed()
        return results
