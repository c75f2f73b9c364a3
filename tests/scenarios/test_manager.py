"""A manager's day: overdue steps, promises at risk, forecasts; who may decide what."""

from __future__ import annotations

import asyncio

import pytest

from bot.local.client import ApiError, ShownCard
from tests.scenarios.conftest import Demo


def _action(card: ShownCard, label: str) -> str:
    return next(button.action for button in card.card.buttons if button.label == label)


async def test_an_overdue_step_is_decided_by_a_click(demo: Demo) -> None:
    chen, wang = await demo.as_("chen"), await demo.as_("wang")
    await chen.advance("PT2H")
    card = await chen.last_card("跟进逾期：恒瑞机械")
    assert card.field("销售") == "王磊"
    await chen.click("提醒", card=card)
    await chen.idle()
    closed = await chen.last_card("跟进逾期：恒瑞机械")
    assert not closed.is_open
    assert "陈刚 已提醒 王磊" in closed.text()
    assert "恒瑞机械" in await wang.last_text()


async def test_it_is_decided_by_words(demo: Demo) -> None:
    chen, wang = await demo.as_("chen"), await demo.as_("wang")
    await chen.advance("PT2H")
    await chen.say("延到下周一")
    await chen.idle()
    assert "延期" in (await chen.last_card("跟进逾期：恒瑞机械")).text()
    assert "3月9日" in await wang.transcript()


async def test_it_is_given_to_a_colleague(demo: Demo) -> None:
    chen, li = await demo.as_("chen"), await demo.as_("li")
    await chen.advance("PT2H")
    await chen.say("转给李娜")
    await chen.idle()
    assert "李娜" in (await chen.last_card("跟进逾期：恒瑞机械")).text()
    assert "恒瑞机械" in await li.transcript()


async def test_the_second_click_is_told_who_was_first(demo: Demo) -> None:
    chen = await demo.as_("chen")
    await chen.advance("PT2H")
    card = await chen.last_card("跟进逾期：恒瑞机械")
    await chen.click("提醒", card=card)
    toast = await chen.press(card.message_id, _action(card, "忽略"))
    assert toast is not None
    assert "陈刚" in toast
    assert "提醒" in toast


async def test_fifty_clicks_at_once_have_one_winner(demo: Demo) -> None:
    chen = await demo.as_("chen")
    await chen.advance("PT2H")
    card = await chen.last_card("跟进逾期：恒瑞机械")
    action = _action(card, "提醒")
    clickers = [await demo.as_("chen") for _ in range(50)]
    await asyncio.gather(*(one.press(card.message_id, action) for one in clickers))
    await chen.idle()
    wang = await demo.as_("wang")
    assert (await wang.transcript()).count("陈刚提醒您") == 1


async def test_a_rep_cannot_press_a_button_of_the_managers_card(demo: Demo) -> None:
    chen, wang = await demo.as_("chen"), await demo.as_("wang")
    await chen.advance("PT2H")
    card = await chen.last_card("跟进逾期：恒瑞机械")
    with pytest.raises(ApiError):
        await wang.press(card.message_id, _action(card, "忽略"))
    assert (await chen.last_card("跟进逾期：恒瑞机械")).is_open


async def test_a_promise_counts_down_and_is_alerted_a_quarter_of_an_hour_late(demo: Demo) -> None:
    chen, wang = await demo.as_("chen"), await demo.as_("wang")
    await wang.say("答应华昌电子72小时内给出解决方案")
    await wang.idle()
    await wang.say("/promise")
    await wang.idle()
    assert "还剩" in await wang.transcript()
    await wang.advance("P3D")
    assert "解决方案" not in await chen.transcript()
    await wang.advance("PT14M")
    assert "解决方案" not in await chen.transcript()
    await wang.advance("PT2M")
    assert "承诺超时" in (await chen.last_card("解决方案")).title


async def test_a_forecast_is_asked_for_on_thursday_and_submitted(demo: Demo) -> None:
    wang, chen = await demo.as_("wang"), await demo.as_("chen")
    await wang.set_clock("2026-03-05T15:00:00+08:00")
    card = await wang.last_card("本周预测")
    assert "华昌电子" in card.text()
    names = [entry.name for entry in card.card.inputs]
    await wang.click("提交预测", card=card, form=dict.fromkeys(names, "80"))
    await wang.idle()
    assert not (await wang.last_card("本周预测")).is_open
    await chen.say("/forecast")
    await chen.idle()
    assert "80万" in await chen.transcript()
