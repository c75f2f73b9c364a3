"""A team that talks to the handlers: one database, no messenger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypedDict
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.config import Settings
from bot.events import Chat, Click, Entered, Event, Media, MediaKind, MediaMessage, Prepared, Sender, TextMessage
from bot.outgoing import CONTENT, CardContent, Reply, TextContent, Toast, UpdateContent
from bot.platform import Limits
from bot.posting import Poster
from cards.actions import Action
from cards.model import Card
from handlers.router import build_handler
from storage.crm import Commitment, Customer, Lead, Note, Opportunity, Step, Todo
from storage.db import Database
from storage.people import Identity, Role, Team, User
from storage.spine import SENT, OutboxRow
from storage.uow import UnitOfWork

ZONE = ZoneInfo("Asia/Shanghai")
WEDNESDAY = datetime(2026, 3, 4, 10, 0, tzinfo=ZONE)
MESSENGER = "test"

PEOPLE = {
    "wang": ("王磊", Role.REP, "华东"),
    "li": ("李娜", Role.REP, "华东"),
    "chen": ("陈静", Role.MANAGER, "华东"),
    "zhao": ("赵强", Role.REP, "华南"),
}
CUSTOMERS = {
    "华昌电子": "wang",
    "恒锐激光": "wang",
    "恒瑞机械": "wang",
    "明德科技": "li",
    "远安材料": "zhao",
}


class _Base(TypedDict):
    key: str
    chat: Chat
    sender: Sender
    sent_at: datetime


@dataclass
class Office:
    """Colleagues who write and click. `toasts` of the last click; what was sent is read from the outbox."""

    db: Database
    limits: Limits = field(default_factory=lambda: Limits(toast=True, card_inputs=True))
    settings: Settings = field(default_factory=Settings)
    now: datetime = WEDNESDAY
    ids: dict[str, int] = field(default_factory=dict)
    customers: dict[str, int] = field(default_factory=dict)
    sent: int = 0

    # --- what people do ---------------------------------------------------------------------------------------

    async def says(self, who: str, text: str) -> list[Reply]:
        return await self.happens(TextMessage(**self._base(who), text=text))

    async def voice(self, who: str, prepared: Prepared) -> list[Reply]:
        media = Media(MediaKind.VOICE, "ref")
        return await self.happens(MediaMessage(**self._base(who), media=media, prepared=prepared))

    async def file(self, who: str, kind: MediaKind, name: str, sha256: str) -> list[Reply]:
        media, prepared = Media(kind, "ref", name), Prepared(sha256=sha256, mime="image/png", size=9)
        return await self.happens(MediaMessage(**self._base(who), media=media, prepared=prepared))

    async def enters(self, who: str) -> list[Reply]:
        return await self.happens(Entered(**self._base(who)))

    async def clicks(self, who: str, action: Action | str, **form: str) -> str:
        """Press it; the toast."""
        packed = action if isinstance(action, str) else action.encode()
        replies = await self.happens(Click(**self._base(who), action=packed, form=form))
        return next((reply.text for reply in replies if isinstance(reply, Toast)), "")

    async def presses(self, who: str, card: Card, label: str, **form: str) -> str:
        """Press a button that the card really has; the toast."""
        button = next(button for button in card.buttons if button.label == label)
        return await self.clicks(who, button.action, **form)

    async def happens(self, event: Event) -> list[Reply]:
        """Handle it as the spine does, in one transaction."""
        handler = build_handler(self.settings, {MESSENGER: self.limits})
        async with self.db.write() as session:
            replies = await handler(event, UnitOfWork(session), self.now)
            await self.delivers(session, replies)
        return replies

    async def delivers(self, session: AsyncSession, replies: list[Reply]) -> None:
        """Everything is on the screens at once."""
        await Poster(session, [MESSENGER], self.now).post(replies)
        await session.flush()
        fresh = update(OutboxRow).where(OutboxRow.sent_at.is_(None))
        await session.execute(fresh.values(state=SENT, sent_at=self.now))

    def later(self, **amount: float) -> None:
        self.now += timedelta(**amount)

    # --- what people see --------------------------------------------------------------------------------------

    async def texts(self, who: str) -> list[str]:
        contents = [CONTENT.validate_json(row.content) for row in await self._rows(who)]
        return [content.text for content in contents if isinstance(content, TextContent)]

    async def card(self, who: str, subject: str = "") -> Card:
        """The newest state of the last card on a subject that begins so."""
        rows = [row for row in await self._rows(who) if row.subject and row.subject.startswith(subject)]
        content = CONTENT.validate_json(rows[-1].content)
        assert isinstance(content, CardContent | UpdateContent)
        return content.card

    async def cards(self, who: str, subject: str) -> list[Card]:
        """All cards that were sent or changed on subjects that begin so, oldest first."""
        contents = [CONTENT.validate_json(row.content) for row in await self._rows(who, subject)]
        return [content.card for content in contents if isinstance(content, CardContent | UpdateContent)]

    # --- what is on file --------------------------------------------------------------------------------------

    async def todos(self) -> Sequence[Todo]:
        async with self.db.read() as session:
            return (await session.scalars(select(Todo).order_by(Todo.id))).all()

    async def notes(self) -> Sequence[Note]:
        async with self.db.read() as session:
            return (await session.scalars(select(Note).order_by(Note.id))).all()

    async def promises(self) -> Sequence[Commitment]:
        async with self.db.read() as session:
            return (await session.scalars(select(Commitment).order_by(Commitment.id))).all()

    async def lead(self, customer: str) -> Lead | None:
        async with self.db.read() as session:
            return await UnitOfWork(session).leads.latest(self.customers[customer])

    async def steps(self, customer: str) -> Sequence[Step]:
        async with self.db.read() as session:
            wanted = select(Step).join(Lead).where(Lead.customer_id == self.customers[customer])
            return (await session.scalars(wanted.order_by(Step.id))).all()

    async def opportunity(self, customer: str) -> Opportunity | None:
        async with self.db.read() as session:
            wanted = select(Opportunity).where(Opportunity.customer_id == self.customers[customer])
            return await session.scalar(wanted.order_by(Opportunity.id.desc()).limit(1))

    def local(self, at: datetime | None) -> str:
        return at.astimezone(ZONE).strftime("%m-%d %H:%M") if at else ""

    async def _rows(self, who: str, subject: str = "") -> Sequence[OutboxRow]:
        async with self.db.read() as session:
            wanted = select(OutboxRow).where(OutboxRow.chat_key == Chat(MESSENGER, who).key)
            if subject:
                wanted = wanted.where(OutboxRow.subject.startswith(subject))
            return (await session.scalars(wanted.order_by(OutboxRow.id))).all()

    def _base(self, who: str) -> _Base:
        self.sent += 1
        return {"key": f"e{self.sent}", "chat": Chat(MESSENGER, who), "sender": Sender(who), "sent_at": self.now}


@pytest.fixture
async def office(database: Database) -> Office:
    opened = Office(database)
    async with database.write() as session:
        teams = {name: Team(name=name) for name in ("华东", "华南")}
        session.add_all(teams.values())
        await session.flush()
        for key, (name, role, team) in PEOPLE.items():
            user = User(name=name, role=role, team_id=teams[team].id, created_at=WEDNESDAY)
            session.add(user)
            await session.flush()
            session.add(Identity(platform=MESSENGER, external_id=key, user_id=user.id))
            opened.ids[key] = user.id
        teams["华东"].manager_id = opened.ids["chen"]
        for name, owner in CUSTOMERS.items():
            team_id = teams[PEOPLE[owner][2]].id
            customer = Customer(
                name=name, aliases=[], owner_id=opened.ids[owner], team_id=team_id, created_at=WEDNESDAY
            )
            session.add(customer)
            await session.flush()
            opened.customers[name] = customer.id
    return opened
