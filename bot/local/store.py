"""What the local messenger keeps and looks up: its messages, its people, its chats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.events import Chat, ChatKind, Sender
from bot.local.wire import PLATFORM, Place, Refused
from storage.inbox import insert_ignore
from storage.people import GroupChat, GroupMember, Identity, Team, User
from storage.spine import LocalMessage

_REV_LOCK = 7_203_002


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can be played. `external` people are the customer's."""

    id: str
    name: str
    role: str | None = None
    team: str | None = None
    external: bool = False


@dataclass(frozen=True, slots=True)
class Room:
    """A chat of the list. `user` is whose direct chat it is."""

    id: str
    kind: ChatKind
    title: str
    user: str | None
    members: tuple[Person, ...]


class Messages:
    """The rows of `local_messages` on one session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, values: dict[str, Any]) -> LocalMessage:
        """Insert a message, unless its id is known. Returns the row that is there."""
        rev = await self._next_rev()
        insert = insert_ignore(self._session, LocalMessage).values(text="", card=None, file=None)
        await self._session.execute(insert.values(**values, rev=rev))
        return (await self._session.scalars(select(LocalMessage).where(LocalMessage.id == values["id"]))).one()

    async def change_card(self, message_id: str, card: str) -> bool:
        """Show another card in place of the one in this message; False when there is no such message."""
        rev = await self._next_rev()
        result = await self._session.execute(
            update(LocalMessage).where(LocalMessage.id == message_id).values(card=card, kind="card", rev=rev)
        )
        return bool(result.rowcount)  # type: ignore[attr-defined]

    async def get(self, message_id: str) -> LocalMessage | None:
        return await self._session.scalar(select(LocalMessage).where(LocalMessage.id == message_id))

    async def after(self, chat: str, seq: int, limit: int) -> Sequence[LocalMessage]:
        """Messages of a chat behind `seq`, oldest first."""
        wanted = select(LocalMessage).where(LocalMessage.chat == chat, LocalMessage.seq > seq)
        return (await self._session.scalars(wanted.order_by(LocalMessage.seq).limit(limit))).all()

    async def newest(self, chat: str, limit: int) -> Sequence[LocalMessage]:
        """The newest messages of a chat, oldest first."""
        wanted = select(LocalMessage).where(LocalMessage.chat == chat).order_by(LocalMessage.seq.desc())
        return (await self._session.scalars(wanted.limit(limit))).all()[::-1]

    async def changed(self, rev: int, limit: int) -> Sequence[LocalMessage]:
        """What is new or changed behind `rev`, in the order in which it happened."""
        wanted = select(LocalMessage).where(LocalMessage.rev > rev).order_by(LocalMessage.rev).limit(limit)
        return (await self._session.scalars(wanted)).all()

    async def top_rev(self) -> int:
        return await self._session.scalar(select(func.max(LocalMessage.rev))) or 0

    async def _next_rev(self) -> int:
        """Counting is serialised, so that who reads up to a number has missed none below it."""
        if self._session.get_bind().dialect.name != "sqlite":
            await self._session.execute(select(func.pg_advisory_xact_lock(_REV_LOCK)))
        return await self.top_rev() + 1


async def people(session: AsyncSession) -> list[Person]:
    """Who can be played: active employees by their id here, then the customers' people in groups."""
    wanted = (
        select(Identity.external_id, User.name, User.role, Team.name.label("team"))
        .join(User, User.id == Identity.user_id)
        .outerjoin(Team, Team.id == User.team_id)
        .where(Identity.platform == PLATFORM, User.active)
        .order_by(User.id)
    )
    employees = [Person(row.external_id, row.name, row.role, row.team) for row in await session.execute(wanted)]
    known = {person.id for person in employees}
    outside = select(GroupMember.external_id, GroupMember.name).join(GroupChat).order_by(GroupMember.id)
    rows = await session.execute(outside.where(GroupChat.platform == PLATFORM, GroupMember.user_id.is_(None)))
    customers = {row.external_id: Person(row.external_id, row.name, external=True) for row in rows}
    return employees + [person for key, person in customers.items() if key not in known]


