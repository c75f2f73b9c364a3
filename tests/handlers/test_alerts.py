"""Overdue steps: the manager's card, what they decide, and who hears of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from cards.actions import AlertExtend, AlertReassign
from cards.model import CardState
from storage.crm import AuditEntry, Interaction, Lead, Step
from storage.db import Database
from storage.uow import UnitOfWork
from tests.branch import Branch, at, fields_of

DUE = at("2026-03-05 10:00")
NOW = DUE + timedelta(minutes=32)


@pytest.fixture
async def branch(database: Database) -> Branch:
    """wang's step fell due at 10:00; chen has the card."""
    made = Branch(database)
    await made.open(DUE)
    async with database.write() as session:
        session.add(
            Interaction(customer_id=made.customer_id, user_id=made.ids["wang"], kind="note", at=at("2026-03-02 15:20"))
        )
    await made.lead_with_step("wang", DUE)
    await made.tick(DUE + timedelta(minutes=1))
    return made


async def _step(branch: Branch) -> Step:
    async with branch.database.read() as session:
        return (await session.scalars(select(Step))).one()


async def test_the_card_says_who_what_and_how_late(branch: Branch) -> None:
    await branch.tick(NOW)
    card = branch.card("chen", "alert:")[1]
    assert card.title == "跟进逾期：华昌科技"
    assert fields_of(card) == {
        "销售": "王磊",
        "跟进步骤": "方案演示",
        "应完成": "今天 周四 3月5日 10:00（已逾期 1 分钟）",
        "最近联系": "周一 3月2日 15:20",
    }
    assert [button.label for button in card.buttons] == ["提醒", "延期", "转派", "忽略"]
    assert card.inputs[0].value == "2026-03-09"
    assert [option.label for option in card.inputs[1].options] == ["李明", "徐静"]
    assert len(branch.screens["chen"].cards) == 1
    assert not branch.screens["feng"].cards


async def test_a_reminder_reaches_the_rep_and_the_card_shows_it(branch: Branch) -> None:
    subject, _ = branch.card("chen", "alert:")
    assert await branch.click("chen", subject, "提醒", NOW) == "已提醒王磊。"
    assert branch.screens["wang"].texts == ["陈刚提醒您：华昌科技的「方案演示」已逾期 32 分钟，请尽快处理。"]
    card = branch.screens["chen"].cards[subject]
    assert (card.state, card.note, card.buttons) == (CardState.DONE, "陈刚 已提醒 王磊 10:32", ())


async def test_the_second_click_is_told_who_was_first(branch: Branch) -> None:
    subject, card = branch.card("chen", "alert:")
    await branch.click("chen", subject, "提醒", NOW)
    for button in card.buttons:
        assert await branch.press("zhao", button.action, NOW) == "已经处理过了：陈刚 已提醒 王磊 10:32"
    assert len(branch.screens["wang"].texts) == 1
    assert (await _step(branch)).due_at == DUE


async def test_more_time_moves_the_step_and_it_may_fall_due_again(branch: Branch) -> None:
    subject, _ = branch.card("chen", "alert:")
    told = await branch.click("chen", subject, "延期", NOW, until="2026-03-06")
    assert told == "已延期到 明天 周五 3月6日 18:00。"
    assert (await _step(branch)).due_at == at("2026-03-06 18:00")
    assert "延期到" in branch.screens["wang"].texts[0]
    await branch.tick(at("2026-03-06 18:00"))
    assert len(branch.screens["chen"].cards) == 2


@pytest.mark.parametrize("until", ["2026-03-04", "2026-02-30", "下周"])
async def test_a_day_that_cannot_be_changes_nothing(branch: Branch, until: str) -> None:
    subject, _ = branch.card("chen", "alert:")
    assert "选" in await branch.click("chen", subject, "延期", NOW, until=until)
    assert (await _step(branch)).due_at == DUE
    assert branch.screens["chen"].cards[subject].state is CardState.OPEN


async def test_without_inputs_more_time_is_what_the_settings_give(branch: Branch) -> None:
    subject, _ = branch.card("chen", "alert:")
    await branch.click("chen", subject, "延期", NOW)
    assert (await _step(branch)).due_at == at("2026-03-09 18:00")


