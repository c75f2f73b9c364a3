"""The whole product on WeCom, whose cards have no inputs, and the browsers that its links open in."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Self

from aiohttp import ClientResponse, ClientSession, CookieJar
from pydantic import SecretStr
from sqlalchemy import func, select

from bot.app import App
from bot.clock import Clock
from bot.config import DatabaseSettings, Settings, WebSettings
from bot.events import Chat
from cards.actions import NoteEdit
from cli.compose import build_app, routes_of
from storage.crm import Note
from storage.db import Database
from storage.spine import InboxRow
from storage.uow import UnitOfWork
from tests.emulators.wecom import WecomEmulator
from tests.emulators.wecom_screen import Shown
from tests.product import seed_reps
from tests.web.conftest import ZONE
from web.forms.links import FormLinks
from web.forms.seal import Sealer

PUBLIC, SECRET = "http://gendan.test", "a secret for tests"
NOTE = "华昌电子的张总预算五十万，下周四前给他发报价"


class Page(HTMLParser):
    """The values that a browser would send back, and the words it would show."""

    def __init__(self, status: int, html: str) -> None:
        super().__init__()
        self.status = status
        self.html = html
        self.values: dict[str, str] = {}
        self.words = ""
        self.tags: list[str] = []
        self._select = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        if tag == "input":
            self.values[found["name"]] = found.get("value", "")
        if tag == "select":
            self._select = found["name"]
        if tag == "option" and ("selected" in found or self._select not in self.values):
            self.values[self._select] = found["value"]

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1] != "style":
            self.words += data


@dataclass
class Browser:
    """One person's browser, cookies and all."""

    url: str
    http: ClientSession = field(default_factory=lambda: ClientSession(cookie_jar=CookieJar(unsafe=True)))

    async def get(self, path: str) -> Page:
        return await self._page(await self.http.get(self.url + path))

    async def post(self, path: str, values: dict[str, str] | None = None, **headers: str) -> Page:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self._page(await self.http.post(self.url + path, data=values or {}, headers=named))

    async def enter(self, link: str) -> Page:
        """Open a link and press its button: the form."""
        path = link.removeprefix(PUBLIC)
        door = await self.get(path)
        assert door.status == 200, door.words
        return await self.post(path)

    async def _page(self, response: ClientResponse) -> Page:
        async with response:
            return Page(response.status, await response.text())

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.http.close()


@dataclass
class Office:
    """The product, WeCom, and time that can be pushed ahead."""

    app: App
    wecom: WecomEmulator
    url: str
    ahead: list[timedelta]
    links: FormLinks

    async def note(self, user: str = "u1", text: str = NOTE) -> tuple[Shown, str]:
        """Say it and press 修改: the record's card, and the link that came."""
        await self.wecom.say(user, text)
        card = await self.wecom.next_card(user)
        await self.wecom.click(user, card, "修改")
        said = await self.wecom.next_text(user)
        found = re.search(rf"{PUBLIC}/f/\S+", said)
        assert found, said
        return card, found[0]

    async def link_to(self, user: str, note_id: int) -> str:
        """A link made here: well signed, whatever it is for."""
        async with self.app.db.read() as session:
            found = await UnitOfWork(session).users.by_identity("wecom", user)
        assert found is not None
        return self.links.form(found, Chat("wecom", user), NoteEdit(note_id))

    async def notes(self) -> Sequence[Note]:
        async with self.app.db.read() as session:
            return (await session.scalars(select(Note).order_by(Note.id))).all()

    async def submissions(self) -> int:
        """How many clicks came from forms."""
        async with self.app.db.read() as session:
            wanted = select(func.count()).where(InboxRow.event_key.startswith("form:"))
            return await session.scalar(wanted) or 0


@asynccontextmanager
async def running(url: str, folder: Path, **web: object) -> AsyncIterator[Office]:
    """Two reps, u1 and u2, of one team."""
    ahead = [timedelta()]
    clock = Clock(lambda: datetime.now(UTC).astimezone(ZONE) + ahead[0])
    await seed_reps(url, 2, "wecom", clock.now())
    given = {"public_url": PUBLIC, "secret_key": SECRET} | web
    async with WecomEmulator() as wecom:
        settings = Settings(
            data_dir=folder, database=DatabaseSettings(url=SecretStr(url)), wecom=wecom.settings,
            web=WebSettings.model_validate(given),
        )  # fmt: skip
        database = Database(url)
        app, _ = await build_app(settings, clock, database, demo=False)
        await app.start()
        try:
            port = await app.listen(await routes_of(app), "127.0.0.1", 0)
            address = f"http://127.0.0.1:{port}"
            await wecom.connect(f"{address}/wecom/callback")
            links = FormLinks(Sealer(SECRET), clock, PUBLIC, timedelta(hours=1))
            yield Office(app, wecom, address, ahead, links)
        finally:
            await app.stop()
            await database.close()