async def rooms(session: AsyncSession, user: str | None) -> list[Room]:
    """The chats of `user`, or everybody's: direct ones first."""
    everybody = await people(session)
    direct = [
        Room(person.id, ChatKind.DIRECT, "跟单助手", person.id, (person,))
        for person in everybody
        if not person.external and user in (None, person.id)
    ]
    if user is not None and user not in {person.id for person in everybody}:
        direct = [Room(user, ChatKind.DIRECT, "跟单助手", user, (Person(user, user),))]
    groups = [room for room in await _groups(session) if user is None or _is_in(room, user)]
    return direct + groups


def _is_in(room: Room, user: str) -> bool:
    return any(member.id == user for member in room.members)


async def _groups(session: AsyncSession) -> list[Room]:
    rows = await session.execute(
        select(GroupChat, GroupMember)
        .outerjoin(GroupMember, GroupMember.group_id == GroupChat.id)
        .where(GroupChat.platform == PLATFORM)
        .order_by(GroupChat.id, GroupMember.id)
    )
    members: dict[int, list[Person]] = {}
    groups: dict[int, GroupChat] = {}
    for group, member in rows:
        groups[group.id] = group
        found = members.setdefault(group.id, [])
        if member is not None:
            found.append(Person(member.external_id, member.name, external=member.user_id is None))
    return [
        Room(group.chat_id, ChatKind.GROUP, group.title or group.chat_id, None, tuple(members[key]))
        for key, group in groups.items()
    ]


async def is_chat(session: AsyncSession, chat: str) -> bool:
    """Whether there is such a chat: a group, an employee's direct one, or one that has messages."""
    group = select(GroupChat.id).where(GroupChat.platform == PLATFORM, GroupChat.chat_id == chat)
    employee = select(Identity.id).where(Identity.platform == PLATFORM, Identity.external_id == chat)
    used = select(LocalMessage.seq).where(LocalMessage.chat == chat)
    for wanted in (group, employee, used):
        if await session.scalar(wanted.limit(1)) is not None:
            return True
    return False


async def place(session: AsyncSession, chat: str, sender: str) -> Place:
    """Where `sender` writes and who that is. Raises `Refused` for a chat that is not theirs."""
    group = await session.scalar(
        select(GroupChat).where(GroupChat.platform == PLATFORM, GroupChat.chat_id == chat)
    )
    if group is not None:
        return await _in_group(session, group, sender)
    if chat != sender:
        raise Refused(404, "没有这个会话，或者您不在里面。")
    name, external = await _who(session, sender)
    if external:
        raise Refused(403, "客户只能在群里说话，和助手没有单聊。")
    return Place(Chat(PLATFORM, chat, ChatKind.DIRECT), Sender(sender, name))


async def _in_group(session: AsyncSession, group: GroupChat, sender: str) -> Place:
    member = await session.scalar(
        select(GroupMember).where(GroupMember.group_id == group.id, GroupMember.external_id == sender)
    )
    if member is None:
        raise Refused(403, "您不在这个群里。")
    who = Sender(sender, member.name, external=member.user_id is None)
    return Place(Chat(PLATFORM, group.chat_id, ChatKind.GROUP), who)


async def _who(session: AsyncSession, sender: str) -> tuple[str | None, bool]:
    """The name behind an id, and whether it is a customer's. An unknown id is a newcomer without a name."""
    employee = await session.scalar(
        select(User.name)
        .join(Identity, Identity.user_id == User.id)
        .where(Identity.platform == PLATFORM, Identity.external_id == sender)
    )
    if employee is not None:
        return employee, False
    row = await session.execute(
        select(GroupMember.name)
        .join(GroupChat)
        .where(GroupChat.platform == PLATFORM, GroupMember.external_id == sender, GroupMember.user_id.is_(None))
        .limit(1)
    )
    outside = row.scalar()
    return outside, outside is not None


async def chats_of(session: AsyncSession, user: str) -> frozenset[str]:
    """Ids of the chats whose messages concern `user`."""
    groups = await session.scalars(
        select(GroupChat.chat_id)
        .join(GroupMember, GroupMember.group_id == GroupChat.id)
        .where(GroupChat.platform == PLATFORM, GroupMember.external_id == user)
    )
    return frozenset({user, *groups})


def own_message(place_: Place, key: str, at: datetime, *, text: str = "", file: str | None = None) -> dict[str, Any]:
    """The row of what a person sent."""
    return {
        "id": key,
        "chat": place_.chat.id,
        "sender": place_.sender.id,
        "kind": "file" if file else "text",
        "text": text,
        "file": file,
        "at": at,
    }
