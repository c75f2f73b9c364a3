"""Firing once, in any number of processes, after downtime, and in spite of trouble."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
from apscheduler.triggers.cron import CronTrigger
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.config import Settings
from bot.outgoing import Reply, SendText, ToUser
from scheduler.jobs import all_jobs
from scheduler.model import Chunk, Cron, Due, Job
from scheduler.runner import CHUNK, Runner, latest_firing
from storage.crm import Todo
from storage.db import Database
from storage.people import User
from storage.spine import Firing, Setting
from storage.uow import UnitOfWork
from tests.branch import ZONE, Branch, at

NOW = at("2026-03-05 10:00")
SETTINGS = Settings()
DAILY = CronTrigger(hour=9, timezone=ZONE)


class Fired:
    """A job that counts, and the posts that were committed with it."""

    def __init__(self) -> None:
        self.runs: list[datetime] = []
        self.posted = 0
        self.done = asyncio.Event()

    async def run(self, uow: UnitOfWork, now: datetime, settings: Settings, limit: int) -> Chunk:
        self.runs.append(now)
        self.done.set()
        return [SendText(ToUser(1), "ding")], False

    async def post(self, session: AsyncSession, replies: list[Reply], now: datetime) -> None:
        self.posted += len(replies)


def _runner(database: Database, jobs: list[Job], fired: Fired, now: datetime = NOW) -> Runner:
    return Runner(database, Clock(lambda: now), jobs, SETTINGS, fired.post, poll_s=0.05)


async def test_an_instant_fires_once(database: Database) -> None:
    fired = Fired()
    runner = _runner(database, [Cron("daily", DAILY, fired.run)], fired)
    assert await runner.run_due(at("2026-03-05 08:59")) == 0
    assert await runner.run_due(at("2026-03-05 09:00")) == 1
    assert await runner.run_due(at("2026-03-05 09:00")) == 0
    assert await runner.run_due(at("2026-03-05 23:00")) == 0
    assert await runner.run_due(at("2026-03-06 09:00")) == 1


async def test_after_a_week_down_only_the_latest_instant_fires(database: Database) -> None:
    fired = Fired()
    runner = _runner(database, [Cron("daily", DAILY, fired.run)], fired)
    await runner.run_due(at("2026-03-05 09:00"))
    assert await runner.run_due(at("2026-03-12 11:30")) == 1
    async with database.read() as session:
        instants = (await session.scalars(select(Firing.scheduled_for).order_by(Firing.scheduled_for))).all()
    assert [instant.astimezone(ZONE) for instant in instants] == [at("2026-03-05 09:00"), at("2026-03-12 09:00")]


async def test_a_new_installation_makes_up_for_this_morning_but_not_for_yesterday(database: Database) -> None:
    fired = Fired()
    runner = _runner(database, [Cron("daily", DAILY, fired.run)], fired)
    assert await runner.run_due(at("2026-03-05 08:00")) == 0
    other = _runner(database, [Cron("other", DAILY, fired.run)], fired)
    assert await other.run_due(at("2026-03-05 12:00")) == 1


async def test_what_is_too_old_is_not_made_up_for(database: Database) -> None:
    fired = Fired()
    job = Cron("daily", DAILY, fired.run, good_for=timedelta(hours=2))
    runner = _runner(database, [job], fired)
    await runner.run_due(at("2026-03-05 09:00"))
    assert await runner.run_due(at("2026-03-06 12:00")) == 0
    assert await runner.run_due(at("2026-03-07 10:59")) == 1


async def test_the_next_instant_skips_housekeeping(database: Database) -> None:
    fired = Fired()
    minutely = Cron("seal", CronTrigger(minute="*", timezone=ZONE), fired.run, housekeeping=True)
    assert await _runner(database, [minutely], fired).next_at(NOW) is None
    runner = _runner(database, [minutely, Cron("daily", DAILY, fired.run)], fired)
    assert await runner.next_at(NOW) == at("2026-03-06 09:00")
    assert await runner.next_at(at("2026-03-06 09:00")) == at("2026-03-07 09:00")
    assert await runner.next_at(at("2026-03-06 08:59")) == at("2026-03-06 09:00")
    assert await runner.run_due(NOW) == 2


async def _counted(uow: UnitOfWork, now: datetime, settings: Settings, limit: int) -> Chunk:
    """Ten chunks in all, counted in the database."""
    row = await uow.session.get(Setting, "chunks")
    done = int(row.value) + 1 if row else 1
    await uow.session.merge(Setting(key="chunks", value=str(done)))
    return [SendText(ToUser(1), "ding")], done < 10


async def test_a_long_run_goes_on_where_it_was_cut_off(database: Database) -> None:
    fired = Fired()
    runner = _runner(database, [Cron("long", DAILY, _counted)], fired)

    async def power_cut(session: AsyncSession, replies: list[Reply], now: datetime) -> None:
        fired.posted += 1
        if fired.posted == 4:
            raise RuntimeError("power cut")

    cut = Runner(database, Clock(lambda: NOW), [Cron("long", DAILY, _counted)], SETTINGS, power_cut)
    assert await cut.run_due(NOW) == 0
    assert not cut.healthy
    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(Firing)) == 0
    assert await runner.run_due(NOW) == 7
    async with database.read() as session:
        chunks = await session.get(Setting, "chunks")
        assert await session.scalar(select(func.count()).select_from(Firing)) == 1
    assert chunks is not None
    assert chunks.value == "10"


async def test_a_job_that_fails_keeps_none_of_the_others_back(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    fired = Fired()

    async def broken(uow: UnitOfWork, now: datetime, settings: Settings, limit: int) -> Chunk:
        raise LookupError("a bug")

    runner = _runner(database, [Cron("broken", DAILY, broken), Cron("fine", DAILY, fired.run)], fired)
    with caplog.at_level(logging.CRITICAL, logger="scheduler.runner"):
        assert await runner.run_due(NOW) == 1
        assert not runner.healthy
        assert await runner.run_due(NOW) == 0
    async with database.read() as session:
        assert (await session.scalars(select(Firing.job))).all() == ["fine"]


async def test_named_jobs_run_whether_their_time_has_come_or_not(database: Database) -> None:
    fired = Fired()
    runner = _runner(database, [Cron("daily", DAILY, fired.run)], fired)
    assert await runner.run_named(at("2026-03-04 17:00"), ["daily"]) == 1
    with pytest.raises(KeyError):
        await runner.run_named(NOW, ["nothing"])


async def test_the_loop_fires_what_comes_up_and_stops(database: Database) -> None:
    fired = Fired()
    start = asyncio.get_running_loop().time()

    def clock() -> datetime:
        return at("2026-03-05 08:59") + timedelta(seconds=59.8 + asyncio.get_running_loop().time() - start)

    runner = Runner(database, Clock(clock), [Cron("daily", DAILY, fired.run)], SETTINGS, fired.post, poll_s=5)
    task = asyncio.create_task(runner.run())
    async with asyncio.timeout(4):
        await fired.done.wait()
        runner.stop()
        await task
    assert fired.runs[0] >= at("2026-03-05 09:00")
    assert runner.healthy


async def test_the_loop_outlives_a_database_that_goes_away(database: Database) -> None:
    fired = Fired()

    async def flaky(uow: UnitOfWork, now: datetime, settings: Settings, limit: int) -> Chunk:
        fired.runs.append(now)
        if len(fired.runs) < 3:
            raise ConnectionResetError
        fired.done.set()
        return [], False

    runner = _runner(database, [Cron("flaky", DAILY, flaky)], fired)
    task = asyncio.create_task(runner.run())
    async with asyncio.timeout(5):
        await fired.done.wait()
        runner.stop()
        await task
    assert len(fired.runs) == 3
    assert runner.healthy


@pytest.fixture
async def pair(postgres_url: str, database: Database) -> AsyncIterator[tuple[Database, Database]]:
    """Two processes' connections to one PostgreSQL database."""
    other = Database(database.url.render_as_string(hide_password=False))
    yield database, other
    await other.close()


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_two_processes_fire_a_timetable_once(pair: tuple[Database, Database]) -> None:
    fired = Fired()
    jobs: list[Job] = [*(Cron(f"job{n}", DAILY, fired.run) for n in range(20)), Cron("long", DAILY, _counted)]
    counts = await asyncio.gather(*(_runner(database, jobs, fired).run_due(NOW) for database in pair for _ in range(3)))
    assert sum(counts) == 30
    assert len(fired.runs) == 20


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_two_processes_ring_each_to_do_once(pair: tuple[Database, Database]) -> None:
    branch = Branch(pair[0])
    await branch.open(NOW)
    async with pair[0].write() as session:
        session.add_all(
            Todo(title=f"待办{n}", assignee_id=branch.ids["wang"], remind_at=NOW, created_at=NOW)
            for n in range(3 * CHUNK + 5)
        )
    shown: list[str] = []

    async def post(session: AsyncSession, replies: list[Reply], now: datetime) -> None:
        await branch.post(session, replies, now)
        shown.extend(reply.subject for reply in replies if hasattr(reply, "subject"))

    jobs = [job for job in all_jobs(SETTINGS) if isinstance(job, Due)]
    runners = [Runner(database, Clock(lambda: NOW), jobs, SETTINGS, post) for database in pair]
    assert sum(await asyncio.gather(*(runner.run_due(NOW) for runner in runners))) == 3 * CHUNK + 5
    assert len(set(shown)) == len(shown) == 3 * CHUNK + 5


