"""Chromium, and pages that must not complain."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from playwright.async_api import Browser, Page, ViewportSize, async_playwright

MICROPHONE = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
DESKTOP, PHONE = ViewportSize(width=1280, height=820), ViewportSize(width=390, height=844)

Open = Callable[..., Awaitable[Page]]


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Skips where there is no Chromium, but fails in CI."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        if os.environ.get("CI"):
            pytest.fail("Chromium is missing: apt-get install chromium")
        pytest.skip("no Chromium (apt-get install chromium)")
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=found, args=["--no-sandbox", *MICROPHONE])
        yield launched
        await launched.close()


@pytest.fixture
async def open_page(browser: Browser) -> AsyncIterator[Open]:
    """Opens an address in a window of its own. No page may log an error: broken scripts, refused styles and so on."""
    faults: list[str] = []

    async def opened(url: str, *, phone: bool = False, init: str = "") -> Page:
        context = await browser.new_context(
            viewport=PHONE if phone else DESKTOP, is_mobile=phone, has_touch=phone, locale="zh-CN"
        )
        if init:
            await context.add_init_script(init)
        page = await context.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("dialog", lambda dialog: faults.append(f"dialog: {dialog.message}"))
        page.on("console", lambda line: faults.append(line.text) if line.type == "error" else None)
        await page.goto(url)
        return page

    yield opened
    assert [fault for fault in faults if not _is_network(fault)] == []


def _is_network(fault: str) -> bool:
    """What a browser logs by itself for a refused request or a lost connection."""
    return "Failed to load resource" in fault or "WebSocket connection" in fault
