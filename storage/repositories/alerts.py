"""Alerts: what a manager is to decide, each decided once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage.crm import Alert
from storage.inbox import insert_ignore
from storage.spine import CardMessage, OutboxRow

OPEN, REMINDED, CLOSED = "open", "reminded", "closed"


class Alerts:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, alert_id: int) -> Alert | None:
        return await self._session.get(Alert, alert_id, populate_existing=True)

    async def on(self, subject: str) -> Alert | None:
        return await self._session.scalar(select(Alert).where(Alert.subject == subject))

    async def raise_once(
        self,
        kind: str,
        subject: str,
        now: datetime,
        *,
        user_id: int | None,
        team_id: int | None,
        step_id: int | None = None,
        commitment_id: int | None = None,
    ) -> Alert | None:
        """A new alert about the work of `user_id`; None when one was raised on this subject before."""
        values = {
            "kind": kind, "subject": subject, "user_id": user_id, "team_id": team_id, "step_id": step_id,
            "commitment_id": commitment_id, "state": OPEN, "outcome": "", "created_at": now,
        }  # fmt: skip
        made = await self._session.scalar(insert_ignore(self._session, Alert).values(values).returning(Alert.id))
        return await self.get(made) if made is not None else None

    async def close(
        self, alert_id: int, user_id: int | None, outcome: str, now: datetime, state: str = CLOSED
    ) -> bool:
        """Decide it; False when somebody was first."""
        changed = (
            update(Alert)
            .where(Alert.id == alert_id, Alert.state == OPEN)
            .values(state=state, closed_by=user_id, closed_at=now, outcome=outcome)
        )
        return await self._session.scalar(changed.returning(Alert.id)) is not None

    async def open_about(self, *, step_id: int | None = None, commitment_id: int | None = None) -> Sequence[Alert]:
        """Open alerts about a step or a commitment."""
        about = Alert.step_id == step_id if step_id is not None else Alert.commitment_id == commitment_id
        return (await self._session.scalars(select(Alert).where(Alert.state == OPEN, about))).all()

    async def last_card_in(self, chat_key: str) -> str | None:
        """The subject of the card that was last delivered in a chat; that an older one changed does not matter."""
        is_new = select(CardMessage.id).where(CardMessage.outbox_id == OutboxRow.id).exists()
        wanted = select(OutboxRow.subject).where(
            OutboxRow.chat_key == chat_key, OutboxRow.sent_at.is_not(None), OutboxRow.subject.is_not(None), is_new
        )
        return await self._session.scalar(wanted.order_by(OutboxRow.sent_at.desc(), OutboxRow.id.desc()).limit(1))
