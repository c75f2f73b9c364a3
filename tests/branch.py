"""A branch for conversation tests: people, a customer group, and what everybody has on their screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.config import Settings
from bot.events import Chat, ChatKind, Click, Event, Sender, TextMessage
from bot.outgoing import Reply, SendCard, SendText, Toast, ToUser, UpdateCards
from bot.platform import Limits
from bot.posting import Poster
from cards.model import Card
from handlers.router import build_handler
from scheduler.jobs import all_jobs
from scheduler.runner import Runner
from storage.crm import Customer, Lead, Step
from storage.db import Database
from storage.people import GroupChat, GroupMember, Identity, Role, Team, User
from storage.spine import OutboxRow
from storage.uow import UnitOfWork

ZONE = ZoneInfo("Asia/Shanghai")
PLATFORM = "local"
GROUP = "g_huachang"
NAMES = {"wang": "王磊", "li": "李明", "xu": "徐静", "chen": "陈刚", "zhao": "赵敏", "feng": "冯涛"}
ROLES = {"chen": Role.MANAGER, "zhao": Role.DIRECTOR, "feng": Role.MANAGER}


def at(text: str) -> datetime:
    """`2026-03-05 10:00` in the zone of the branch."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@dataclass
class Screen:
    """What one person sees: cards by subject, as they stand, and texts."""

    cards: dict[str, Card] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)


class Branch:
    """Team East (wang, li, xu; manager chen), director zhao, manager feng of team West, customer 华昌科技 of wang's."""

    def __init__(self, database: Database, settings: Settings | None = None) -> None:
        self.database = database
        self.settings = settings or Settings()
        self.limits = {PLATFORM: Limits(toast=True, card_inputs=True)}
        self.handler = build_handler(self.settings, self.limits)
        self.ids: dict[str, int] = {}
        self.screens: dict[str, Screen] = {name: Screen() for name in NAMES}
        self.customer_id = self.group_id = 0
        self._keys = count()

    async def open(self, now: datetime) -> None:
        """Hire everybody."""
        async with self.database.write() as session:
            east, west = Team(name="华东"), Team(name="华西")
            session.add_all([east, west])
            await session.flush()
            for name, chinese in NAMES.items():
                team = {"feng": west.id, "zhao": None}.get(name, east.id)
                user = User(name=chinese, role=ROLES.get(name, Role.REP), team_id=team, created_at=now)
                session.add(user)
                await session.flush()
                self.ids[name] = user.id
                session.add(Identity(platform=PLATFORM, external_id=name, user_id=user.id))
            east.manager_id, west.manager_id = self.ids["chen"], self.ids["feng"]
            customer = Customer(name="华昌科技", owner_id=self.ids["wang"], team_id=east.id, created_at=now)
            session.add(customer)
            await session.flush()
            group = GroupChat(
                platform=PLATFORM, chat_id=GROUP, title="华昌群", customer_id=customer.id, team_id=east.id
            )
            session.add(group)
            await session.flush()
            session.add(GroupMember(group_id=group.id, external_id="wang", name="王磊", user_id=self.ids["wang"]))
            self.customer_id, self.group_id = customer.id, group.id

    async def lead_with_step(self, owner: str, due: datetime, touchpoint: str = "solution_demo") -> Step:
        """An open lead of 华昌科技 with one open step."""
        async with self.database.write() as session:
            lead = Lead(
                customer_id=self.customer_id, owner_id=self.ids[owner], stage="needs_confirmed",
                created_at=due - timedelta(days=5), touched_at=due - timedelta(days=5),
            )  # fmt: skip
            session.add(lead)
            await session.flush()
            return await UnitOfWork(session).steps.add(lead, touchpoint, due, due - timedelta(days=5))

    # --- what people do ------------------------------------------------------------------------------------------

    async def say(self, who: str, text: str, now: datetime) -> Screen:
        await self._handle(TextMessage(text=text, **self._common(who, Chat(PLATFORM, who), now)), now)
        return self.screens[who]

    async def in_group(self, who: str, text: str, now: datetime, *, group: str = GROUP) -> None:
        chat = Chat(PLATFORM, group, ChatKind.GROUP)
        await self._handle(TextMessage(text=text, **self._common(who, chat, now)), now)

    async def click(self, who: str, subject: str, label: str, now: datetime, **form: str) -> str:
        """Press a button of the card they have on `subject`; what they are told."""
        card = self.screens[who].cards[subject]
        action = next(button.action for button in card.buttons if button.label == label)
        return await self.press(who, action, now, **form)

    async def press(self, who: str, action: str, now: datetime, **form: str) -> str:
        """Send a click, whether or not there is such a button (any more)."""
        event = Click(action=action, form=form, **self._common(who, Chat(PLATFORM, who), now))
        replies = await self._handle(event, now)
        return next((reply.text for reply in replies if isinstance(reply, Toast)), "")

    def _common(self, who: str, chat: Chat, now: datetime) -> dict[str, Any]:
        external = who.startswith("ext_")
        sender = Sender(who, who.removeprefix("ext_") if external else None, external)
        return {"key": f"e{next(self._keys)}", "chat": chat, "sender": sender, "sent_at": now}

    # --- time ----------------------------------------------------------------------------------------------------

    def runner(self, now: datetime) -> Runner:
        return Runner(self.database, Clock(lambda: now), all_jobs(self.settings), self.settings, self.post)

    async def tick(self, now: datetime) -> int:
        """Fire what is due."""
        return await self.runner(now).run_due(now)

    # --- what comes of it ----------------------------------------------------------------------------------------

    async def _handle(self, event: Event, now: datetime) -> list[Reply]:
        async with self.database.write() as session:
            replies = await self.handler(event, UnitOfWork(session), now)
            await self.post(session, replies, now)
        return replies

    async def post(self, session: AsyncSession, replies: Sequence[Reply], now: datetime) -> None:
        """Into the outbox as the product does it, delivered at once, and onto the screens."""
        await Poster(session, list(self.limits), now).post(replies)
        await session.flush()
        await session.execute(update(OutboxRow).where(OutboxRow.sent_at.is_(None)).values(sent_at=now))
        for reply in replies:
            self._show(reply)

    def _show(self, reply: Reply) -> None:
        match reply:
            case SendText(to=to, text=text):
                self._screen(to).texts.append(text)
            case SendCard(to=to, card=card, subject=subject):
                self._screen(to).cards[subject] = card
            case UpdateCards(subject=subject, card=card, user_id=user_id):
                for name, screen in self.screens.items():
                    if subject in screen.cards and user_id in (None, self.ids[name]):
                        screen.cards[subject] = card
            case Toast():
                pass

    def _screen(self, to: Chat | ToUser) -> Screen:
        if isinstance(to, Chat):
            return self.screens[to.id]
        return self.screens[next(name for name, user_id in self.ids.items() if user_id == to.user_id)]

    def card(self, who: str, prefix: str) -> tuple[str, Card]:
        """The newest card on a subject that begins so: (subject, card)."""
        return next(pair for pair in reversed(self.screens[who].cards.items()) if pair[0].startswith(prefix))


def fields_of(card: Card) -> dict[str, str]:
    return {field.name: field.value for field in card.fields}
