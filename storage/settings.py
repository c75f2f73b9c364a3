"""Values of the installation that live in the database: the clock's offset, its own name, the key of its links."""

from __future__ import annotations

import secrets
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.inbox import insert_ignore
from storage.spine import Setting

_OFFSET, _INSTALL, _SIGNING = "clock_offset_s", "install", "signing_key"


async def get(session: AsyncSession, key: str) -> str | None:
    row = await session.get(Setting, key)
    return row.value if row else None


async def put(session: AsyncSession, key: str, value: str) -> None:
    await session.merge(Setting(key=key, value=value))


async def clock_offset(session: AsyncSession) -> timedelta:
    """How far business time is ahead of wall time; zero but in demos and tests."""
    return timedelta(seconds=float(await get(session, _OFFSET) or 0))


async def set_clock_offset(session: AsyncSession, offset: timedelta) -> None:
    await put(session, _OFFSET, repr(offset.total_seconds()))


async def install_id(session: AsyncSession) -> str:
    """What tells this database from others that serve the same app; made at the first call."""
    return await _made_once(session, _INSTALL, secrets.token_hex(4))


async def signing_key(session: AsyncSession) -> str:
    """What signs the links in chat, the same for all processes on this database; made at the first call."""
    return await _made_once(session, _SIGNING, secrets.token_hex(32))


async def forget_install(session: AsyncSession) -> None:
    """Take a new name at the next start."""
    await session.execute(delete(Setting).where(Setting.key == _INSTALL))


async def _made_once(session: AsyncSession, key: str, fresh: str) -> str:
    """The value that is there, else `fresh`: of several processes that start together, one makes it for all."""
    await session.execute(insert_ignore(session, Setting), [{"key": key, "value": fresh}])
    return (await session.scalars(select(Setting.value).where(Setting.key == key))).one()
