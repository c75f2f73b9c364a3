"""Fires the jobs: claims what is due, runs it in short transactions, and sleeps until there is more."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.config import Settings
from bot.metrics import JOBS
from bot.outgoing import Reply
from scheduler.model import EVER, Cron, Due, Job, Post, Timetable
from storage import firings
from storage.db import Database
from storage.uow import UnitOfWork

log = logging.getLogger(__name__)

CHUNK = 10
REST_S = 30
_TICK = timedelta(microseconds=1)
_LOOK_BACK = (timedelta(hours=2), timedelta(days=2), timedelta(days=400))


class Runner:
    """Runs `jobs` until `stop`. Any number of processes may do so on one database.

    `post` writes replies to the outbox in the job's transaction. `poll_s` bounds the sleep, in seconds: rows that
    another process wrote are seen no later. `healthy`: the last round was without trouble.
    """

    def __init__(
        self, db: Database, clock: Clock, jobs: Sequence[Job], settings: Settings, post: Post, *, poll_s: float = 2
    ) -> None:
        self._db = db
        self._clock = clock
        self._jobs = jobs
        self._settings = settings
        self._post = post
        self._poll_s = poll_s
        self._zone = ZoneInfo(settings.timezone)
        self._resting: dict[str, float] = {}
        self._stopping = asyncio.Event()
        self.healthy = False

    @property
    def names(self) -> list[str]:
        """What the jobs are called."""
        return [job.name for job in self._jobs]

    def stop(self) -> None:
        """End after the round at hand."""
        self._stopping.set()

    async def run(self) -> None:
        """Fire what falls due, until `stop`. Trouble with the database is outlived."""
        while not self._stopping.is_set():
            try:
                async with asyncio.timeout(await self._round()):
                    await self._stopping.wait()
            except TimeoutError:
                continue

    async def _round(self) -> float:
        """Fire what is due; the seconds to sleep."""
        try:
            now = self._clock.now()
            await self.run_due(now)
            upcoming = await self.next_at(now)
        except self._db.trouble as error:
            self.healthy = False
            log.warning("database trouble in the scheduler, trying again: %s", type(error).__name__)
            return self._poll_s
        if upcoming is None:
            return self._poll_s
        return min(max((upcoming - self._clock.now()).total_seconds(), 0), self._poll_s)

    async def run_due(self, at: datetime) -> int:
        """Fire all that is due at `at`; how many messages came of it.

        A job that fails keeps none of the others back; it is tried again after `REST_S` seconds.
        """
        local, clock = at.astimezone(self._zone), asyncio.get_running_loop().time()
        self._resting = {name: until for name, until in self._resting.items() if until > clock}
        said = sum([await self._guarded(job, local) for job in self._jobs if job.name not in self._resting])
        self.healthy = not self._resting
        return said

    async def run_named(self, at: datetime, names: Collection[str]) -> int:
        """Run these jobs as of `at`, a timetable's whether its time has come or not. Raises `KeyError`."""
        known = {job.name: job for job in self._jobs}
        wanted = [known[name] for name in names]
        local = at.astimezone(self._zone)
        return sum([await self._run(job, local, local) for job in wanted])

    async def next_at(self, after: datetime) -> datetime | None:
        """The next instant after `after` at which a job has something to do for somebody."""
        local = after.astimezone(self._zone)
        async with self._db.read() as session:
            instants = [await self._next(session, job, local) for job in self._jobs]
        return min((instant for instant in instants if instant is not None), default=None)

    async def _next(self, session: AsyncSession, job: Job, after: datetime) -> datetime | None:
        if isinstance(job, Due):
            return await job.next_at(UnitOfWork(session), after, self._settings)
        return None if job.housekeeping else next_firing(job.trigger, after)

    async def _guarded(self, job: Job, at: datetime) -> int:
        try:
            instant = await self._due(job, at)
            return await self._run(job, at, instant) if instant is not None else 0
        except Exception as error:  # whatever one job did wrong, the others run
            if self._db.is_away(error):
                raise
            self._resting[job.name] = asyncio.get_running_loop().time() + REST_S
            JOBS.labels(job.name, "failed").inc()
            log.error("job %s failed: %s", job.name, type(error).__name__, exc_info=error)
            return 0

    async def _due(self, job: Job, at: datetime) -> datetime | None:
        """The instant the job is to run for, if it has anything to do at `at`."""
        async with self._db.read() as session:
            if isinstance(job, Due):
                first = await job.next_at(UnitOfWork(session), EVER.astimezone(at.tzinfo), self._settings)
                return at if first is not None and first <= at else None
            last = await firings.last(session, job.name, at)
        # A job that never ran looks back to the morning: a new installation does not make up for the past.
        since = last or at.replace(hour=0, minute=0, second=0, microsecond=0) - _TICK
        return latest_firing(job.trigger, max(since, at - job.good_for), at)

    async def _run(self, job: Job, at: datetime, instant: datetime) -> int:
        said, more = 0, True
        while more:
            replies, more = await self._chunk(job, at, instant)
            said += len(replies)
        return said

    async def _chunk(self, job: Job, at: datetime, instant: datetime) -> tuple[list[Reply], bool]:
        """One transaction: claim, run, write what is to be sent."""
        async with self._db.write() as session:
            if isinstance(job, Cron) and not await firings.claim(session, job.name, instant, at):
                return [], False
            replies, more = await job.run(UnitOfWork(session), at, self._settings, CHUNK)
            await self._post(session, replies, at)
            if isinstance(job, Cron) and more:
                await firings.give_back(session, job.name, instant)
        JOBS.labels(job.name, "done").inc()
        return replies, more


def next_firing(trigger: Timetable, after: datetime) -> datetime | None:
    """The first instant of a timetable that lies after `after`."""
    return trigger.get_next_fire_time(None, after + _TICK)


def latest_firing(trigger: Timetable, after: datetime, at: datetime) -> datetime | None:
    """The last instant of a timetable in (after, at]; None if there is none.

    A timetable tells only what comes next, so the search begins shortly before `at` and goes back from there.
    """
    for window in _LOOK_BACK:
        start, found = max(after, at - window), None
        instant = next_firing(trigger, start)
        while instant is not None and instant <= at:
            found, instant = instant, next_firing(trigger, instant)
        if found is not None or start == after:
            return found
    return None
