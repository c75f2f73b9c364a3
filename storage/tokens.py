"""Access tokens of the platforms, one row each, shared by all processes of an installation."""

from __future__ import annotations

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from storage.spine import PlatformToken


async def load(session: AsyncSession, name: str) -> PlatformToken | None:
    """The token kept under `name`, fresh or not."""
    return await session.get(PlatformToken, name, populate_existing=True)


async def save(session: AsyncSession, name: str, value: str, expires_at: float) -> None:
    """Keep a token, replacing what was there."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    statement = insert(PlatformToken).values(name=name, value=value, expires_at=expires_at)
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["name"],
            set_={"value": statement.excluded.value, "expires_at": statement.excluded.expires_at},
        )
    )
