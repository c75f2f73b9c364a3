"""The form behind a link, in a real browser of a phone's size."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Open
from tests.web.office import PUBLIC, running

pytestmark = pytest.mark.browser


async def test_the_link_of_a_card_opens_its_form(sqlite_url: str, tmp_path: Path, open_page: Open) -> None:
    async with running(sqlite_url, tmp_path) as office:
        card, link = await office.note()
        page = await open_page(office.url + link.removeprefix(PUBLIC), phone=True)
        await page.get_by_role("button", name="打开表单").click()
        await expect(page).to_have_url(f"{office.url}/f")
        await expect(page.get_by_label("待办")).to_have_value("给他发报价")
        await page.get_by_label("金额（元）").fill("80万")
        await page.get_by_label("阶段").select_option(label="方案演示")
        assert await page.evaluate("document.documentElement.scrollWidth") <= 390
        heights = await page.locator("input:visible, select, button").evaluate_all(
            "nodes => nodes.map((node) => node.getBoundingClientRect().height)"
        )
        assert min(heights) >= 44, "for thumbs; and so the style was not refused"
        await page.get_by_role("button", name="保存").click()
        await expect(page.get_by_role("status")).to_have_text("已保存")
        await office.wecom.screens["u1"].changed(card)
        assert card.fields["金额"] == "80万元（预算）"
        await page.reload()
        await expect(page.get_by_role("status")).to_have_text("已保存")
        assert await office.submissions() == 1, "to send the page again is no second click"