async def test_a_to_do_rings_at_its_time(database: Database) -> None:
    branch = Branch(database)
    await branch.open(NOW)
    async with database.write() as session:
        wang = await session.get(User, branch.ids["wang"])
        assert wang is not None
        due = NOW + timedelta(hours=1)
        session.add(Todo(title="发报价", assignee_id=wang.id, due_at=due, remind_at=due, created_at=NOW))
    assert await branch.runner(NOW).next_at(NOW) == NOW + timedelta(hours=1)
    assert await branch.tick(NOW + timedelta(minutes=59)) == 0
    assert await branch.tick(NOW + timedelta(minutes=60)) == 1
    assert await branch.tick(NOW + timedelta(minutes=61)) == 0
    assert branch.card("wang", "todo:")[1].title == "待办提醒：发报价"


@pytest.mark.parametrize(
    ("after", "until", "expected"),
    [
        ("2026-03-05 08:00", "2026-03-05 10:00", "2026-03-05 09:00"),
        ("2026-03-05 09:00", "2026-03-05 10:00", None),
        ("2026-03-05 08:59", "2026-03-05 09:00", "2026-03-05 09:00"),
        ("2025-09-01 09:00", "2026-03-05 08:00", "2026-03-04 09:00"),
        ("2026-03-05 10:00", "2026-03-05 09:30", None),
    ],
)
def test_the_latest_firing_lies_after_and_not_later(after: str, until: str, expected: str | None) -> None:
    assert latest_firing(DAILY, at(after), at(until)) == (at(expected) if expected else None)
