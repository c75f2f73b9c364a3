"""Firings: the instants at which jobs have run. The row is the claim, so that N processes fire once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.inbox import insert_ignore
from storage.spine import Firing


async def last(session: AsyncSession, job: str, at: datetime) -> datetime | None:
    """The latest instant up to `at` that was claimed for the job."""
    wanted = select(func.max(Firing.scheduled_for)).where(Firing.job == job, Firing.scheduled_for <= at)
    return await session.scalar(wanted)


async def claim(session: AsyncSession, job: str, instant: datetime, now: datetime) -> bool:
    """Whether the instant is the caller's. Another claim under way is waited for."""
    row = insert_ignore(session, Firing).values(job=job, scheduled_for=instant, claimed_at=now)
    return await session.scalar(row.returning(Firing.job)) is not None


async def give_back(session: AsyncSession, job: str, instant: datetime) -> None:
    """Undo a claim of this transaction: there is more to do at that instant, for whoever claims it next."""
    await session.execute(delete(Firing).where(Firing.job == job, Firing.scheduled_for == instant))


async def forget(session: AsyncSession, before: datetime) -> None:
    """Remove old ones; a job's next firing needs only the latest."""
    await session.execute(delete(Firing).where(Firing.scheduled_for < before))
