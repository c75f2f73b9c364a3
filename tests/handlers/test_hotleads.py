"""From a customer's word in a group to the rep who takes it."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from bot.events import Chat, Click, Sender
from bot.outgoing import Toast
from cards.actions import HotLeadAccept
from cards.model import CardState
from storage.crm import AuditEntry, GroupMessage, HotLead, Lead, Response
from storage.db import Database
from storage.people import GroupChat, Identity, Role, User
from storage.uow import UnitOfWork
from tests.branch import PLATFORM, Branch, at, fields_of

NOW = at("2026-03-05 10:00")


@pytest.fixture
async def branch(database: Database) -> Branch:
    made = Branch(database)
    await made.open(NOW)
    return made


async def _responses(branch: Branch, **seconds: list[float]) -> None:
    async with branch.database.write() as session:
        for name, values in seconds.items():
            for number, value in enumerate(values):
                when = NOW - timedelta(days=1) + timedelta(minutes=number)
                session.add(Response(user_id=branch.ids[name], seconds=value, at=when))


async def _hot(branch: Branch) -> HotLead:
    async with branch.database.read() as session:
        return (await session.scalars(select(HotLead))).one()


async def test_a_keyword_goes_to_the_rep_who_answers_fastest(branch: Branch) -> None:
    await _responses(branch, wang=[5, 300, 300, 300], li=[900, 60, 60, 60], xu=[61, 61, 61])
    await branch.in_group("ext_zhang", "上次的方案不错", NOW)
    await branch.in_group("ext_zhang", "这套设备价格多少？", NOW)
    subject, card = branch.card("li", "hot:")
    assert card.title == "热线索：华昌科技"
    assert fields_of(card)["关键词"] == "价格"
    assert "上次的方案不错" in card.markdown
    assert not branch.screens["wang"].cards
    assert not branch.screens["xu"].cards
    told = await branch.click("li", subject, "接单", NOW + timedelta(minutes=1))
    assert "接单成功" in told
    card = branch.screens["li"].cards[subject]
    assert card.state is CardState.DONE
    assert card.note == "李明 已接单 10:01"


async def test_taking_it_makes_a_lead_with_a_step_and_an_audit_entry(branch: Branch) -> None:
    await branch.in_group("ext_zhang", "能报个价吗", NOW)
    await branch.click("wang", branch.card("wang", "hot:")[0], "接单", NOW + timedelta(seconds=40))
    async with branch.database.read() as session:
        lead = (await session.scalars(select(Lead))).one()
        step = await UnitOfWork(session).steps.open_of(lead.id)
        actions = set((await session.scalars(select(AuditEntry.action))).all())
        response = (await session.scalars(select(Response))).one()
    assert (lead.owner_id, lead.state) == (branch.ids["wang"], "open")
    assert step is not None
    assert step.due_at == NOW + timedelta(seconds=40, hours=24)
    assert {"hot_lead.taken", "lead.owner"} <= actions
    assert (response.user_id, response.seconds) == (branch.ids["wang"], 40)


async def test_nobody_answers_so_it_goes_round_and_then_to_the_manager(branch: Branch) -> None:
    await branch.in_group("ext_zhang", "样品什么时候能寄？", NOW)
    assert await branch.tick(NOW + timedelta(minutes=4)) == 0
    for minutes, who in ((0, "wang"), (5, "li"), (10, "xu")):
        await branch.tick(NOW + timedelta(minutes=minutes))
        assert branch.card(who, "hot:")[1].buttons[0].label == "接单"
    assert branch.card("wang", "hot:")[1].note == "已转给 李明"
    await branch.tick(NOW + timedelta(minutes=15))
    subject, card = branch.card("chen", "alert:")
    assert fields_of(card)["已问过"] == "王磊、李明、徐静"
    assert "先选一位同事" in await branch.click("chen", subject, "指派", NOW + timedelta(minutes=16), assignee="999")
    told = await branch.click(
        "chen", subject, "指派", NOW + timedelta(minutes=16), assignee=str(branch.ids["xu"])
    )
    assert told == "已指派给徐静。"
    assert branch.screens["chen"].cards[subject].note == "陈刚 已指派给 徐静 10:16"
    assert branch.card("xu", "hot:")[1].note == "陈刚 已指派给 徐静 10:16"
    hot = await _hot(branch)
    assert (hot.state, hot.taken_by) == ("taken", branch.ids["xu"])


async def test_a_late_click_is_told_who_took_it(branch: Branch) -> None:
    await branch.in_group("ext_zhang", "价格？", NOW)
    await branch.tick(NOW + timedelta(minutes=5))
    subject, first_card = branch.card("wang", "hot:")
    await branch.click("li", subject, "接单", NOW + timedelta(minutes=6))
    told = await branch.press("wang", first_card.buttons[0].action, NOW + timedelta(minutes=7))
    assert told == "李明 已在 10:06 接单。"
    assert branch.screens["wang"].cards[subject].note == "李明 已接单 10:06"
    assert branch.screens["wang"].cards[subject].state is CardState.DONE


async def test_who_was_not_asked_cannot_take_it(branch: Branch) -> None:
    await branch.in_group("ext_zhang", "价格？", NOW)
    action = branch.card("wang", "hot:")[1].buttons[0].action
    assert await branch.press("xu", action, NOW) == "这条线索没有派给您。"
    assert await branch.press("feng", action, NOW) == "这条线索没有派给您。"
    assert (await _hot(branch)).state == "open"


async def test_passing_on_asks_the_next_at_once(branch: Branch) -> None:
    await branch.in_group("ext_zhang", "价格？", NOW)
    subject, card = branch.card("wang", "hot:")
    pass_on = card.buttons[1].action
    assert await branch.click("wang", subject, "转给下一位", NOW) == "好的，已转给下一位。"
    assert branch.card("li", "hot:")[0] == subject
    assert await branch.press("wang", pass_on, NOW) == "这条线索已经不在您这里了。"
    assert not branch.screens["xu"].cards


@pytest.mark.parametrize("text", ["不是问价格", "好的收到", "我们不要样品"])
async def test_what_is_no_keyword_makes_nothing(branch: Branch, text: str) -> None:
    await branch.in_group("ext_zhang", text, NOW)
    assert all(not screen.cards for screen in branch.screens.values())


async def test_asking_again_the_same_day_is_one_hot_lead_but_the_next_day_another(branch: Branch) -> None:
    await branch.in_group("ext_zhang", "价格多少", NOW)
    await branch.in_group("ext_he", "报价发一下", NOW + timedelta(hours=3))
    async with branch.database.read() as session:
        assert await session.scalar(select(func.count()).select_from(HotLead)) == 1
    await branch.in_group("ext_he", "报价发一下", NOW + timedelta(hours=25))
    async with branch.database.read() as session:
        assert await session.scalar(select(func.count()).select_from(HotLead)) == 2


async def test_an_answer_is_measured_from_the_first_unanswered_line(branch: Branch) -> None:
    await branch.in_group("ext_zhang", "在吗", NOW)
    await branch.in_group("ext_zhang", "有人吗", NOW + timedelta(seconds=30))
    await branch.in_group("li", "在的，请讲", NOW + timedelta(seconds=90))
    await branch.in_group("li", "您说", NOW + timedelta(seconds=95))
    await branch.in_group("ext_zhang", "交期多久", NOW + timedelta(seconds=200))
    await branch.in_group("wang", "两周", NOW + timedelta(seconds=220))
    async with branch.database.read() as session:
        found = (await session.execute(select(Response.user_id, Response.seconds).order_by(Response.id))).all()
        lines = await session.scalar(select(func.count()).select_from(GroupMessage))
    assert [tuple(row) for row in found] == [(branch.ids["li"], 90), (branch.ids["wang"], 20)]
    assert lines == 6


async def test_an_unknown_group_is_registered_and_its_reps_are_asked(branch: Branch) -> None:
    await branch.in_group("xu", "大家好", NOW, group="g_new")
    await branch.in_group("ext_wu", "多少钱", NOW, group="g_new")
    assert branch.card("xu", "hot:")[1].title == "热线索：客户群"
    told = await branch.click("xu", branch.card("xu", "hot:")[0], "接单", NOW)
    assert "还没关联客户" in told
    async with branch.database.read() as session:
        assert await session.scalar(select(GroupChat.id).where(GroupChat.chat_id == "g_new")) is not None


@pytest.mark.postgres
async def test_of_fifty_clicks_at_once_one_wins(database: Database) -> None:
    branch = Branch(database)
    await branch.open(NOW)
    await branch.in_group("ext_zhang", "价格？", NOW)
    hot = await _hot(branch)
    async with database.write() as session:
        people = [User(name=f"销售{n}", role=Role.REP, created_at=NOW) for n in range(50)]
        session.add_all(people)
        await session.flush()
        session.add_all(Identity(platform=PLATFORM, external_id=f"rep{n}", user_id=p.id) for n, p in enumerate(people))
        row = await UnitOfWork(session).groups.hot_lead(hot.id)
        assert row is not None
        row.tried = [*row.tried, *(person.id for person in people)]

    async def click(number: int, now: datetime) -> str:
        who = f"rep{number}"
        event = Click(
            key=f"c{number}", chat=Chat(PLATFORM, who), sender=Sender(who), sent_at=now,
            action=HotLeadAccept(hot.id).encode(),
        )  # fmt: skip
        async with database.write() as session:
            replies = await branch.handler(event, UnitOfWork(session), now)
            return next(reply.text for reply in replies if isinstance(reply, Toast))

    told = await asyncio.gather(*(click(number, NOW) for number in range(50)))
    winners = [number for number, text in enumerate(told) if text.startswith("接单成功")]
    assert len(winners) == 1
    assert {text for text in told if not text.startswith("接单成功")} == {f"销售{winners[0]} 已在 10:00 接单。"}
    assert (await _hot(branch)).taken_by == people[winners[0]].id
