"""`LocalClient` against a scripted bot: conversations, and what is said when something is missing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.events import CardHandle, Click, Event, MediaMessage, TextMessage
from bot.local.client import ApiError, LocalClient, NotShown, StillBusy
from bot.outgoing import CardContent, Delivery, TextContent
from cards.model import Button, Card, CardState, Field, Input
from tests.local.harness import Messenger

CARD = Card(
    "记录",
    fields=(Field("客户", "华昌电子"),),
    inputs=(Input("due", "截止", value="2026-03-06"), Input("title", "待办", value="发报价")),
    buttons=(Button("确认", "note_ok:1"), Button("撤销", "note_undo:1")),
)


async def clerk(messenger: Messenger, event: Event) -> str | None:
    """Answers a text with a card, a file with a text, and closes the card that is clicked."""
    if isinstance(event, TextMessage):
        content: CardContent | TextContent = CardContent(CARD)
    elif isinstance(event, MediaMessage):
        content = TextContent(f"收到{event.media.name}")
    else:
        assert isinstance(event, Click)
        done = replace(CARD, state=CardState.DONE, note=str(sorted(event.form.items())))
        handle = CardHandle(value=f"bot-{event.message_ref}")
        await messenger.deliver(Delivery(messenger.next_delivery_id(), event.chat, CardContent(done), handle))
        return "好了"
    await messenger.deliver(Delivery(messenger.next_delivery_id(), event.chat, content))
    return None


async def until(client: LocalClient, count: int) -> None:
    while len(await client.messages()) < count:
        continue


async def test_a_conversation(messenger: Messenger, tmp_path: Path) -> None:
    messenger.answer = clerk
    photo = tmp_path / "名片.png"
    photo.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 20)
    async with LocalClient(messenger.url, "wang") as wang:
        assert await wang.say("刚和王总通完电话", message_id="a") == "a"
        await wang.say("刚和王总通完电话", message_id="a")
        await until(wang, 2)
        assert (await wang.last_card("华昌")).field("客户") == "华昌电子"
        assert await wang.click("确认", {"due": "2026-03-09"}) == "好了"
        card = await wang.last_card()
        assert (card.is_open, card.card.note) == (False, "[('due', '2026-03-09'), ('title', '发报价')]")
        await wang.photo(photo)
        await until(wang, 4)
        assert await wang.texts() == [await wang.last_text()] == ["收到名片.png"]
        await wang.idle()
        await wang.advance("PT2H")
    assert messenger.clock.now().hour == 16


async def test_what_is_missing_is_told_with_the_conversation(messenger: Messenger) -> None:
    messenger.answer = clerk
    async with LocalClient(messenger.url, "wang") as wang:
        with pytest.raises(NotShown, match=r"no card.*\n\(nothing\)"):
            await wang.last_card()
        with pytest.raises(NotShown, match="no text"):
            await wang.last_text()
        await wang.say("你好")
        await until(wang, 2)
        with pytest.raises(NotShown, match=r"(?s)'删除'.*wang: 你好.*记录.*\[确认\] \[撤销\]"):
            await wang.click("删除")
        with pytest.raises(NotShown, match=r"no inputs \['amount'\]"):
            await wang.click("确认", {"amount": "5"})
        shown = await wang.last_card()
        await wang.click("确认", card=shown)
        with pytest.raises(NotShown, match="no open card"):
            await wang.click("撤销")


async def test_refusals_carry_the_users_sentence(messenger: Messenger) -> None:
    async with LocalClient(messenger.url, "ext_zhang", "g_huachang") as zhang, LocalClient(messenger.url, "li") as li:
        await zhang.say("价格多少？")
        with pytest.raises(ApiError, match="空") as refusal:
            await li.say("   ")
        assert refusal.value.status == 400
        messenger.controls.quiet = False
        with pytest.raises(StillBusy, match="价格多少"):
            await zhang.idle(0.1)
