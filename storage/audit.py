"""The append-only audit log: who did what to which row, chained by hashes after the fact."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.crm import AuditEntry, AuditSeal

GENESIS = "0" * 64
_OVERTAKEN = 10_000
"""How many ids behind the last sealed one an entry may be that was committed later: it is still found and chained."""


class AuditLog:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    def add(
        self, at: datetime, user_id: int | None, action: str, subject: str, **detail: str | int | None
    ) -> None:
        """Record it with the change itself. `detail` holds ids and codes, never names or texts."""
        self._session.add(AuditEntry(at=at, user_id=user_id, action=action, subject=subject, detail=detail))


def digest(previous: str, entry: AuditEntry) -> str:
    """The entry's link in the chain: SHA-256 of the link before it and the entry's own values."""
    values = [
        previous,
        entry.id,
        entry.at.isoformat(),
        entry.user_id,
        entry.action,
        entry.subject,
        dict(sorted(entry.detail.items())),
    ]
    return hashlib.sha256(json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


async def seal(session: AsyncSession, limit: int = 500) -> int:
    """Chain entries that are committed but not yet sealed. One process at a time may call this."""
    last = await session.scalar(select(AuditSeal).order_by(AuditSeal.position.desc()).limit(1))
    position, link = (last.position, last.digest) if last else (0, GENESIS)
    fresh = (
        select(AuditEntry)
        .outerjoin(AuditSeal, AuditSeal.entry_id == AuditEntry.id)
        .where(AuditSeal.entry_id.is_(None), AuditEntry.id > (last.entry_id - _OVERTAKEN if last else 0))
        .order_by(AuditEntry.id)
        .limit(limit)
    )
    entries = (await session.scalars(fresh)).all()
    for entry in entries:
        position, link = position + 1, digest(link, entry)
        session.add(AuditSeal(position=position, entry_id=entry.id, digest=link))
    return len(entries)


async def verify(session: AsyncSession) -> tuple[int, int, str | None]:
    """(links checked, entries not yet sealed, the first fault in Chinese or None)."""
    link, checked = GENESIS, 0
    rows = await session.stream(
        select(AuditSeal, AuditEntry)
        .outerjoin(AuditEntry, AuditEntry.id == AuditSeal.entry_id)
        .order_by(AuditSeal.position)
    )
    async for row in rows:
        sealed: AuditSeal = row[0]
        entry: AuditEntry | None = row[1]
        if sealed.position != checked + 1:
            return checked, 0, f"审计链缺少第 {checked + 1} 环"
        if entry is None:
            return checked, 0, f"审计记录 {sealed.entry_id} 被删除"
        link = digest(link, entry)
        if link != sealed.digest:
            return checked, 0, f"审计记录 {sealed.entry_id} 被改动"
        checked += 1
    total = await session.scalar(select(func.count()).select_from(AuditEntry)) or 0
    return checked, total - checked, None
