"""Which alert a manager's words decide, and which words decide none."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update

from cards.model import CardState
from storage.crm import Alert, Customer, Lead, Step
from storage.db import Database
from storage.people import Team
from tests.branch import Branch, at

DUE = at("2026-03-05 10:00")
NOW = at("2026-03-05 10:32")


@pytest.fixture
async def branch(database: Database) -> Branch:
    """wang's step at 华昌科技 is overdue and chen has the card; 恒瑞机械 is a customer as well."""
    made = Branch(database)
    await made.open(DUE)
    async with database.write() as session:
        first = (await session.scalars(select(Customer))).one()
        session.add(Customer(name="恒瑞机械", owner_id=first.owner_id, team_id=first.team_id, created_at=DUE))
    await made.lead_with_step("wang", DUE)
    await made.tick(DUE)
    return made


async def _open(branch: Branch) -> list[int]:
    async with branch.database.read() as session:
        return list((await session.scalars(select(Alert.id).where(Alert.state == "open").order_by(Alert.id))).all())


async def test_words_decide_the_alert_of_the_last_card_here_and_no_other(branch: Branch) -> None:
    """A director has a card of team East, which has no manager; team West's newer alert is with its own."""
    async with branch.database.write() as session:
        await session.execute(update(Team).where(Team.name == "华东").values(manager_id=None))
    await branch.lead_with_step("xu", NOW)
    await branch.tick(NOW)
    async with branch.database.write() as session:
        await session.execute(update(Alert).where(Alert.id == 1).values(team_id=2))
    await branch.lead_with_step("li", NOW + timedelta(minutes=1))
    async with branch.database.write() as session:
        west = select(Team.id).where(Team.name == "华西").scalar_subquery()
        await session.execute(update(Lead).where(Lead.id == 3).values(owner_id=branch.ids["feng"], team_id=west))
        await session.execute(update(Step).where(Step.lead_id == 3).values(owner_id=branch.ids["li"]))
    assert branch.card("zhao", "alert:")[0] == "alert:2"
    await branch.tick(NOW + timedelta(minutes=1))
    assert branch.card("feng", "alert:")[0] == "alert:3"
    await branch.say("zhao", "忽略", NOW + timedelta(minutes=2))
    assert await _open(branch) == [1, 3]


async def test_an_older_card_that_changed_is_not_the_last_one(branch: Branch) -> None:
    await branch.lead_with_step("xu", NOW)
    await branch.tick(NOW)
    await branch.click("chen", "alert:1", "忽略", NOW)
    await branch.say("chen", "提醒他", NOW)
    assert await _open(branch) == []
    assert branch.screens["chen"].cards["alert:2"].note == "陈刚 已提醒 徐静 10:32"


async def test_what_is_decided_already_says_so_but_politeness_is_let_be(branch: Branch) -> None:
    await branch.click("chen", "alert:1", "忽略", NOW)
    screen = await branch.say("chen", "延到周五", NOW)
    assert screen.texts == ["已经处理过了：陈刚 已忽略 10:32"]
    await branch.say("chen", "好的", NOW)
    assert "已经处理过了" not in branch.screens["chen"].texts[1:]


@pytest.mark.parametrize(
    "text",
    [
        "提醒张总周五付款", "催一下恒瑞机械的回款", "恒瑞机械那边先不用管", "提醒徐静", "提醒他周五前交报价",
        "提醒大家交周报", "恒瑞机械延到周五", "催一下尾款",
    ],
)  # fmt: skip
async def test_a_note_of_the_managers_own_is_no_decision(branch: Branch, text: str) -> None:
    await branch.say("chen", text, NOW)
    assert await _open(branch) == [1]
    assert not branch.screens["wang"].texts


@pytest.mark.parametrize(
    "text",
    [
        "提醒王磊尽快联系客户", "华昌催一下", "让他赶紧做方案演示", "客户着急，催一下他", "再催一次",
        "华昌科技先不用管", "让李明跟进", "催催小王",
    ],
)  # fmt: skip
async def test_words_on_the_work_at_hand_decide_it(branch: Branch, text: str) -> None:
    await branch.say("chen", text, NOW)
    assert await _open(branch) == []


async def test_a_step_that_is_gone_is_said_to_be(branch: Branch) -> None:
    subject, card = branch.card("chen", "alert:")
    async with branch.database.write() as session:
        await session.execute(delete(Step))
    assert await branch.press("chen", card.buttons[0].action, NOW) == "相关记录已经撤销，不用再跟进了。"
    assert not branch.screens["wang"].texts
    closed = branch.screens["chen"].cards[subject]
    assert (closed.title, closed.state) == ("跟进步骤已取消", CardState.DONE)
    assert closed.note == "陈刚 已关闭：记录已撤销 10:32"


async def test_taking_a_note_back_closes_the_card_of_its_step(database: Database) -> None:
    branch = Branch(database)
    await branch.open(DUE)
    await branch.say("wang", "今天第一次拜访了华昌科技", at("2026-03-02 10:00"))
    await branch.tick(DUE)
    subject, card = branch.card("chen", "alert:")
    await branch.click("wang", branch.card("wang", "note:")[0], "撤销", NOW)
    assert branch.screens["chen"].cards[subject].state is CardState.DONE
    assert "撤销" in branch.screens["chen"].cards[subject].note
    assert "撤销" in await branch.press("chen", card.buttons[0].action, NOW)
    assert not branch.screens["wang"].texts
