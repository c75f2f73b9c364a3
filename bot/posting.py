"""From what a handler or a job returns to outbox rows, in the transaction of the change that caused it."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.events import Chat, ChatKind
from bot.outgoing import (
    CONTENT,
    Address,
    CardContent,
    Content,
    Reply,
    SendCard,
    SendText,
    TextContent,
    Toast,
    ToUser,
    UpdateCards,
    UpdateContent,
)
from storage import outbox
from storage.people import Identity, User
from storage.spine import CardMessage, OutboxRow

log = logging.getLogger(__name__)


def chat_from_row(data: Mapping[str, str]) -> Chat:
    return Chat(platform=data["platform"], id=data["id"], kind=ChatKind(data["kind"]))


class Poster:
    """Writes outbox rows on one session. `platforms` are the ones in use, the first of them the default.

    `rows` are those it wrote.
    """

    def __init__(self, session: AsyncSession, platforms: Sequence[str], now: datetime) -> None:
        self._session = session
        self._platforms = platforms
        self._now = now
        self.rows: list[OutboxRow] = []

    async def post(self, replies: Sequence[Reply]) -> None:
        """Enqueue all but toasts, in order."""
        for reply in replies:
            match reply:
                case SendText(to=to, text=text):
                    await self._send(to, TextContent(text), None, "info")
                case SendCard(to=to, card=card, subject=subject):
                    await self._send(to, CardContent(card), subject, card.severity)
                case UpdateCards():
                    await self._update(reply)
                case Toast():
                    pass

    async def _send(self, to: Address, content: Content, subject: str | None, severity: str) -> None:
        chat = to if isinstance(to, Chat) else await self._chat_of(to)
        user_id = to.user_id if isinstance(to, ToUser) else None
        if chat is None:
            log.warning("user %s has no messenger in use; not sent", user_id)
            return
        row = self._row(chat, content, user_id, subject, severity)
        self._session.add(row)
        if subject is not None:
            await self._session.flush()
            self._session.add(
                CardMessage(
                    subject=subject,
                    platform=chat.platform,
                    chat_key=chat.key,
                    chat=asdict(chat),
                    user_id=user_id if user_id is not None else await self._user_of(chat),
                    outbox_id=row.id,
                    created_at=self._now,
                )
            )

    async def _update(self, update: UpdateCards) -> None:
        for message in await outbox.cards_on(self._session, update.subject, update.user_id):
            content = UpdateContent(card=update.card, card_message_id=message.id)
            chat = chat_from_row(message.chat)
            self._session.add(
                self._row(chat, content, message.user_id, update.subject, update.card.severity)
            )

    def _row(
        self, chat: Chat, content: Content, user_id: int | None, subject: str | None, severity: str
    ) -> OutboxRow:
        row = OutboxRow(
            platform=chat.platform,
            chat_key=chat.key,
            chat=asdict(chat),
            content=CONTENT.dump_json(content).decode(),
            user_id=user_id,
            subject=subject,
            severity=severity,
            not_before=self._now,
            created_at=self._now,
        )
        self.rows.append(row)
        return row

    async def _chat_of(self, to: ToUser) -> Chat | None:
        rows = await self._session.execute(
            select(Identity.platform, Identity.external_id, User.preferred)
            .join(User, User.id == Identity.user_id)
            .where(Identity.user_id == to.user_id, Identity.platform.in_(self._platforms))
        )
        found = {row.platform: (row.external_id, row.preferred) for row in rows}
        order = sorted(found, key=lambda name: (found[name][1] != name, self._platforms.index(name)))
        return Chat(order[0], found[order[0]][0]) if order else None

    async def _user_of(self, chat: Chat) -> int | None:
        if chat.kind is not ChatKind.DIRECT:
            return None
        return await self._session.scalar(
            select(Identity.user_id).where(Identity.platform == chat.platform, Identity.external_id == chat.id)
        )
