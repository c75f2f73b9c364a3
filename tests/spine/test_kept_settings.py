"""Values that are made once for all processes."""

from __future__ import annotations

import asyncio

from storage import settings as kept
from storage.db import Database


async def test_who_starts_together_gets_the_same_key(database: Database) -> None:
    async def start() -> tuple[str, str]:
        async with database.write() as session:
            return await kept.install_id(session), await kept.signing_key(session)

    found = set(await asyncio.gather(*(start() for _ in range(8))))
    assert len(found) == 1
    assert (await start()) in found
    [(install, key)] = found
    assert (len(install), len(key)) == (8, 64)


async def test_a_restored_database_gets_another_name_and_keeps_its_key(database: Database) -> None:
    async with database.write() as session:
        before = await kept.install_id(session), await kept.signing_key(session)
        await kept.forget_install(session)
        assert await kept.install_id(session) != before[0]
        assert await kept.signing_key(session) == before[1]
