"""A database that goes away while running, and one that is behind."""

from __future__ import annotations

import asyncio
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy.exc import DBAPIError

from storage.db import Database
from storage.migrate import SchemaBehind, current, ensure_schema, latest, upgrade
from storage.tables import Base
from tests.spine.harness import running, send, text
from tests.spine.test_dispatch import echo


async def _switch(url: str, *, on: bool) -> None:
    server, _, name = url.replace("+asyncpg", "").rpartition("/")
    admin = await asyncpg.connect(f"{server}/test")
    await admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS {"true" if on else "false"}')
    if not on:
        await admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name)
    await admin.close()


@pytest.mark.postgres
async def test_a_database_that_goes_away_and_comes_back_loses_nothing(postgres_url: str, tmp_path: Path) -> None:
    db = Database(postgres_url)
    async with db.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with running(db, echo, tmp_path) as (app, platform):
        await send(app, text("1", "一"))
        await _switch(postgres_url, on=False)
        with pytest.raises((DBAPIError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError)):
            await app.intake.accept("fake", b"", [text("2", "二")])
        await asyncio.sleep(0.2)
        assert not all(app.health().values()), "readiness says that the workers cannot work"
        await _switch(postgres_url, on=True)
        await send(app, text("2", "二"))
        assert all(app.health().values())
    assert platform.texts() == ["一", "二"]
    await db.close()


async def test_the_migrations_make_the_tables_of_the_code(database_url: str) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext
    from sqlalchemy import Connection

    def differences(connection: Connection) -> list[object]:
        found: list[object] = compare_metadata(MigrationContext.configure(connection), Base.metadata)
        return found

    db = Database(database_url)
    assert await current(db) is None
    assert await upgrade(db) == latest()
    assert await upgrade(db) == latest(), "running it again changes nothing"
    async with db.engine.connect() as connection:
        assert await connection.run_sync(differences) == []
    await db.close()


async def test_sqlite_upgrades_itself(sqlite_url: str) -> None:
    db = Database(sqlite_url)
    await ensure_schema(db)
    assert await current(db) == latest()
    await db.close()


@pytest.mark.postgres
async def test_postgresql_asks_for_the_command(postgres_url: str) -> None:
    db = Database(postgres_url)
    with pytest.raises(SchemaBehind, match=r"main\.py migrate"):
        await ensure_schema(db)
    await db.close()
