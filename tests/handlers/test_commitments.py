"""A promise counts down, warns its rep, and is heard of when it is broken."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cards.model import CardState, Severity
from storage.crm import Commitment
from storage.db import Database
from storage.uow import UnitOfWork
from tests.branch import Branch, at, fields_of

MONDAY = at("2026-03-02 10:00")
DEADLINE = at("2026-03-05 10:00")


@pytest.fixture
async def branch(database: Database) -> Branch:
    """wang promised on Monday: 72小时内给华昌发方案."""
    made = Branch(database)
    await made.open(MONDAY)
    await made.say("wang", "/promise 72小时内给华昌发方案", MONDAY)
    return made


async def _promise(branch: Branch) -> Commitment:
    async with branch.database.read() as session:
        found = await UnitOfWork(session).commitments.get(1)
    assert found is not None
    return found


def _late_for(branch: Branch, who: str) -> list[str]:
    """The late promises that somebody heard of."""
    return [card.title for card in branch.screens[who].cards.values() if card.title.startswith("承诺超时")]


async def test_it_is_kept_on_file_with_customer_and_deadline(branch: Branch) -> None:
    promise = await _promise(branch)
    assert (promise.due_at, promise.customer_id, promise.state) == (DEADLINE, branch.customer_id, "open")
    fields = fields_of(branch.card("wang", "commitment:")[1])
    assert (fields["客户"], fields["期限"], fields["倒计时"]) == ("华昌科技", "周四 3月5日 10:00", "还剩 3 天")


async def test_the_list_counts_down(branch: Branch) -> None:
    screen = await branch.say("wang", "/promise", DEADLINE - timedelta(hours=5))
    line = branch.card("wang", "promises:")[1].fields[0].value
    assert "还剩 5 小时" in line
    assert screen.cards
    await branch.say("chen", "/promise", DEADLINE + timedelta(minutes=5))
    card = branch.card("chen", "promises:")[1]
    assert card.severity is Severity.WARNING
    assert "王磊" in card.fields[0].value
    assert "已超时 5 分钟" in card.fields[0].value
    await branch.say("li", "/promise", MONDAY)
    assert branch.card("li", "promises:")[1].title == "没有未兑现的承诺"


async def test_the_rep_is_warned_two_hours_before_once(branch: Branch) -> None:
    runner = branch.runner(MONDAY)
    assert await runner.next_at(MONDAY) == at("2026-03-05 08:00")
    await branch.tick(at("2026-03-05 07:59"))
    assert branch.card("wang", "commitment:")[1].title.startswith("承诺：")
    assert await branch.tick(at("2026-03-05 08:00")) == 1
    card = branch.card("wang", "commitment:")[1]
    assert card.title.startswith("承诺快到期：")
    assert fields_of(card)["倒计时"] == "还剩 2 小时"
    assert await branch.tick(at("2026-03-05 08:01")) == 0


async def test_fifteen_minutes_after_the_deadline_the_manager_hears_of_it(branch: Branch) -> None:
    await branch.tick(at("2026-03-05 10:14"))
    assert not _late_for(branch, "chen")
    assert await branch.runner(MONDAY).next_at(at("2026-03-05 10:14")) == at("2026-03-05 10:15")
    await branch.tick(at("2026-03-05 10:15"))
    card = branch.card("chen", "alert:")[1]
    assert card.title.startswith("承诺超时：")
    assert card.severity is Severity.DANGER
    assert fields_of(card)["销售"] == "王磊"
    assert branch.card("wang", "commitment:")[1].title.startswith("承诺超时：")
    before = card
    await branch.tick(at("2026-03-05 10:30"))
    assert branch.card("chen", "alert:")[1] is before


async def test_kept_in_time_nobody_hears_anything(branch: Branch) -> None:
    subject = branch.card("wang", "commitment:")[0]
    assert await branch.click("wang", subject, "承诺已兑现", DEADLINE - timedelta(hours=3)) == "承诺已按时兑现"
    assert (await _promise(branch)).state == "kept"
    assert branch.screens["wang"].cards[subject].state is CardState.DONE
    await branch.tick(DEADLINE + timedelta(hours=1))
    assert not _late_for(branch, "chen")


async def test_kept_late_settles_the_managers_card(branch: Branch) -> None:
    await branch.tick(at("2026-03-05 10:15"))
    subject, card = branch.card("wang", "commitment:")
    told = await branch.click("wang", subject, "承诺已兑现", at("2026-03-05 10:20"))
    assert told == "承诺已兑现，迟了 20 分钟"
    assert (await _promise(branch)).state == "late"
    assert branch.card("chen", "alert:")[1].note == "王磊 已兑现 10:20"
    assert "不用再点了" in await branch.press("wang", card.buttons[0].action, at("2026-03-05 10:21"))


async def test_the_manager_can_remind_but_a_colleague_cannot_close_it(branch: Branch) -> None:
    await branch.tick(at("2026-03-05 10:15"))
    action = branch.card("wang", "commitment:")[1].buttons[0].action
    assert await branch.press("li", action, DEADLINE) == "这条承诺不在您名下。"
    subject = branch.card("chen", "alert:")[0]
    assert await branch.click("chen", subject, "提醒", at("2026-03-05 10:16")) == "已提醒王磊。"
    assert "承诺" in branch.screens["wang"].texts[-1]
    assert (await _promise(branch)).state == "open"


async def test_a_promise_in_a_note_is_watched_and_kept_by_its_to_do(database: Database) -> None:
    branch = Branch(database)
    await branch.open(MONDAY)
    await branch.say("wang", "刚拜访完华昌科技，答应72小时内给张总发新报价", MONDAY)
    assert (await _promise(branch)).due_at == DEADLINE
    await branch.tick(at("2026-03-05 10:15"))
    assert branch.card("chen", "alert:")[1].title.startswith("承诺超时：")
    await branch.say("wang", "/done 1", at("2026-03-05 10:40"))
    assert (await _promise(branch)).state == "late"
    assert branch.card("chen", "alert:")[1].note == "王磊 已兑现 10:40"


async def test_keeping_it_does_its_to_do(database: Database) -> None:
    branch = Branch(database)
    await branch.open(MONDAY)
    await branch.say("wang", "刚拜访完华昌科技，答应72小时内给张总发新报价", MONDAY)
    for time in ("2026-03-05 09:00", "2026-03-05 10:00"):
        await branch.tick(at(time))
    assert branch.card("wang", "todo:")[1].state is CardState.OPEN
    await branch.click("wang", branch.card("wang", "commitment:")[0], "承诺已兑现", at("2026-03-05 10:00"))
    card = branch.card("wang", "todo:")[1]
    assert (card.state, card.note) == (CardState.DONE, "王磊 已完成")


async def test_without_a_time_it_asks_for_one(branch: Branch) -> None:
    screen = await branch.say("wang", "/promise 给华昌发方案", MONDAY)
    assert screen.texts == ["请说清期限，例如：/promise 72小时内给华昌发方案"]
