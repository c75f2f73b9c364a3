"""The whole product in a browser, as `main.py run --demo` shows it. `GENDAN_SCREENSHOTS`: a folder for pictures."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Open
from tests.product import Product

pytestmark = [pytest.mark.browser, pytest.mark.slow]

VOICE = Path(__file__).parents[1] / "data" / "as1_004.wav"
SLOW_MS = 60_000


@pytest.fixture
async def product(tmp_path: Path) -> AsyncIterator[Product]:
    """A demo that begins on a Thursday afternoon."""
    demo = Product(tmp_path, {}, "--demo", "--now", "2026-03-05T14:20")
    await demo.start(60)
    yield demo
    await demo.stop()


async def picture(page: Page, name: str) -> None:
    if folder := os.environ.get("GENDAN_SCREENSHOTS"):
        await page.screenshot(path=Path(folder) / f"{name}.png")


async def test_a_note_becomes_a_card_that_is_confirmed(product: Product, open_page: Open) -> None:
    page = await open_page(product.url)
    await expect(page.locator(".tryout")).to_have_count(3)
    await picture(page, "first-page")
    await page.locator(".tryout").first.click()
    await page.locator(".send").click()
    card = page.locator("form.card").last
    await expect(card).to_contain_text("华昌电子", timeout=SLOW_MS)
    await expect(card).to_contain_text("发新报价")
    await expect(card).to_contain_text("周五 3月6日 18:00")
    await picture(page, "note")
    await card.get_by_role("button", name="确认").click()
    await expect(card).to_contain_text("已处理", timeout=SLOW_MS)
    await picture(page, "note-confirmed")


async def test_a_customer_asks_and_a_rep_takes_it(product: Product, open_page: Open) -> None:
    customer = await open_page(product.url)
    await customer.locator(".tryout").nth(1).click()
    await customer.locator(".send").click()
    await customer.locator(".others a").first.click(timeout=SLOW_MS)
    card = customer.locator("form.card", has_text="热线索").last
    await expect(card).to_contain_text("这款价格多少？能寄样品吗")
    await picture(customer, "hot-lead")
    await card.get_by_role("button", name="接单").click()
    await expect(card).to_contain_text("已处理", timeout=SLOW_MS)


async def test_a_day_later_the_manager_decides(product: Product, open_page: Open) -> None:
    manager = await open_page(product.url, phone=True)
    await manager.locator(".tryout").nth(2).click()
    card = manager.locator("form.card", has_text="逾期").last
    await expect(card).to_be_visible(timeout=SLOW_MS)
    await expect(manager.locator(".clock-now")).to_contain_text("3月6日 周五", timeout=SLOW_MS)
    await expect(card.get_by_role("button", name="提醒")).to_be_visible()
    await picture(manager, "overdue-phone")
    await card.get_by_role("button", name="提醒").click()
    await expect(card).to_contain_text("已处理", timeout=SLOW_MS)


@pytest.mark.speech
@pytest.mark.skipif(
    not os.environ.get("CI") and find_spec("faster_whisper") is None, reason="speech is not installed: make speech"
)
async def test_a_voice_note_becomes_a_card(product: Product, open_page: Open) -> None:
    page = await open_page(f"{product.url}/local/#/wang/wang")
    await page.locator("[data-testid=file]").set_input_files(VOICE)
    await expect(page.locator(".message.mine").get_by_role("button", name="播放语音")).to_be_visible()
    card = page.locator("form.card").last
    await expect(card).to_contain_text("有机会参与", timeout=SLOW_MS)
    await picture(page, "voice")
    await card.get_by_role("button", name="撤销").click()
    await expect(card).to_contain_text("已处理", timeout=SLOW_MS)
