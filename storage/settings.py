"""Values of the installation that live in the database: the clock's offset, its own name."""

from __future__ import annotations

import secrets
from datetime import timedelta

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from storage.spine import Setting

_OFFSET, _INSTALL = "clock_offset_s", "install"


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
    known = await get(session, _INSTALL)
    if known is None:
        known = secrets.token_hex(4)
        await put(session, _INSTALL, known)
    return known


async def forget_install(session: AsyncSession) -> None:
    """Take a new name at the next start."""
    await session.execute(delete(Setting).where(Setting.key == _INSTALL))
