"""What waits for working days, what is warned of before the night, and what comes again."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from cards.model import Severity
from storage.crm import Alert, Customer
from storage.db import Database
from storage.uow import UnitOfWork
from tests.branch import Branch, at

WEDNESDAY = at("2026-03-04 10:00")


@pytest.fixture
async def branch(database: Database) -> Branch:
    made = Branch(database)
    await made.open(WEDNESDAY)
    return made


async def _pass_time(branch: Branch, since: datetime, until: datetime) -> list[datetime]:
    """Fire as a clock would that stops at every instant with something to do; those at which something was sent."""
    runner, now, fired = branch.runner(since), since, []
    while (instant := await runner.next_at(now)) is not None and instant <= until:
        now = instant
        if await branch.tick(now):
            fired.append(now)
    return fired


async def _promise(branch: Branch, made_at: datetime, due_at: datetime) -> None:
    async with branch.database.write() as session:
        await UnitOfWork(session).commitments.add(
            user_id=branch.ids["wang"], title="发方案", due_at=due_at, now=made_at, customer_id=branch.customer_id
        )


# --- promises ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("due", "warned"),
    [
        ("2026-03-04 22:00", "2026-03-04 20:00"),
        ("2026-03-04 23:00", "2026-03-04 20:59"),
        ("2026-03-05 07:30", "2026-03-04 20:59"),
        ("2026-03-05 08:00", "2026-03-04 20:59"),
        ("2026-03-05 08:30", "2026-03-05 08:00"),
        ("2026-03-05 11:00", "2026-03-05 09:00"),
    ],
)
async def test_a_promise_is_warned_of_outside_the_night_and_in_time(branch: Branch, due: str, warned: str) -> None:
    await _promise(branch, WEDNESDAY, at(due))
    assert await _pass_time(branch, WEDNESDAY, at(due)) == [at(warned)]
    assert branch.card("wang", "commitment:")[1].title == "承诺快到期：发方案"


async def test_what_was_promised_in_the_night_for_the_night_is_not_warned_of(branch: Branch) -> None:
    await _promise(branch, at("2026-03-04 22:00"), at("2026-03-05 07:30"))
    assert await _pass_time(branch, at("2026-03-04 22:00"), at("2026-03-05 07:44")) == []


async def test_a_broken_promise_is_heard_of_on_a_sunday_night(branch: Branch) -> None:
    await _promise(branch, WEDNESDAY, at("2026-03-08 22:00"))
    await branch.tick(at("2026-03-08 22:15"))
    assert branch.card("chen", "alert:")[1].severity is Severity.DANGER


async def test_a_deadline_moved_into_the_past_leaves_time_to_explain(branch: Branch) -> None:
    await branch.say("wang", "答应华昌科技周五下午三点前给报价", WEDNESDAY)
    await branch.say("wang", "不对，是昨天下午三点", WEDNESDAY)
    assert await _pass_time(branch, WEDNESDAY, WEDNESDAY + timedelta(minutes=14)) == []
    assert not branch.screens["chen"].cards
    assert await _pass_time(branch, WEDNESDAY, WEDNESDAY + timedelta(minutes=16)) == [
        WEDNESDAY + timedelta(minutes=15)
    ]
    assert branch.card("chen", "alert:")[1].title.startswith("承诺超时")


# --- overdue steps -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("due", "heard"),
    [
        ("2026-03-06 20:00", "2026-03-06 20:00"),
        ("2026-03-06 22:00", "2026-03-09 08:00"),
        ("2026-03-08 10:00", "2026-03-09 08:00"),
        ("2026-10-01 10:00", "2026-10-08 08:00"),
        ("2026-02-14 10:00", "2026-02-14 10:00"),
    ],
)
async def test_an_overdue_step_waits_for_a_working_day(database: Database, due: str, heard: str) -> None:
    """14 February 2026 is a Saturday on which China works."""
    branch = Branch(database)
    await branch.open(at(due))
    await branch.lead_with_step("wang", at(due))
    runner = branch.runner(at(due))
    before = at(due) - timedelta(minutes=1)
    async with database.write() as session:
        for rep in ("wang", "li", "xu"):
            for week in range(-1, 3):
                monday = at(due).date() - timedelta(days=at(due).weekday()) + timedelta(weeks=week)
                await UnitOfWork(session).forecasts.ask(branch.ids[rep], monday, before)
    while (instant := await runner.next_at(before)) is not None and not branch.screens["chen"].cards:
        before = instant
        await branch.tick(instant)
    assert before == at(heard)


async def test_a_step_that_stays_open_after_a_reminder_is_alerted_of_again(branch: Branch) -> None:
    await branch.lead_with_step("wang", WEDNESDAY)
    await branch.tick(WEDNESDAY)
    await branch.click("chen", "alert:1", "提醒", WEDNESDAY + timedelta(hours=1))
    assert await _pass_time(branch, WEDNESDAY, at("2026-03-05 14:59")) == []
    fired = await _pass_time(branch, at("2026-03-05 15:00"), at("2026-03-10 20:00"))
    assert fired == [at("2026-03-06 11:00")], "48 hours later, once"
    subject, card = branch.card("chen", "alert:")
    assert (subject, card.title) == ("alert:2", "跟进逾期：华昌科技")
    await branch.click("chen", subject, "提醒", at("2026-03-06 11:00"))
    fired = await _pass_time(branch, at("2026-03-06 11:00"), at("2026-03-11 20:00"))
    assert fired == [at("2026-03-09 08:00")], "48 hours later is a Sunday"
    async with branch.database.read() as session:
        assert len((await session.scalars(select(Alert.id))).all()) == 3


@pytest.mark.parametrize("decision", ["忽略", "延到下周三", "提醒他"])
async def test_only_a_reminder_without_effect_comes_again(branch: Branch, decision: str) -> None:
    await branch.lead_with_step("wang", WEDNESDAY)
    await branch.tick(WEDNESDAY)
    await branch.say("chen", decision, WEDNESDAY)
    if decision == "提醒他":
        await branch.say("wang", "刚拜访完华昌科技，给张总做了方案演示", WEDNESDAY)
    fired = await _pass_time(branch, at("2026-03-05 15:00"), at("2026-03-06 20:00"))
    assert fired == []


async def test_a_managers_own_step_is_the_directors_to_decide(branch: Branch) -> None:
    async with branch.database.write() as session:
        (await session.scalars(select(Customer))).one().owner_id = branch.ids["chen"]
    await branch.lead_with_step("chen", WEDNESDAY)
    await branch.tick(WEDNESDAY)
    assert branch.card("zhao", "alert:")[1].title == "跟进逾期：华昌科技"
    assert not branch.screens["chen"].cards


# --- the weekly forecast -----------------------------------------------------------------------------------------


async def test_the_forecast_is_asked_for_before_a_holiday(database: Database) -> None:
    """1 October 2026 is a Thursday; the week after has no working day by Thursday but the 8th."""
    branch = Branch(database)
    await branch.open(at("2026-09-28 09:00"))
    fired = await _pass_time(branch, at("2026-09-28 09:00"), at("2026-10-16 09:00"))
    assert fired == [at("2026-09-30 15:00"), at("2026-10-08 15:00"), at("2026-10-15 15:00")]


async def test_a_week_without_a_working_day_is_left_out(database: Database) -> None:
    """All of 16 to 20 February 2026 is Spring Festival."""
    branch = Branch(database)
    await branch.open(at("2026-02-09 09:00"))
    fired = await _pass_time(branch, at("2026-02-09 09:00"), at("2026-02-27 09:00"))
    assert fired == [at("2026-02-12 15:00"), at("2026-02-26 15:00")]
