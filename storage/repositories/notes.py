"""Notes: what reps said and what was made of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.crm import Note

DRAFT, UNSURE, CONFIRMED, UNDONE = "draft", "unsure", "confirmed", "undone"
_PASSED_OVER = 20


class Notes:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, note: Note) -> Note:
        self._session.add(note)
        await self._session.flush()
        return note

    async def get(self, note_id: int) -> Note | None:
        return await self._session.get(Note, note_id)

    async def locked(self, note_id: int) -> Note | None:
        """The note, held by this transaction: of two who want to change it, the second sees what the first did."""
        wanted = select(Note).where(Note.id == note_id).with_for_update()
        return await self._session.scalar(wanted.execution_options(populate_existing=True))

    async def later(self, customer_id: int, note_id: int) -> Sequence[Note]:
        """The notes in force that came after this one on a customer, oldest first, held by this transaction."""
        wanted = select(Note).where(Note.customer_id == customer_id, Note.id > note_id, Note.state != UNDONE)
        held = wanted.order_by(Note.id).with_for_update().execution_options(populate_existing=True)
        return (await self._session.scalars(held)).all()

    async def last_in(
        self, chat_key: str, author_id: int, since: datetime, counts: Callable[[Note], bool] = lambda note: True
    ) -> Sequence[Note]:
        """The notes of the author's last message in a chat, if it came after `since`.

        Undone ones do not count, nor do those that do not fulfil `counts` (of which a few are passed over).
        """
        mine = select(Note).where(
            Note.author_id == author_id, Note.created_at >= since, Note.chat_key == chat_key, Note.state != UNDONE
        )
        newest = mine.order_by(Note.id.desc()).limit(_PASSED_OVER)
        last = next(filter(counts, await self._session.scalars(newest)), None)
        if last is None:
            return []
        first_id = last.part_of or last.id
        together = mine.where(or_(Note.id == first_id, Note.part_of == first_id))
        return (await self._session.scalars(together.where(Note.id >= first_id).order_by(Note.id))).all()

    async def last_on_a_customer(self, author_id: int, since: datetime) -> Note | None:
        """The author's last note that is about a customer."""
        wanted = select(Note).where(
            Note.author_id == author_id,
            Note.customer_id.is_not(None),
            Note.state != UNDONE,
            Note.created_at >= since,
        )
        return await self._session.scalar(wanted.order_by(Note.id.desc()).limit(1))
