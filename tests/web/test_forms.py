"""修改 on a messenger without inputs: a link, a form, and the card changes. And all that must not work."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import ValidationError
from sqlalchemy import select, update

from bot.config import WebSettings
from sales import records
from storage.crm import AuditEntry
from storage.people import Identity, User
from tests.web.office import NOTE, PUBLIC, Browser, Office, running


@pytest.fixture
async def office(database_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    async with running(database_url, tmp_path) as opened:
        yield opened


@pytest.fixture
async def browser(office: Office) -> AsyncIterator[Browser]:
    async with Browser(office.url) as opened:
        yield opened


async def amount(office: Office) -> Decimal | None:
    [note] = await office.notes()
    return records.from_json(note.record).amount


async def test_what_is_filled_in_changes_the_note_and_its_card(office: Office, browser: Browser) -> None:
    card, link = await office.note()
    form = await browser.enter(link)
    assert "修改记录" in form.words
    assert (form.values["amount"], form.values["title_1"]) == ("500000", "给他发报价")
    page = await browser.post("/f", form.values | {"amount": "80万", "title_1": "发新报价", "stage": "solution_demo"})
    assert (page.status, page.values["amount"]) == (200, "80万")
    assert "已保存" in page.words
    await office.wecom.screens["u1"].changed(card)
    assert card.fields["金额"] == "80万元（预算）"
    assert card.fields["阶段"] == "方案演示"
    assert card.fields["待办"].startswith("发新报价")
    assert await amount(office) == 800_000
    assert (await browser.get("/f")).values["amount"] == "800000"


async def test_the_chat_does_not_wait_for_words_any_more(office: Office, browser: Browser) -> None:
    card, link = await office.note()
    form = await browser.enter(link)
    await browser.post("/f", form.values | {"amount": "80万"})
    await office.wecom.screens["u1"].changed(card)
    await office.wecom.say("u1", "恒锐激光明天要样品")
    assert await office.app.idle(20)
    assert len(await office.notes()) == 2


async def test_to_look_at_a_link_has_no_effect(office: Office, browser: Browser) -> None:
    _, link = await office.note()
    path = link.removeprefix(PUBLIC)
    async with Browser(office.url) as previewer:
        for _ in range(3):
            door = await previewer.get(path)
            assert door.status == 200
            assert "打开表单" in door.words
            assert "华昌" not in door.html
        assert (await previewer.get("/f")).status == 403
    assert (await browser.enter(link)).status == 200
    assert await office.submissions() == 0


async def test_a_link_ends(office: Office, browser: Browser) -> None:
    _, link = await office.note()
    office.ahead[0] = timedelta(minutes=59)
    form = await browser.enter(link)
    office.ahead[0] = timedelta(minutes=61)
    path = link.removeprefix(PUBLIC)
    for page in (await browser.get(path), await browser.post(path)):
        assert page.status == 410
        assert "已过期" in page.words
    assert "已保存" in (await browser.post("/f", form.values | {"amount": "1万"})).words, "the open form still works"
    office.ahead[0] = timedelta(minutes=90)
    assert (await browser.get("/f")).status == 410
    assert (await browser.post("/f", form.values)).status == 410


async def test_a_changed_link_is_refused(office: Office, browser: Browser) -> None:
    _, link = await office.note()
    path = link.removeprefix(PUBLIC)
    for forged in (path[:-2] + "xx", path.replace(".", "x."), "/f/nothing", f"/f/{'a' * 3000}"):
        assert (await browser.get(forged)).status == 403
        page = await browser.post(forged)
        assert page.status == 403
        assert "链接不对" in page.words
    assert not browser.http.cookie_jar.filter_cookies(office.url)  # type: ignore[arg-type]


async def test_a_link_is_for_one_person(office: Office, browser: Browser) -> None:
    """Not for who took over the account, not for who has left, and not for somebody else's note."""
    _, link = await office.note()
    [note] = await office.notes()
    others = await browser.post((await office.link_to("u2", note.id)).removeprefix(PUBLIC))
    assert (others.status, "别人的记录" in others.words) == (410, True)
    form = await browser.enter(link)
    async with office.app.db.write() as session:
        await session.execute(update(User).where(User.id == 1).values(active=False))
    assert (await browser.post("/f", form.values | {"amount": "1"})).status == 403
    async with office.app.db.write() as session:
        await session.execute(update(User).where(User.id == 1).values(active=True))
        await session.execute(update(Identity).where(Identity.external_id == "u1").values(user_id=2))
    assert (await browser.post(link.removeprefix(PUBLIC))).status == 403
    assert await office.submissions() == 0


