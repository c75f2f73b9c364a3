"""The messenger's page in a real browser, before a scripted bot."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from bot.events import CardHandle, Chat, Click, Event, MediaKind, MediaMessage, TextMessage
from bot.outgoing import CardContent, Delivery, TextContent
from cards.model import Button, Card, CardState, Field, Input, InputKind, Option, Severity, Style
from storage.db import Database
from storage.tables import Base
from tests.browser.conftest import Open
from tests.local.harness import Messenger, populate, running

pytestmark = pytest.mark.browser

WANG = Chat("local", "wang")
CARD = Card(
    "记录",
    Severity.WARNING,
    fields=(Field("客户", "华昌电子<b>"),),
    markdown="**要点** [官网](https://example.com/) [坏](javascript:alert(1)) <img src=x onerror=alert(2)>",
    inputs=(
        Input("due", "截止", InputKind.DATE, value="2026-03-06"),
        Input("who", "交给", InputKind.SELECT, (Option("li", "李娜"), Option("xu", "徐杰"))),
        Input("amount", "金额", InputKind.NUMBER, value="500"),
    ),
    buttons=(Button("确认", "note_ok:1", Style.PRIMARY), Button("撤销", "note_undo:1", Style.DANGER)),
)


async def clerk(messenger: Messenger, event: Event) -> str | None:
    """A card for every text, and its outcome for every click."""
    if isinstance(event, TextMessage) and not event.sender.external:
        await messenger.deliver(Delivery(messenger.next_delivery_id(), event.chat, CardContent(CARD)))
    if isinstance(event, Click):
        done = replace(CARD, state=CardState.DONE, note=f"王磊已确认，交给{event.form['who']}")
        handle = CardHandle(value=f"bot-{event.message_ref}")
        await messenger.deliver(Delivery(messenger.next_delivery_id(), event.chat, CardContent(done), handle))
        return "记好了"
    return None


@pytest.fixture
async def messenger(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Messenger]:
    database = Database(sqlite_url)
    async with database.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    await populate(database)
    async with running(database, tmp_path, clerk) as found:
        yield found
    await database.close()


async def say(page: Page, text: str) -> None:
    await page.get_by_label("消息", exact=True).last.fill(text)
    await page.keyboard.press("Enter")


async def test_a_newcomer_tries_the_first_thing(messenger: Messenger, open_page: Open) -> None:
    page = await open_page(messenger.url)
    await expect(page.locator(".tryout")).to_have_count(3)
    await page.locator(".tryout").first.click()
    await page.locator(".send").click()
    await expect(page.locator(".message.mine .bubble")).to_contain_text("华昌电子王总")
    card = page.locator("form.card")
    await expect(card.locator("h3")).to_have_text("记录")
    await expect(card.locator("dd")).to_have_text("华昌电子<b>")
    await card.get_by_label("交给").select_option("xu")
    await card.get_by_role("button", name="确认").click()
    await expect(page.locator(".toast")).to_have_text("记好了")
    await expect(card.locator(".card-note")).to_have_text("王磊已确认，交给xu")
    await expect(card.get_by_role("button")).to_have_count(0)
    click = messenger.events[-1]
    assert isinstance(click, Click)
    assert click.form == {"due": "2026-03-06", "who": "xu", "amount": "500"}


async def test_words_are_never_markup(messenger: Messenger, open_page: Open) -> None:
    page = await open_page(f"{messenger.url}/local/#/wang")
    await say(page, "<img src=x onerror=alert(1)><script>alert(2)</script>")
    await expect(page.locator(".message.mine .bubble")).to_contain_text("<script>alert(2)</script>")
    links = page.locator("form.card .markdown a")
    await expect(links).to_have_count(1)
    assert await links.get_attribute("href") == "https://example.com/"
    await expect(page.locator("form.card .markdown")).to_contain_text("[坏](javascript:alert(1))")
    assert await page.locator(".log img").count() == 0


async def test_several_people_hear_each_other(messenger: Messenger, open_page: Open) -> None:
    wang = await open_page(f"{messenger.url}/local/#/wang/wang")
    await expect(wang.locator(".room")).to_have_count(2)
    zhang = await open_page(f"{messenger.url}/local/#/ext_zhang")
    await say(zhang, "这款价格多少？")
    await expect(wang.locator(".room", has_text="项目对接群").locator(".badge")).to_have_text("1")
    await expect(wang).to_have_title("(1) 王磊 · 跟单")
    await wang.locator(".room", has_text="项目对接群").click()
    await expect(wang.locator(".message.theirs.text .bubble")).to_have_text("这款价格多少？")
    await expect(wang.locator(".message.theirs .who")).to_have_text("张敏")
    await expect(wang.locator(".badge")).to_have_count(0)
    await messenger.deliver(Delivery(99, WANG, CardContent(CARD)))
    await zhang.locator(".others a", has_text="王磊").click()
    await expect(zhang.locator("form.card")).to_be_visible()


async def test_a_lost_connection_comes_back_with_what_was_missed(messenger: Messenger, open_page: Open) -> None:
    page = await open_page(f"{messenger.url}/local/#/wang")
    await messenger.deliver(Delivery(1, WANG, TextContent("第一条")))
    await expect(page.locator(".bubble", has_text="第一条")).to_be_visible()
    await page.context.set_offline(True)
    await messenger.platform._hub.stop()
    await expect(page.locator("#offline")).to_be_visible()
    await messenger.deliver(Delivery(2, WANG, TextContent("断线时的")))
    await page.context.set_offline(False)
    await expect(page.locator(".bubble", has_text="断线时的")).to_be_visible()
    await expect(page.locator("#offline")).to_be_hidden()
    await messenger.deliver(Delivery(3, WANG, TextContent("又通了")))
    await expect(page.locator(".bubble", has_text="又通了")).to_be_visible()


async def test_what_was_not_sent_is_sent_again_once(messenger: Messenger, open_page: Open) -> None:
    page = await open_page(f"{messenger.url}/local/#/wang")
    await expect(page.locator(".room")).to_have_count(2)
    intake = messenger.platform._routes.intake
    messenger.platform._routes.intake = None
    await say(page, "能收到吗")
    failed = page.locator(".state.fault")
    await expect(failed).to_contain_text("没发出去")
    messenger.platform._routes.intake = intake
    await failed.get_by_role("button", name="重发").click()
    await expect(page.locator("form.card")).to_be_visible()
    await expect(page.locator(".message.mine")).to_have_count(1)
    await expect(failed).to_have_count(0)
    assert len(messenger.events) == 1


async def test_a_voice_note_is_recorded_and_sent(messenger: Messenger, open_page: Open) -> None:
    page = await open_page(f"{messenger.url}/local/#/wang")
    await page.get_by_role("button", name="录音", exact=True).click()
    await expect(page.locator(".recording")).to_be_visible()
    await asyncio.sleep(1.2)
    await page.locator(".recording").get_by_role("button", name="发送").click()
    await expect(page.get_by_role("button", name="播放语音")).to_be_visible()
    async with asyncio.timeout(10):
        while not messenger.events:  # noqa: ASYNC110 - the bot of the harness appends to a list
            await asyncio.sleep(0.05)
    (event,) = messenger.events
    assert isinstance(event, MediaMessage)
    assert event.media.kind is MediaKind.VOICE
    assert (await messenger.platform.fetch_media(event.media, 10**6)).startswith(b"\x1aE\xdf\xa3")


async def test_without_a_secure_context_it_says_why(messenger: Messenger, open_page: Open) -> None:
    init = "Object.defineProperty(window, 'isSecureContext', { value: false })"
    page = await open_page(f"{messenger.url}/local/#/wang", phone=True, init=init)
    await expect(page.get_by_role("note")).to_contain_text("https")
    await expect(page.get_by_role("button", name="上传录音")).to_be_visible()
    await expect(page.get_by_role("button", name="录音", exact=True)).to_have_count(0)


async def test_on_a_phone_list_and_chat_are_two_screens(messenger: Messenger, open_page: Open) -> None:
    page = await open_page(messenger.url, phone=True)
    await page.locator(".tile-main", has_text="王磊").click()
    await say(page, "你好")
    await expect(page.locator("form.card")).to_be_visible()
    await expect(page.locator(".sidebar")).to_be_hidden()
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390
    await page.get_by_role("link", name="返回会话列表").click()
    await expect(page.locator(".sidebar")).to_be_visible()
    await expect(page.locator(".conversation")).to_be_hidden()
    await page.locator(".room", has_text="项目对接群").click()
    await expect(page.locator(".conversation h2")).to_have_text("华昌电子 · 项目对接群")


async def test_the_clock_moves_for_everybody(messenger: Messenger, open_page: Open) -> None:
    first = await open_page(f"{messenger.url}/local/#/wang")
    second = await open_page(f"{messenger.url}/local/#/chen")
    await expect(second.locator(".room")).to_have_count(1)
    await first.get_by_role("button", name="次日 9:00").click()
    for page in (first, second):
        await expect(page.locator(".clock-now")).to_contain_text("3月6日 周五 09:00")
    await second.get_by_role("button", name="+1 小时").click()
    await expect(first.locator(".clock-now")).to_contain_text("10:00")


async def test_every_control_has_a_name(messenger: Messenger, open_page: Open) -> None:
    page = await open_page(f"{messenger.url}/local/#/wang")
    await say(page, "你好")
    await expect(page.locator("form.card")).to_be_visible()
    nameless = await page.evaluate(
        """() => [...document.querySelectorAll('button, a, input:not([hidden]), select, textarea')].filter((node) =>
             !node.textContent.trim() && !node.getAttribute('aria-label') && !(node.labels && node.labels.length)
           ).map((node) => node.outerHTML)"""
    )
    assert nameless == []
    await expect(page.get_by_role("log")).to_have_attribute("aria-live", "polite")
