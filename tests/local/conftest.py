"""A database with the demo's people in it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage.db import Database
from storage.tables import Base
from tests.local.harness import Messenger, populate, running


@pytest.fixture
async def peopled(database: Database) -> Database:
    """On both databases."""
    await populate(database)
    return database


@pytest.fixture
async def messenger(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Messenger]:
    """A running demo whose bot is silent."""
    database = Database(sqlite_url)
    async with database.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    await populate(database)
    async with running(database, tmp_path) as found:
        yield found
    await database.close()
