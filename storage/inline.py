"""SQLite's one writer, on the caller's own thread.

aiosqlite hands every statement to a thread and back, three times or more; for statements that take microseconds
inside a transaction that already holds the write lock, the hand-over is most of the cost. So here only what may wait
goes to a thread: beginning (for the lock) and committing (for the disk). SQLAlchemy's aiosqlite dialect drives this
connection as if it were aiosqlite's (`async_creator`).
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Self

_WAITS = ("BEGIN", "COMMIT", "VACUUM", "PRAGMA WAL_CHECKPOINT")


class InlineCursor:
    """A cursor with the methods of aiosqlite's."""

    arraysize = 1

    def __init__(self, cursor: sqlite3.Cursor) -> None:
        self._cursor = cursor

    async def __aenter__(self) -> Self:
        return self

    @property
    def description(self) -> Any:
        return self._cursor.description

    @property
    def rowcount(self) -> int:
        return self._cursor.rowcount

    @property
    def lastrowid(self) -> int | None:
        return self._cursor.lastrowid

    async def execute(self, operation: str, parameters: Sequence[Any] = ()) -> Self:
        if operation.upper().startswith(_WAITS):
            await _in_thread(self._cursor.execute, operation, parameters)
        else:
            self._cursor.execute(operation, parameters)
        return self

    async def executemany(self, operation: str, parameters: Iterable[Sequence[Any]]) -> Self:
        self._cursor.executemany(operation, parameters)
        return self

    async def fetchall(self) -> list[Any]:
        return self._cursor.fetchall()

    async def close(self) -> None:
        self._cursor.close()


class InlineConnection:
    """A connection with the methods of aiosqlite's that SQLAlchemy calls."""

    def __init__(self, path: str) -> None:
        self._connection: sqlite3.Connection | None = sqlite3.connect(
            path, isolation_level=None, check_same_thread=False
        )

    @property
    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            raise sqlite3.OperationalError("connection closed")
        return self._connection

    def cursor(self) -> InlineCursor:
        return InlineCursor(self._open.cursor())

    async def create_function(self, *args: Any, **options: Any) -> None:
        self._open.create_function(*args, **options)

    async def commit(self) -> None:
        await _in_thread(self._open.commit)

    async def rollback(self) -> None:
        self._open.rollback()

    async def close(self) -> None:
        self.stop()

    def stop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


async def _in_thread(call: Callable[..., object], *args: object) -> None:
    """Run it to its end in a thread, even when the caller is cancelled meanwhile.

    SQLAlchemy would else close the connection that the thread still holds, and so wait for it on the event loop.
    """
    work = asyncio.ensure_future(asyncio.to_thread(call, *args))
    try:
        await asyncio.shield(work)
    except asyncio.CancelledError:
        await asyncio.wait([work])
        raise


async def connect(path: str) -> InlineConnection:
    """Open the database file, which SQLite makes if it is not there."""
    return InlineConnection(path)
