"""A rep's day: notes, corrections, to-dos, questions."""

from __future__ import annotations

import pytest

from bot.local.client import ApiError
from tests.scenarios.conftest import Demo

NOTE = "刚和华昌电子王总通完电话，价格他觉得偏高，答应周五之前发新报价"


async def test_a_note_becomes_a_dated_card_and_is_confirmed(demo: Demo) -> None:
    wang = await demo.as_("wang")
    await wang.say(NOTE)
    await wang.idle()
    card = await wang.last_card()
    assert card.title == "跟进记录：华昌电子"
    assert card.field("联系人") == "王总"
    assert "价格" in card.field("需求")
    assert "周五 3月6日 18:00" in card.field("待办")
    await wang.click("确认")
    await wang.idle()
    confirmed = await wang.last_card()
    assert not confirmed.is_open
    assert "已确认" in confirmed.text()


async def test_a_correction_in_words_changes_it_everywhere(demo: Demo) -> None:
    wang = await demo.as_("wang")
    await wang.say(NOTE)
    await wang.say("不对，是周四")
    await wang.idle()
    assert "周四 3月5日 18:00" in (await wang.last_card("跟进记录")).field("待办")
    await wang.say("/todo")
    await wang.idle()
    assert "周四 3月5日 18:00" in await wang.transcript()
    await wang.say("/promise")
    await wang.idle()
    assert "周四 3月5日 18:00" in await wang.last_text() or "周四 3月5日 18:00" in (await wang.last_card()).text()


async def test_the_inputs_of_the_card_change_it_too(demo: Demo) -> None:
    wang = await demo.as_("wang")
    await wang.say(NOTE)
    await wang.idle()
    await wang.click("修改")
    await wang.idle()
    await wang.click("保存", form={"amount": "50万"})
    await wang.idle()
    assert "50万" in (await wang.last_card("跟进记录")).field("金额")


async def test_undoing_takes_all_of_it_back(demo: Demo) -> None:
    wang = await demo.as_("wang")
    await wang.say(NOTE)
    await wang.say("/todo")
    await wang.idle()
    assert "发新报价" in (await wang.last_card("我的待办")).text()
    await wang.click("撤销", card=await wang.last_card("跟进记录"))
    await wang.say("/todo")
    await wang.say("/promise")
    await wang.idle()
    assert not (await wang.last_card("已撤销：华昌电子")).is_open
    assert "发新报价" not in (await wang.last_card("我的待办")).text()
    assert "发新报价" not in (await wang.last_card("承诺")).text()


async def test_a_reminder_rings_is_put_off_and_done(demo: Demo) -> None:
    wang = await demo.as_("wang")
    await wang.say("提醒我今天下午三点给华昌电子王总打电话")
    await wang.idle()
    await wang.advance("PT5H")
    reminder = await wang.last_card("待办提醒：给华昌电子王总打电话")
    await wang.click("1小时后", card=reminder)
    await wang.advance("PT2H")
    again = await wang.last_card("待办提醒：给华昌电子王总打电话")
    assert again.is_open
    await wang.click("完成", card=again)
    await wang.idle()
    assert not (await wang.last_card("给华昌电子王总打电话")).is_open


async def test_an_unsure_customer_is_asked_with_buttons(demo: Demo) -> None:
    wang = await demo.as_("wang")
    await wang.say("刚拜访完恒瑞，答应下周三之前给方案")
    await wang.idle()
    card = await wang.last_card()
    assert {"恒瑞机械"} <= set(card.labels) or card.field("客户") == "恒瑞机械"


async def test_questions_and_commands(demo: Demo) -> None:
    wang = await demo.as_("wang")
    await wang.say("/who 华昌")
    await wang.idle()
    assert "王磊" in await wang.last_text()
    await wang.say("/whoo 华昌")
    await wang.say("/xyzzy")
    await wang.idle()
    assert len((await wang.last_card()).labels) == 3, "the nearest three"
    await wang.say("帮助")
    await wang.idle()
    assert "/todo" in (await wang.last_card()).text()


async def test_bad_input_gets_a_sentence_and_loses_nothing(demo: Demo) -> None:
    wang = await demo.as_("wang")
    with pytest.raises(ApiError) as empty:
        await wang.say("   ")
    assert empty.value.status == 400
    await wang.say("😀" * 3000)
    await wang.say("/stage 华昌 方案演示")
    await wang.idle()
    assert "方案演示" in await wang.transcript()


async def test_the_same_message_sent_twice_is_one(demo: Demo) -> None:
    wang = await demo.as_("wang")
    await wang.say(NOTE, message_id="m1")
    await wang.say(NOTE, message_id="m1")
    await wang.idle()
    assert len(await wang.cards()) == 1
