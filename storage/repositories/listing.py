"""Pages of a table, by id, so that a list that grows meanwhile shows nothing twice and leaves nothing out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.crm import Customer, Lead, Todo
from storage.people import User

Listed = TypeVar("Listed", User, Customer, Lead, Todo)


async def page(
    session: AsyncSession, table: type[Listed], where: Sequence[ColumnElement[bool]], after: int, limit: int
) -> tuple[Sequence[Listed], int | None]:
    """At most `limit` rows whose id is above `after`, and the id to go on from when there are more."""
    wanted = select(table).where(table.id > after, *where).order_by(table.id).limit(limit + 1)
    rows = (await session.scalars(wanted)).all()
    return rows[:limit], rows[limit - 1].id if len(rows) > limit else None


async def one(
    session: AsyncSession, table: type[Listed], row_id: int, visible: ColumnElement[bool], *, lock: bool = False
) -> Listed | None:
    """The row, if it may be seen; `lock` keeps it from others until the transaction ends."""
    wanted = select(table).where(table.id == row_id, visible)
    return await session.scalar(wanted.with_for_update(of=table) if lock else wanted)