async def test_another_rep_gets_lead_step_and_customer(branch: Branch) -> None:
    subject, _ = branch.card("chen", "alert:")
    assert await branch.click("chen", subject, "转派", NOW, assignee=str(branch.ids["li"])) == "已转派给李明。"
    async with branch.database.read() as session:
        lead = (await session.scalars(select(Lead))).one()
        customer = await UnitOfWork(session).customers.get(branch.customer_id)
        actions = (await session.scalars(select(AuditEntry.action).order_by(AuditEntry.id))).all()
    step = await _step(branch)
    assert customer is not None
    assert {lead.owner_id, step.owner_id, customer.owner_id} == {branch.ids["li"]}
    assert step.due_at == NOW + timedelta(hours=120)
    assert "转派给您" in branch.screens["li"].texts[0]
    assert "转派给了李明" in branch.screens["wang"].texts[0]
    assert set(actions) == {"lead.owner", "alert.reassigned"}


async def test_nobody_outside_the_team_decides_or_gets_it(branch: Branch) -> None:
    subject, card = branch.card("chen", "alert:")
    for who in ("feng", "wang", "li"):
        for button in card.buttons:
            assert await branch.press(who, button.action, NOW) == "这条提醒由该团队的主管处理。"
    alert_id = int(subject.partition(":")[2])
    foreign = str(branch.ids["feng"])
    assert "先选" in await branch.press("chen", AlertReassign(alert_id).encode(), NOW, assignee=foreign)
    assert (await _step(branch)).due_at == DUE
    assert await branch.press("zhao", AlertExtend(alert_id).encode(), NOW) != ""
    assert (await _step(branch)).due_at > DUE


@pytest.mark.parametrize(
    ("words", "note"),
    [
        ("提醒他一下", "已提醒 王磊"),
        ("延到周五", "已延期到 明天 周五 3月6日 18:00"),
        ("转给李明", "已转派给 李明"),
        ("让小徐跟进", "已转派给 徐静"),
        ("忽略", "已忽略"),
    ],
)
async def test_a_reply_in_words_does_the_same(branch: Branch, words: str, note: str) -> None:
    subject, _ = branch.card("chen", "alert:")
    await branch.say("chen", words, NOW)
    assert branch.screens["chen"].cards[subject].note == f"陈刚 {note} 10:32"
    assert len(branch.screens["chen"].texts) == 1


async def test_an_unknown_colleague_is_asked_for(branch: Branch) -> None:
    subject, _ = branch.card("chen", "alert:")
    screen = await branch.say("chen", "转给刘洋", NOW)
    assert screen.texts[-1].startswith("没找到“刘洋”。")
    assert screen.cards[subject].state is CardState.OPEN
    await branch.say("chen", "转给徐静", NOW)
    assert branch.screens["chen"].cards[subject].note == "陈刚 已转派给 徐静 10:32"


async def test_a_note_of_the_managers_own_is_no_decision(branch: Branch) -> None:
    subject, _ = branch.card("chen", "alert:")
    for text in ("提醒我明天上午给张总打电话", "周五下午三点到公司开周会，提醒大家把本周的客户拜访记录都带上"):
        await branch.say("chen", text, NOW)
    assert branch.screens["chen"].cards[subject].state is CardState.OPEN


async def test_two_days_later_words_do_not_refer_to_it(branch: Branch) -> None:
    subject, _ = branch.card("chen", "alert:")
    await branch.say("chen", "忽略", NOW + timedelta(days=2))
    assert branch.screens["chen"].cards[subject].state is CardState.OPEN


async def test_a_visit_settles_it_by_itself(branch: Branch) -> None:
    subject, card = branch.card("chen", "alert:")
    await branch.say("wang", "刚拜访完华昌科技，给张总做了方案演示", NOW)
    assert branch.screens["chen"].cards[subject].note == "王磊 已跟进 10:32"
    assert await branch.press("chen", card.buttons[0].action, NOW) == "已经处理过了：王磊 已跟进 10:32"


async def test_at_night_it_waits_for_the_morning(database: Database) -> None:
    branch = Branch(database)
    await branch.open(DUE)
    await branch.lead_with_step("wang", at("2026-03-05 22:30"))
    runner = branch.runner(at("2026-03-05 22:00"))
    assert await runner.next_at(at("2026-03-05 22:00")) == at("2026-03-06 08:00")
    for early in ("2026-03-05 23:00", "2026-03-06 07:59"):
        await branch.tick(at(early))
        assert await runner.next_at(at(early)) == at("2026-03-06 08:00")
    assert not branch.screens["chen"].cards
    await branch.tick(at("2026-03-06 08:00"))
    assert branch.card("chen", "alert:")[1].title == "跟进逾期：华昌科技"
    assert await runner.next_at(at("2026-03-06 08:00")) == at("2026-03-12 15:00")
