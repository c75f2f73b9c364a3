"""The schema's version: SQLite is brought up to date at start, PostgreSQL by the `migrate` command."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from storage.db import Database

if TYPE_CHECKING:
    from alembic.config import Config

VERSIONS = Path(__file__).parent / "migrations" / "versions"


class SchemaBehind(Exception):
    """The database's tables are not those of this version of the product."""

    def __init__(self, found: str | None) -> None:
        super().__init__(f"数据库表结构版本是 {found or '空'}，需要 {latest()}：请先运行 main.py migrate")


def latest() -> str:
    """The newest revision, by the names of the migration files (`0001_first.py`)."""
    return max(path.stem for path in VERSIONS.glob("[0-9]*.py"))[:4]


async def ensure_schema(database: Database) -> None:
    """Upgrade SQLite where needed; raise `SchemaBehind` on a PostgreSQL that `migrate` has not seen."""
    found = await current(database)
    if found == latest():
        return
    if not database.is_sqlite:
        raise SchemaBehind(found)
    await upgrade(database)


async def current(database: Database) -> str | None:
    """The revision of the database; None when it is empty."""
    async with database.engine.connect() as connection:
        if not await connection.run_sync(lambda sync: inspect(sync).has_table("alembic_version")):
            return None
        row = (await connection.execute(text("SELECT version_num FROM alembic_version"))).one_or_none()
        return str(row[0]) if row else None


async def upgrade(database: Database) -> str:
    """Run all migrations that are missing, in one transaction. Returns the revision."""
    async with database.engine.begin() as connection:
        if not database.is_sqlite:
            await connection.execute(text("SELECT pg_advisory_xact_lock(7203001)"))
        await connection.run_sync(_upgrade)
    return latest()


def _upgrade(connection: Connection) -> None:
    from alembic import command

    command.upgrade(config(connection), "head")


def config(connection: Connection) -> Config:
    """Alembic's configuration on an open connection."""
    from alembic.config import Config

    made = Config()
    made.set_main_option("script_location", str(VERSIONS.parent))
    made.attributes["connection"] = connection
    return made
