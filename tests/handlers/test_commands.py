"""Commands in plain words, with the rights of who sends them."""

from __future__ import annotations

import pytest

from bot.events import Chat, Sender, TextMessage
from bot.outgoing import SendText
from cards.actions import CommandRun
from tests.handlers.conftest import MESSENGER, Office

VISIT = "刚拜访完华昌，张总嫌价格高，合同大概50万，我答应周五下午三点前给他新报价"


async def test_help_is_by_role(office: Office) -> None:
    await office.says("wang", "/help")
    await office.says("chen", "帮助")

    rep = {field.name for field in (await office.card("wang", "help:")).fields}
    manager = {field.name for field in (await office.card("chen", "help:")).fields}
    assert manager - rep == {"跟进逾期卡片"}


async def test_an_unknown_command_offers_the_nearest_three(office: Office) -> None:
    await office.says("wang", "/提醒一下")
    card = await office.card("wang", "choice:")
    assert len(card.buttons) == 3

    await office.clicks("wang", CommandRun("/todo"))
    assert (await office.card("wang", "todos:")).title == "没有未完成的待办"


async def test_the_greeting_comes_once_with_three_things_to_try(office: Office) -> None:
    await office.enters("wang")
    await office.enters("wang")

    [card] = await office.cards("wang", "greeting:")
    assert len(card.fields) == 3


async def test_a_lead_is_shown_in_full(office: Office) -> None:
    await office.says("wang", VISIT)
    await office.says("wang", "/lead 华昌")

    card = await office.card("wang", "customer:")
    shown = {field.name: field.value for field in card.fields}
    assert card.title == "华昌电子"
    assert shown["负责人"] == "王磊（华东）"
    assert shown["阶段"] == "异议处理"
    assert shown["金额"] == "50万元"
    assert shown["联系人"] == "张总"
    assert "报价" in shown["待办"]


async def test_a_question_in_words_shows_the_lead(office: Office) -> None:
    await office.says("wang", VISIT)
    await office.says("wang", "华昌现在什么进展？")

    assert (await office.card("wang", "customer:")).title == "华昌电子"
    assert len(await office.notes()) == 1


async def test_the_list_holds_only_what_one_may_see(office: Office) -> None:
    await office.says("wang", VISIT)
    await office.says("zhao", "/lead 新建 南山机电")
    for who in ("wang", "chen", "li"):
        await office.says(who, "/lead")
        assert [field.name for field in (await office.card(who, "leads:")).fields] == ["华昌电子"]
    await office.says("zhao", "/lead")
    assert [field.name for field in (await office.card("zhao", "leads:")).fields] == ["南山机电"]


async def test_the_list_counts_what_is_visible_and_names_the_owner(office: Office) -> None:
    for number in range(10):
        office.later(minutes=1)
        await office.says("wang", f"/lead 新建 南山机电{number}号厂")
    await office.says("li", "/lead")
    card = await office.card("li", "leads:")
    assert (card.title, len(card.fields)) == ("线索（10）", 8)
    assert (card.fields[0].name, card.fields[0].value.endswith(" · 王磊")) == ("南山机电9号厂", True)
    assert "/lead 全部" in card.note
    await office.says("wang", "/lead 全部")
    lines = (await office.texts("wang"))[-1].splitlines()
    assert (lines[0], len(lines), lines[1].startswith("南山机电9号厂：")) == ("线索（10）", 11, True)
    assert "王磊" not in lines[1]


async def test_a_lead_is_made_once(office: Office) -> None:
    await office.says("wang", "/lead 新建 南山机电")
    assert "已新建线索：南山机电" in await office.texts("wang")
    await office.says("wang", "/lead 新建 南山机电")
    assert (await office.texts("wang"))[-1].startswith("“南山机电”已经有")
    await office.says("zhao", "/lead 新建 南山机电")
    assert "其他团队" in (await office.texts("zhao"))[-1]
    await office.says("wang", "/lead 新建")
    assert "请写上客户名称" in (await office.texts("wang"))[-1]


@pytest.mark.parametrize("command", ["/lead 远安材料", "/who 远安材料", "/stage 远安材料 方案演示"])
async def test_another_teams_customer_is_not_found(office: Office, command: str) -> None:
    await office.says("zhao", "今天第一次拜访了远安材料")
    await office.says("wang", command)

    assert (await office.texts("wang"))[-1].startswith("没有找到您能查看的客户")


async def test_who_is_responsible(office: Office) -> None:
    await office.says("wang", "/who明德")
    assert (await office.texts("wang"))[-1] == "明德科技：李娜（华东）"
    await office.says("wang", "/who")
    assert "请带上客户名" in (await office.texts("wang"))[-1]


async def test_the_stage_in_words(office: Office) -> None:
    await office.says("wang", VISIT)
    await office.says("wang", "/stage 华昌 方案演示")

    lead = await office.lead("华昌电子")
    assert lead is not None
    assert lead.stage == "solution_demo"
    assert (await office.texts("wang"))[-1].startswith("华昌电子：异议处理 → 方案演示。")
    await office.says("wang", "/stage 华昌")
    assert "现在是“方案演示”" in (await office.texts("wang"))[-1]
    await office.says("wang", "/stage 明德 方案演示")
    assert "没有进行中的线索" in (await office.texts("wang"))[-1]


async def test_a_colleagues_lead_is_moved_by_its_owner_or_manager_only(office: Office) -> None:
    await office.says("wang", VISIT)
    await office.says("li", "/stage 华昌 签约准备")
    assert "由同事负责" in (await office.texts("li"))[-1]
    await office.says("chen", "/stage 华昌 签约准备")

    lead = await office.lead("华昌电子")
    assert lead is not None
    assert lead.stage == "closing_prep"


async def test_undo_takes_the_whole_last_message_back(office: Office) -> None:
    await office.says("wang", "上午拜访了华昌电子，周五把报价发过去；下午去了恒锐激光，下周一做演示")
    await office.says("wang", "撤销")

    assert [note.state for note in await office.notes()] == ["undone", "undone"]
    assert {todo.state for todo in await office.todos()} == {"cancelled"}
    assert await office.lead("恒锐激光") is None
    await office.says("wang", "/undo")
    assert (await office.texts("wang"))[-1] == "最近没有可以撤销的记录。"


async def test_why_explains_the_last_record(office: Office) -> None:
    await office.says("wang", "/why")
    assert "没有记录" in (await office.texts("wang"))[-1]
    await office.says("wang", VISIT)
    await office.says("wang", "/为什么")

    said = (await office.texts("wang"))[-1]
    assert "“华昌” → 华昌电子" in said
    assert "触点：异议处理" in said


async def test_a_stranger_is_not_a_colleague(office: Office) -> None:
    for sender in (Sender("nobody"), Sender("wang", external=True)):
        chat = Chat(MESSENGER, sender.id)
        said = TextMessage(key="s", chat=chat, sender=sender, sent_at=office.now, text=VISIT)
        [reply] = await office.happens(said)
        assert isinstance(reply, SendText)
    assert await office.notes() == []


async def test_only_the_label_is_taken_off_a_new_name(office: Office) -> None:
    await office.says("wang", "/lead 新建客户：线上客户之家")
    assert "已新建线索：线上客户之家" in await office.texts("wang")
