"""Databases for the tests: a fresh SQLite file, and a fresh PostgreSQL database where a server answers."""

from __future__ import annotations

import asyncio
import os
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import hypothesis
import pytest

from storage.db import Database
from storage.tables import Base

# In CI the same examples each time, so that a run says something about the change; elsewhere new ones, to find more.
hypothesis.settings.register_profile("ci", derandomize=True, deadline=None)
hypothesis.settings.register_profile("dev", deadline=None)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "dev")

POSTGRES = os.environ.get("GENDAN_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/test")


async def _on_server(*statements: str) -> None:
    admin = await asyncpg.connect(POSTGRES, timeout=5)
    try:
        for statement in statements:
            await admin.execute(statement)
    finally:
        await admin.close()


@pytest.fixture(scope="session")
def postgres_database() -> Iterator[str]:
    """One PostgreSQL database for this test process, dropped at its end.

    Skips where no server answers, but fails in CI. Making a database takes a second or more, so tests share it.
    """
    name = f"gendan_{uuid.uuid4().hex[:12]}"
    try:
        asyncio.run(_on_server(f'CREATE DATABASE "{name}"'))
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"no PostgreSQL at {POSTGRES.rpartition('@')[2]}: {type(error).__name__}")
    yield name
    asyncio.run(_on_server(f'DROP DATABASE "{name}" WITH (FORCE)'))


@pytest.fixture
async def postgres_url(postgres_database: str) -> str:
    """An empty PostgreSQL database."""
    server = POSTGRES.partition("://")[2].rpartition("/")[0]
    leftover = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    fresh = await asyncpg.connect(f"postgresql://{server}/{postgres_database}", timeout=5)
    try:
        await fresh.execute(f"{leftover}; DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    finally:
        await fresh.close()
    return f"postgresql+asyncpg://{server}/{postgres_database}"


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite+aiosqlite:///{tmp_path / 'gendan.db'}"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    """Each test that asks for it runs on both databases."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An open database with all tables."""
    opened = Database(database_url)
    async with opened.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield opened
    await opened.close()
