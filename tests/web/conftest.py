"""A small company of two teams, and a client that speaks to the real server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.config import Settings, WebSettings
from bot.outgoing import Reply
from sales.people import new_token
from storage.crm import Customer, Lead, Todo
from storage.db import Database
from storage.people import Role, Team, User
from storage.uow import UnitOfWork
from web import api

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 3, 5, 9, 0, tzinfo=ZONE)
CONFIGURED = "configured-token-of-zhao"


@dataclass
class Company:
    """The API as each of its people sees it. `ids` by name, `shown` what was to be shown in chat."""

    db: Database
    client: TestClient[web.Request, web.Application] | None = None
    ids: dict[str, int] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    shown: list[Reply] = field(default_factory=list)

    async def post(self, _session: AsyncSession, replies: list[Reply], _now: datetime) -> None:
        self.shown += replies

    async def call(
        self, who: str | None, method: str, path: str, body: object = None, *, raw: bytes | None = None
    ) -> tuple[int, Any]:
        """(status, JSON) of a call under `/api/v1` with the token of `who`."""
        assert self.client is not None
        headers = {"Authorization": f"Bearer {self.tokens.get(who, who)}"} if who else {}
        given = {"data": raw} if raw is not None else {"json": body} if body is not None else {}
        async with self.client.request(method, f"/api/v1{path}", headers=headers, **given) as answer:
            return answer.status, await answer.json()

    async def listed(self, who: str, path: str) -> list[Any]:
        status, page = await self.call(who, "GET", path)
        assert status == 200, page
        items: list[Any] = page["items"]
        return items

    async def fill(self) -> None:
        async with self.db.write() as session:
            east, north = Team(name="华东一组"), Team(name="华北一组")
            session.add_all([east, north])
            await session.flush()
            people = {
                "wang": (Role.REP, east.id), "li": (Role.REP, east.id), "chen": (Role.MANAGER, east.id),
                "liu": (Role.REP, north.id), "gao": (Role.MANAGER, north.id),
                "zhao": (Role.DIRECTOR, None), "root": (Role.ADMIN, None),
            }  # fmt: skip
            for name, (role, team_id) in people.items():
                user = User(name=name, role=role, team_id=team_id, created_at=NOW)
                session.add(user)
                await session.flush()
                self.ids[name] = user.id
                self.tokens[name] = await new_token(UnitOfWork(session), user, NOW)
            east.manager_id, north.manager_id = self.ids["chen"], self.ids["gao"]
            await self._work(session, east, north)

    async def _work(self, session: AsyncSession, east: Team, north: Team) -> None:
        for name, owner, team in (("华昌电子", "wang", east), ("恒瑞机械", "li", east), ("北方重工", "liu", north)):
            customer = Customer(name=name, aliases=[], owner_id=self.ids[owner], team_id=team.id, created_at=NOW)
            session.add(customer)
            await session.flush()
            lead = Lead(
                customer_id=customer.id, owner_id=self.ids[owner], team_id=team.id, stage="first_contact",
                created_at=NOW, touched_at=NOW,
            )  # fmt: skip
            todo = Todo(title=f"给{name}发报价", assignee_id=self.ids[owner], customer_id=customer.id, created_at=NOW)
            session.add_all([lead, todo])
            await session.flush()
            self.ids |= {name: customer.id, f"lead:{name}": lead.id, f"todo:{name}": todo.id}


@pytest.fixture
async def company(database: Database) -> AsyncIterator[Company]:
    made = Company(database)
    await made.fill()
    settings = Settings(web=WebSettings(api_tokens={CONFIGURED: "zhao", "token-of-nobody": "nobody"}))
    app = web.Application()
    app.add_routes(api.routes(database, settings, Clock(lambda: NOW), made.post))
    made.client = TestClient(TestServer(app))
    await made.client.start_server()
    yield made
    await made.client.close()