async def test_a_form_goes_with_its_own_session(office: Office, browser: Browser) -> None:
    _, link = await office.note()
    form = await browser.enter(link)
    async with Browser(office.url) as other:
        assert (await other.post("/f", form.values)).status == 403, "no cookie"
        _, others_link = await office.note("u2", "华昌电子的李总明天要看样品")
        others = await other.enter(others_link)
        assert (await other.post("/f", form.values)).status == 403, "another person's cookie"
        assert (await browser.post("/f", others.values)).status == 403
    assert await office.submissions() == 0


async def test_without_the_hidden_ticket_nothing_is_taken(office: Office, browser: Browser) -> None:
    _, link = await office.note()
    form = await browser.enter(link)
    bare = {name: value for name, value in form.values.items() if not name.startswith("_")}
    for ticket in ({}, {"_ticket": ""}, {"_ticket": form.values["_ticket"][:-1]}, {"_ticket": link.rpartition("/")[2]}):
        assert (await browser.post("/f", bare | ticket)).status == 403
    assert (await browser.post("/f", form.values, Sec_Fetch_Site="cross-site")).status == 403
    assert (await browser.post(link.removeprefix(PUBLIC), Sec_Fetch_Site="cross-site")).status == 403
    assert await office.submissions() == 0


async def test_pressed_twice_is_once(office: Office, browser: Browser) -> None:
    _, link = await office.note()
    form = await browser.enter(link)
    filled = form.values | {"amount": "80万"}
    pages = await asyncio.gather(*(browser.post("/f", filled) for _ in range(4)))
    assert {page.status for page in pages} == {200}
    assert all("已保存" in page.words for page in pages)
    assert await office.submissions() == 1
    changed = await browser.post("/f", form.values | {"amount": "90万"})
    assert "已保存" in changed.words, "other values on the page of before are not lost"
    assert await office.app.idle(20)
    assert await amount(office) == 900_000
    assert (await office.wecom.next_card("u1")).fields["金额"] == "90万元（预算）", "WeCom's card can be changed once"


async def test_a_fault_is_said_and_what_was_typed_stays(office: Office, browser: Browser) -> None:
    _, link = await office.note()
    form = await browser.enter(link)
    page = await browser.post("/f", form.values | {"amount": "很多", "title_1": "发新报价"})
    assert "金额没看懂" in page.words
    assert (page.values["amount"], page.values["title_1"]) == ("很多", "发新报价")
    assert await amount(office) == 500_000
    page = await browser.post("/f", page.values | {"amount": "60万"})
    assert "已保存" in page.words
    assert await amount(office) == 600_000


async def test_what_was_taken_back_cannot_be_filled_in(office: Office, browser: Browser) -> None:
    card, link = await office.note()
    form = await browser.enter(link)
    await office.wecom.click("u1", card, "撤销")
    assert await office.app.idle(20)
    again = await browser.post(link.removeprefix(PUBLIC))
    for page in (again, await browser.get("/f"), await browser.post("/f", form.values)):
        assert page.status == 410
        assert "已经撤销" in page.words


async def test_words_are_never_markup(office: Office, browser: Browser) -> None:
    _, link = await office.note()
    form = await browser.enter(link)
    evil = '"><script>alert(1)</script>\'&amp;'
    page = await browser.post("/f", form.values | {"title_1": evil, "amount": evil})
    assert page.values["title_1"] == evil
    assert "script" not in page.tags
    assert "<script" not in page.html
    page = await browser.post("/f", form.values | {"title_1": evil})
    assert "script" not in (await browser.get("/f")).tags
    assert page.values["title_1"] == evil


