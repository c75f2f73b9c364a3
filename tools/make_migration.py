"""Write the next migration from the difference between the tables in the code and those of the last one.

Usage: python -m tools.make_migration "add a column". Read what it wrote before committing it.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from sqlalchemy import Connection

from storage.db import Database
from storage.migrate import VERSIONS, config, upgrade


def _autogenerate(connection: Connection, message: str) -> None:
    from alembic import command

    number = f"{len(list(VERSIONS.glob('[0-9]*.py'))) + 1:04d}"
    command.revision(config(connection), message, autogenerate=True, rev_id=number)


async def main(message: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite+aiosqlite:///{Path(folder) / 'empty.db'}")
        if list(VERSIONS.glob("[0-9]*.py")):
            await upgrade(database)
        async with database.engine.begin() as connection:
            await connection.run_sync(_autogenerate, message)
        await database.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
