"""Notes: what reps said and what was made of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.crm import Note

DRAFT, UNSURE, CONFIRMED, UNDONE = "draft", "unsure", "confirmed", "undone"


class Notes:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, note: Note) -> Note:
        self._session.add(note)
        await self._session.flush()
        return note

    async def locked(self, note_id: int) -> Note | None:
        """The note, held by this transaction: of two who want to change it, the second sees what the first did."""
        wanted = select(Note).where(Note.id == note_id).with_for_update()
        return await self._session.scalar(wanted.execution_options(populate_existing=True))

    async def last_in(self, chat_key: str, author_id: int, since: datetime) -> Sequence[Note]:
        """The notes of the author's last message in a chat, if it came after `since`; undone ones do not count."""
        mine = select(Note).where(Note.author_id == author_id, Note.chat_key == chat_key, Note.state != UNDONE)
        last = await self._session.scalar(
            mine.where(Note.created_at >= since).order_by(Note.id.desc()).limit(1)
        )
        if last is None:
            return []
        first_id = last.part_of or last.id
        together = mine.where(or_(Note.id == first_id, Note.part_of == first_id))
        return (await self._session.scalars(together.where(Note.id >= first_id).order_by(Note.id))).all()

    async def last_customer(self, author_id: int, since: datetime) -> int | None:
        """The customer that the author last spoke of."""
        wanted = select(Note.customer_id).where(
            Note.author_id == author_id,
            Note.customer_id.is_not(None),
            Note.state != UNDONE,
            Note.created_at >= since,
        )
        return await self._session.scalar(wanted.order_by(Note.id.desc()).limit(1))
