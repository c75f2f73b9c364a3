"""The weekly forecast: asked on Thursday, given by card or in words, summed up for the manager."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from cards.model import CardState
from storage.crm import Forecast, Opportunity
from storage.db import Database
from tests.branch import Branch, at, fields_of

THURSDAY = at("2026-03-05 15:00")
WEEK = date(2026, 3, 2)


@pytest.fixture
async def branch(database: Database) -> Branch:
    """wang has two open deals and one that is won."""
    made = Branch(database)
    await made.open(at("2026-03-02 09:00"))
    async with database.write() as session:
        for title, amount, stage, state in (
            ("一期", 800_000, "closing_prep", "open"),
            ("二期", 400_000, "needs_confirmed", "open"),
            ("备件", 900_000, "closing_prep", "won"),
        ):
            session.add(
                Opportunity(
                    customer_id=made.customer_id, owner_id=made.ids["wang"], title=title, amount=Decimal(amount),
                    stage=stage, state=state, created_at=at("2026-03-01 09:00"),
                )
            )  # fmt: skip
    return made


async def _rows(branch: Branch) -> dict[int, Forecast]:
    async with branch.database.read() as session:
        return {row.user_id: row for row in await session.scalars(select(Forecast))}


async def test_each_rep_is_asked_on_thursday_once(branch: Branch) -> None:
    assert await branch.runner(THURSDAY).next_at(at("2026-03-05 14:00")) == THURSDAY
    assert await branch.tick(at("2026-03-05 14:59")) == 0
    assert await branch.tick(THURSDAY) == 3
    assert await branch.tick(at("2026-03-05 15:01")) == 0
    card = branch.card("wang", "forecast:")[1]
    assert card.title == "本周预测（2026-W10）"
    assert fields_of(card) == {"在谈商机": "2 个，共 120万元", "加权预测": "78万元"}
    assert [item.name for item in card.inputs] == ["expected", "commit"]
    assert not branch.screens["chen"].cards


async def test_the_card_takes_numbers(branch: Branch) -> None:
    await branch.tick(THURSDAY)
    subject = branch.card("wang", "forecast:")[0]
    assert "还多" in await branch.click("wang", subject, "提交预测", THURSDAY, expected="60", commit="80")
    assert "没看懂" in await branch.click("wang", subject, "提交预测", THURSDAY, expected="很多")
    assert await branch.click("wang", subject, "提交预测", THURSDAY) == "先填上金额再提交。"
    assert await branch.click("wang", subject, "提交预测", THURSDAY, expected="80", commit="60.5") == "已提交，谢谢！"
    row = (await _rows(branch))[branch.ids["wang"]]
    assert (row.week, row.expected, row.commit) == (WEEK, Decimal(800_000), Decimal(605_000))
    card = branch.screens["wang"].cards[subject]
    assert card.state is CardState.DONE
    assert fields_of(card)["预计签约"] == "80万元"


async def test_last_weeks_card_is_refused(branch: Branch) -> None:
    await branch.tick(THURSDAY)
    subject = branch.card("wang", "forecast:")[0]
    told = await branch.click("wang", subject, "提交预测", at("2026-03-09 09:00"), expected="80")
    assert told == "这是以前那一周的卡片，本周请发 /forecast。"
    assert (await _rows(branch))[branch.ids["wang"]].expected is None


async def test_words_do_as_well_and_the_manager_sees_the_sums(branch: Branch) -> None:
    screen = await branch.say("wang", "/forecast 80万 五十万", THURSDAY)
    assert screen.texts == ["已记下本周预测：预计 80万元，确保签约 50万元。"]
    await branch.say("li", "/预测 1200000", THURSDAY)
    await branch.say("chen", "/forecast", THURSDAY)
    fields = fields_of(branch.card("chen", "forecast:team:")[1])
    assert fields["王磊"] == "预计 80万元 · 确保签约 50万元 · 加权 78万元"
    assert fields["徐静"] == "预计 未填 · 确保签约 未填 · 加权 0万元"
    assert (fields["合计预计"], fields["合计确保签约"]) == ("200万元", "50万元")
    await branch.say("wang", "/forecast 90万", THURSDAY)
    row = (await _rows(branch))[branch.ids["wang"]]
    assert (row.expected, row.commit) == (Decimal(900_000), Decimal(500_000))


async def test_who_gave_it_already_is_not_asked(branch: Branch) -> None:
    await branch.say("wang", "/forecast 80万", at("2026-03-03 09:00"))
    assert await branch.tick(THURSDAY) == 2
    assert "forecast:" not in "".join(branch.screens["wang"].cards)


async def test_a_missed_thursday_is_made_up_for_within_the_week_only(branch: Branch) -> None:
    assert await branch.tick(at("2026-03-05 09:00")) == 0
    assert await branch.tick(at("2026-03-07 09:00")) == 0  # nothing ran before: no past to make up for
    await branch.tick(at("2026-03-12 15:00"))
    assert await branch.tick(at("2026-03-20 10:00")) == 3
    assert await branch.tick(at("2026-04-06 10:00")) == 0


async def test_nonsense_is_explained(branch: Branch) -> None:
    screen = await branch.say("wang", "/forecast 不知道", THURSDAY)
    assert screen.texts[0].startswith("没看懂金额")


async def test_negative_numbers_are_refused(branch: Branch) -> None:
    await branch.tick(THURSDAY)
    for words in ("-5 3", "5 －3", "负五万"):
        screen = await branch.say("wang", f"/forecast {words}", THURSDAY)
        assert screen.texts[-1].startswith("金额不能是负数"), words
    subject = branch.card("wang", "forecast:")[0]
    assert "负数" in await branch.click("wang", subject, "提交预测", THURSDAY, expected="80", commit="-1")
    assert (await _rows(branch))[branch.ids["wang"]].expected is None


async def test_all_sums_are_in_one_unit(branch: Branch) -> None:
    screen = await branch.say("wang", "/forecast 12500万 85123元", THURSDAY)
    assert screen.texts == ["已记下本周预测：预计 12500万元，确保签约 8.51万元。"]


async def test_neither_number_may_make_the_two_disagree(branch: Branch) -> None:
    await branch.say("wang", "/forecast 100万 90万", THURSDAY)
    screen = await branch.say("wang", "/forecast 80万", THURSDAY)
    assert screen.texts[-1].startswith("确保签约（90万元）比预计签约（80万元）还多")
    row = (await _rows(branch))[branch.ids["wang"]]
    assert (row.expected, row.commit) == (Decimal(1_000_000), Decimal(900_000))
    await branch.say("wang", "/forecast 80万 80万", THURSDAY)
    row = (await _rows(branch))[branch.ids["wang"]]
    assert (row.expected, row.commit) == (Decimal(800_000), Decimal(800_000))
