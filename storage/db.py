"""The database: one engine for PostgreSQL, a writer and a reader for SQLite.

On SQLite all writes of a process go one after the other through a fair lock, each in `BEGIN IMMEDIATE`; other
processes are waited for by `busy_timeout`. On PostgreSQL row locks are all the coordination there is.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event, make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from storage import inline
from storage.revisions import WatchedSession

BUSY_MS = 20_000
COMMAND_S = 60


class Database:
    """Sessions on one database. `write()` commits at its end, `read()` never does.

    `trouble`: the errors by which a database that is down, full or gone makes itself known.
    """

    def __init__(self, url: str, *, pool_size: int = 8) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite:
            self._writer, self._reader = _sqlite_engines(url, self.url.database)
        else:
            self._writer = self._reader = create_async_engine(
                url,
                pool_size=pool_size,
                max_overflow=4,
                pool_pre_ping=True,
                hide_parameters=True,
                connect_args={"command_timeout": COMMAND_S},
            )
        self._write_session = async_sessionmaker(
            self._writer, expire_on_commit=False, sync_session_class=WatchedSession
        )
        self._read_session = async_sessionmaker(self._reader, expire_on_commit=False)
        self._turn = asyncio.Lock()
        driver = () if self.is_sqlite else _driver_errors()
        self._away: tuple[type[Exception], ...] = (OSError, OperationalError, PoolTimeout, *driver)
        self.trouble: tuple[type[Exception], ...] = (DBAPIError, *self._away)

    def is_away(self, error: BaseException | None) -> bool:
        """Whether the database itself is down, full, busy or gone, rather than unhappy with one statement."""
        return isinstance(error, self._away) or (isinstance(error, DBAPIError) and error.connection_invalidated)

    @property
    def engine(self) -> AsyncEngine:
        return self._writer

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """A transaction that commits when the block ends and is rolled back when it raises."""
        if not self.is_sqlite:
            async with self._write_session.begin() as session:
                yield session
            return
        async with self._turn, self._write_session.begin() as session:
            yield session

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """A session that only reads; it holds back no writer."""
        async with self._read_session() as session:
            yield session

    async def close(self) -> None:
        await self._writer.dispose()
        if self._reader is not self._writer:
            await self._reader.dispose()


def _driver_errors() -> tuple[type[Exception], ...]:
    """What asyncpg raises while connecting, which SQLAlchemy passes on as it is."""
    import asyncpg

    return asyncpg.PostgresError, asyncpg.InterfaceError


def _sqlite_engines(url: str, path: str | None) -> tuple[AsyncEngine, AsyncEngine]:
    if path:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    writer = create_async_engine(
        url,
        pool_size=1,
        max_overflow=0,
        hide_parameters=True,
        async_creator=lambda: inline.connect(path or ":memory:"),
    )
    reader = create_async_engine(url, pool_size=4, max_overflow=4, hide_parameters=True)
    event.listen(reader.sync_engine, "connect", _begin_by_hand)
    for engine, begin in ((writer, "BEGIN IMMEDIATE"), (reader, "BEGIN")):
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        event.listen(engine.sync_engine, "begin", _begin_with(begin))
    return writer, reader


def _begin_by_hand(connection: Any, _record: Any) -> None:
    """Python's module begins transactions by itself, and not always where it should."""
    connection.isolation_level = None


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", f"busy_timeout={BUSY_MS}", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_with(statement: str) -> Any:
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(statement)

    return begin
