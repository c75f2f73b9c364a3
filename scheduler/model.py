"""What a timed job is. There are two kinds: driven by rows that fall due, or by a timetable."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from bot.config import Settings
from bot.outgoing import Reply
from storage.uow import UnitOfWork

EVER = datetime(1970, 1, 2, tzinfo=UTC)
"""Before anything that a row may say."""

Chunk = tuple[list[Reply], bool]
"""What one transaction of a job has to say, and whether more is left to do at this instant."""

Run = Callable[[UnitOfWork, datetime, Settings, int], Awaitable[Chunk]]
"""Does what is due at that instant, for at most so many rows. A chunk leaves a trace in its rows: the next one goes on
from there, in whichever process it runs."""

NextAt = Callable[[UnitOfWork, datetime, Settings], Awaitable[datetime | None]]
"""The first instant after the given one at which a row falls due, if what is due by then has been done."""


@dataclass(frozen=True, slots=True)
class Due:
    """Driven by rows. `run` claims each by a change of its own state, so N processes handle it once."""

    name: str
    next_at: NextAt
    run: Run


class Timetable(Protocol):
    """When a job runs."""

    def get_next_fire_time(self, previous: None, now: datetime) -> datetime | None:
        """The first instant at `now` or after."""


@dataclass(frozen=True, slots=True)
class Cron:
    """Driven by a timetable. An instant is claimed by its `Firing`; of several missed ones only the latest runs.

    A missed instant is made up for only within `good_for`. `housekeeping` is nothing that anybody sees: a demo clock
    that is advanced does not stop for it.
    """

    name: str
    trigger: Timetable
    run: Run
    good_for: timedelta = timedelta(days=30)
    housekeeping: bool = False


Job = Due | Cron
Post = Callable[[AsyncSession, list[Reply], datetime], Awaitable[None]]
"""Writes what is to be delivered, in the transaction of the job."""