async def test_bodies_are_small_forms(office: Office, browser: Browser) -> None:
    _, link = await office.note()
    form = await browser.enter(link)
    assert (await browser.post("/f", form.values | {"title_1": "长" * 20_000})).status == 413
    assert (await browser.post("/f", form.values | {f"x{i}": "" for i in range(200)})).status == 400
    assert (await browser.post("/f", form.values | {"title_1": "零\0字节", "other": "x"})).status == 200
    async with browser.http.post(f"{office.url}/f", data=b"a=%ff", headers={"Content-Type": "text/plain"}) as answer:
        assert answer.status == 415
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    async with browser.http.post(f"{office.url}/f", data=b"a=%ff", headers=headers) as answer:
        assert answer.status == 400
    assert await office.app.idle(20)
    [note] = await office.notes()
    assert records.from_json(note.record).todos[0].title == "零字节"


async def test_the_pages_keep_to_themselves(office: Office, browser: Browser) -> None:
    _, link = await office.note()
    path = link.removeprefix(PUBLIC)
    async with browser.http.post(office.url + path, allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (303, "/f")
        cookie = answer.headers["Set-Cookie"]
    assert all(part in cookie for part in ("HttpOnly", "SameSite=Strict", "Path=/f", "Max-Age=1800"))
    assert "Secure" not in cookie
    for url in (path, "/f", "/f/forged"):
        async with browser.http.get(office.url + url) as answer:
            policy = answer.headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy
            assert "frame-ancestors 'none'" in policy
            assert answer.headers["Cache-Control"] == "no-store"
            assert answer.headers["Referrer-Policy"] == "no-referrer"
            assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_behind_https_and_a_path_the_cookie_is_secure(sqlite_url: str, tmp_path: Path) -> None:
    async with running(sqlite_url, tmp_path, public_url="https://example.test/gendan/", secret_key="") as office:
        await office.wecom.say("u1", NOTE)
        await office.wecom.click("u1", await office.wecom.next_card("u1"), "修改")
        link = (await office.wecom.next_text("u1")).rpartition("\n")[2]
        assert link.startswith("https://example.test/gendan/f/")
        path = link.removeprefix("https://example.test/gendan")
        async with Browser(office.url) as browser:
            assert (await browser.get(path)).status == 200, "a key made by one part of the product serves the other"
            async with browser.http.post(office.url + path, allow_redirects=False) as answer:
                assert answer.headers["Location"] == "/gendan/f"
                assert "Secure" in answer.headers["Set-Cookie"]
                assert "Path=/gendan/f" in answer.headers["Set-Cookie"]


async def test_without_a_public_address_it_is_words_alone(sqlite_url: str, tmp_path: Path) -> None:
    async with running(sqlite_url, tmp_path, public_url="") as office:
        await office.wecom.say("u1", NOTE)
        await office.wecom.click("u1", await office.wecom.next_card("u1"), "修改")
        said = await office.wecom.next_text("u1")
        assert said.startswith("直接回复要改的内容")
        assert "http" not in said
        async with Browser(office.url) as browser:
            assert (await browser.get("/f")).status == 404


@pytest.mark.parametrize("url", ["gendan.test", "https://", "https://x.test/?a=1", "javascript://x", "https://a b"])
def test_an_address_that_leads_nowhere_is_a_fault(url: str) -> None:
    with pytest.raises(ValidationError, match="应为完整的网址"):
        WebSettings(public_url=url)


async def test_it_is_on_record_who_changed_it(office: Office, browser: Browser) -> None:
    _, link = await office.note()
    form = await browser.enter(link)
    await browser.post("/f", form.values | {"amount": "80万"})
    async with office.app.db.read() as session:
        wanted = select(AuditEntry).where(AuditEntry.action == "note.amended")
        [entry] = (await session.scalars(wanted)).all()
    assert (entry.user_id, entry.subject) == (1, "note:1")
