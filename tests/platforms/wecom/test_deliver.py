"""Deliveries against the emulator: what members see, and what happens when something fails on the way."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.events import CardHandle, Chat, ChatKind, Click
from bot.outgoing import CardContent, Delivery, TextContent
from bot.platform import HandleSpent, Permanent, Transient
from bot.wecom.platform import WecomPlatform
from cards.model import Button, Card, CardState, Field, Input, InputKind, Option, Severity
from cards.render.wecom import EMPTY
from tests.emulators.wecom import WecomEmulator
from tests.platforms.wecom.conftest import INSTALL, FakeIntake, HandClock, MemoryTokens, card_to, text_to

TODO = Card(
    "给华昌报价",
    severity=Severity.WARNING,
    fields=(Field("客户", "华昌科技"), Field("时间", "周四 15:00")),
    markdown="**首批** 200 台",
    buttons=(Button("完成", "todo_done:4"), Button("推迟", "todo_snooze:4:60")),
)
DONE = replace(TODO, state=CardState.DONE, note="王磊 已完成", buttons=())


async def test_a_text_arrives(platform: WecomPlatform, wecom: WecomEmulator) -> None:
    delivered = await platform.deliver(text_to("wang", "记下了：周四 15:00 给华昌报价"))
    assert await wecom.next_text("wang") == "记下了：周四 15:00 给华昌报价"
    assert delivered.message_id
    assert delivered.handle is None


async def test_a_long_text_arrives_whole_and_in_order(platform: WecomPlatform, wecom: WecomEmulator) -> None:
    text = "\n".join(f"{number}. 跟进华昌的报价，😀 并确认交期" for number in range(300))
    await platform.deliver(text_to("wang", text))
    shown = [message.text for message in wecom.screens["wang"].messages]
    assert len(shown) > 5
    assert max(len(part.encode()) for part in shown) <= 2048
    assert "\n".join(shown) == text


async def test_a_retry_goes_on_behind_the_last_part(platform: WecomPlatform, wecom: WecomEmulator) -> None:
    parts = ["一" * 600, "二" * 600, "三" * 600]
    delivery = text_to("wang", "\n".join(parts))
    await platform.deliver(text_to("wang", "warm-up", outbox_id=9))
    wecom.screens["wang"].messages.clear()
    wecom.pass_then_fail("message/send", 1, -1)
    with pytest.raises(Transient):
        await platform.deliver(delivery)
    await platform.deliver(delivery)
    assert [message.text for message in wecom.screens["wang"].messages] == parts
    await platform.deliver(delivery)
    assert len(wecom.screens["wang"].messages) == 6


async def test_a_card_arrives(connected: WecomPlatform, wecom: WecomEmulator, clock: HandClock) -> None:
    delivered = await connected.deliver(card_to("wang", TODO, outbox_id=31))
    card = await wecom.next_card("wang")
    assert card.title == "给华昌报价"
    assert card.fields == {"客户": "华昌科技", "时间": "周四 15:00"}
    assert card.body == "首批 200 台"
    assert card.buttons == ["完成", "推迟"]
    assert card.task_id == f"gendan-{INSTALL}-31"
    assert delivered.handle is not None
    assert delivered.handle.uses_left == 1
    assert delivered.handle.expires_at is not None
    assert abs(delivered.handle.expires_at - clock.wall() - timedelta(hours=72)) < timedelta(seconds=5)


async def test_the_same_card_again_is_no_second_card(connected: WecomPlatform, wecom: WecomEmulator) -> None:
    delivery = card_to("wang", TODO)
    await connected.deliver(delivery)
    again = await connected.deliver(delivery)
    assert len(wecom.screens["wang"].messages) == 1
    assert again.handle is None


async def test_a_card_too_long_for_its_template_comes_with_a_text(
    connected: WecomPlatform, wecom: WecomEmulator
) -> None:
    await connected.deliver(card_to("wang", replace(TODO, markdown="要点" * 200)))
    text, card = await wecom.next_text("wang"), await wecom.next_card("wang")
    assert "要点" * 200 in text
    assert card.body == "全文见上一条消息"
    assert [message.kind for message in wecom.screens["wang"].messages] == ["text", "card"]


async def test_a_retry_does_not_repeat_the_text_before_a_card(
    connected: WecomPlatform, wecom: WecomEmulator
) -> None:
    await connected.deliver(text_to("wang", "warm-up", outbox_id=9))
    delivery = card_to("wang", replace(TODO, markdown="要点" * 200), outbox_id=10)
    wecom.pass_then_fail("message/send", 1, 45009)
    with pytest.raises(Transient):
        await connected.deliver(delivery)
    await connected.deliver(delivery)
    assert [message.kind for message in wecom.screens["wang"].messages] == ["text", "text", "card"]


async def test_the_card_is_updated_with_the_handle_of_sending(
    connected: WecomPlatform, wecom: WecomEmulator
) -> None:
    sent = await connected.deliver(card_to("wang", TODO))
    card = await wecom.next_card("wang")
    answer = await connected.deliver(replace(card_to("wang", DONE, outbox_id=2), handle=sent.handle))
    assert (card.updates, card.closed, card.note) == (1, "已处理", "王磊 已完成")
    assert card.buttons == []
    assert answer.handle is None
    assert len(wecom.screens["wang"].messages) == 1


async def test_the_card_is_updated_with_the_handle_of_a_click(
    connected: WecomPlatform, wecom: WecomEmulator, intake: FakeIntake
) -> None:
    await connected.deliver(card_to("wang", TODO))
    card = await wecom.next_card("wang")
    for number, label in enumerate(("推迟", "完成"), 2):
        await wecom.click("wang", card, label)
        click = intake.events[-1]
        assert isinstance(click, Click)
        assert click.message_ref == "1"
        shown = TODO if label == "推迟" else DONE
        await connected.deliver(replace(card_to("wang", shown, outbox_id=number), handle=click.handle))
    assert (card.updates, card.closed) == (2, "已处理")


async def test_a_handle_works_once(connected: WecomPlatform, wecom: WecomEmulator) -> None:
    sent = await connected.deliver(card_to("wang", TODO))
    update = replace(card_to("wang", DONE, outbox_id=2), handle=sent.handle)
    await connected.deliver(update)
    with pytest.raises(HandleSpent) as caught:
        await connected.deliver(update)
    assert caught.value.code == "60140"
    await connected.deliver(replace(update, handle=None))
    assert "王磊 已完成" in await wecom.next_text("wang")


async def test_a_handle_is_over_after_72_hours(
    connected: WecomPlatform, wecom: WecomEmulator, clock: HandClock
) -> None:
    sent = await connected.deliver(card_to("wang", TODO))
    wecom.advance(72 * 3600 + 1)
    update = replace(card_to("wang", DONE, outbox_id=2), handle=sent.handle)
    with pytest.raises(HandleSpent):
        await connected.deliver(update)
    asked = wecom.calls["message/update_template_card"]
    clock.ahead += timedelta(hours=72)
    with pytest.raises(HandleSpent):
        await connected.deliver(update)
    assert wecom.calls["message/update_template_card"] == asked


async def test_a_handle_without_uses_is_not_tried(connected: WecomPlatform, wecom: WecomEmulator) -> None:
    handle = CardHandle(value="RC", uses_left=0)
    with pytest.raises(HandleSpent):
        await connected.deliver(replace(card_to("wang", DONE), handle=handle))
    assert wecom.calls["message/update_template_card"] == 0


async def test_an_update_that_fails_on_the_way_can_be_tried_again(
    connected: WecomPlatform, wecom: WecomEmulator
) -> None:
    sent = await connected.deliver(card_to("wang", TODO))
    card = await wecom.next_card("wang")
    update = replace(card_to("wang", DONE, outbox_id=2), handle=sent.handle)
    wecom.fail_next("message/update_template_card", -1)
    with pytest.raises(Transient):
        await connected.deliver(update)
    await connected.deliver(update)
    assert card.closed == "已处理"


async def test_a_selection_comes_back_with_the_click(
    connected: WecomPlatform, wecom: WecomEmulator, intake: FakeIntake
) -> None:
    people = (Option("3", "李娜"), Option("4", "徐强"), Option("", "不变"))
    card = replace(TODO, inputs=(Input("assignee", "转给", InputKind.SELECT, people, "3"), Input("why", "原因")))
    await connected.deliver(card_to("chen", card))
    shown = await wecom.next_card("chen")
    await wecom.click("chen", shown, "完成", {"assignee": "4"})
    await wecom.click("chen", shown, "完成")
    await wecom.click("chen", shown, "完成", {"assignee": EMPTY})
    forms = [event.form for event in intake.events if isinstance(event, Click)]
    assert forms == [{"assignee": "4"}, {"assignee": "3"}, {"assignee": ""}]


async def test_interactive_cards_need_the_callback(platform: WecomPlatform) -> None:
    with pytest.raises(Permanent) as caught:
        await platform.deliver(card_to("wang", TODO))
    assert caught.value.code == "43012"


async def test_a_card_without_buttons_leads_to_the_website(
    wecom: WecomEmulator, clock: HandClock, tokens: MemoryTokens
) -> None:
    public = WecomPlatform(wecom.settings, clock, tokens, public_url="https://gendan.example")
    delivered = await public.deliver(card_to("wang", DONE))
    await public.stop()
    card = await wecom.next_card("wang")
    assert card.card["card_action"] == {"type": 1, "url": "https://gendan.example"}
    assert delivered.handle is None


async def test_groups_are_out_of_reach(platform: WecomPlatform, wecom: WecomEmulator) -> None:
    delivery = Delivery(1, Chat("wecom", "wr1", ChatKind.GROUP), TextContent("大家好"))
    with pytest.raises(Permanent):
        await platform.deliver(delivery)
    assert not wecom.calls


@pytest.mark.parametrize("content", [TextContent("你好"), CardContent(TODO)])
async def test_down_is_worth_another_try(
    connected: WecomPlatform, wecom: WecomEmulator, content: TextContent | CardContent
) -> None:
    wecom.down = True
    with pytest.raises(Transient):
        await connected.deliver(Delivery(1, Chat("wecom", "wang"), content))
    wecom.down = False
    await connected.deliver(Delivery(1, Chat("wecom", "wang"), content))
    assert len(wecom.screens["wang"].messages) == 1
