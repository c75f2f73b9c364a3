"""The database's own clock, which all processes share: leases end by it."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession


async def database_time(session: AsyncSession) -> datetime:
    """Now, as the database sees it (to the millisecond on SQLite, the statement's start on PostgreSQL)."""
    if session.get_bind().dialect.name == "sqlite":
        text = await session.scalar(select(func.strftime("%Y-%m-%d %H:%M:%f", "now")))
        return datetime.fromisoformat(str(text)).replace(tzinfo=UTC)
    return (await session.scalar(select(func.statement_timestamp()))) or datetime.min.replace(tzinfo=UTC)
