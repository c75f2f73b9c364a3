"""A: what arrives is made durable before it is acknowledged.

Callbacks that come together share one commit. No network call, no handler, nothing slow happens here.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import select

from bot.batching import Batches
from bot.clock import Clock
from bot.events import EVENT, Event, MediaMessage
from bot.outgoing import ClickAnswer
from storage import inbox
from storage.db import Database
from storage.spine import DEAD, NO_PREPARE, PENDING, TO_PREPARE, InboxRow

log = logging.getLogger(__name__)

ANSWER_POLL_S = 0.02

Rows = list[dict[str, Any]]


class InboxIntake:
    """The `Intake` that platforms call. `wake` is called after new events are committed."""

    def __init__(self, db: Database, clock: Clock, wake: Callable[[], None]) -> None:
        self._db = db
        self._clock = clock
        self._wake = wake
        self._batches: Batches[Rows, None] = Batches("intake", db, self._commit)
        self.start, self.stop = self._batches.start, self._batches.stop

    async def accept(self, platform: str, raw: bytes, events: Sequence[Event]) -> None:
        """Make the events durable. Raises one of `Database.trouble` when the database cannot take them."""
        if events:
            await self._batches.put([self._row(platform, raw, event) for event in events])

    async def reject(self, platform: str, key: str, raw: bytes, reason: str) -> None:
        """Keep a genuine event that cannot be parsed as a dead letter."""
        row = self._base(platform, key, f"{platform}:unparsed", "unparsed", raw)
        await self._batches.put([row | {"state": DEAD, "error": reason, "event": None, "prepare": NO_PREPARE}])

    async def answer(self, platform: str, key: str, wait_s: float = 1.0) -> ClickAnswer | None:
        """A click's answer once it is handled, by whichever process; None when that takes longer."""
        wanted = select(InboxRow.state, InboxRow.answer).where(
            InboxRow.platform == platform, InboxRow.event_key == key
        )
        deadline = asyncio.get_running_loop().time() + wait_s
        while asyncio.get_running_loop().time() < deadline:
            async with self._db.read() as session:
                row = (await session.execute(wanted)).one_or_none()
            if row is not None and row.state != PENDING:
                return ClickAnswer(toast=row.answer)
            await asyncio.sleep(ANSWER_POLL_S)
        return None

    async def _commit(self, batch: Sequence[Rows]) -> Sequence[None]:
        try:
            async with self._db.write() as session:
                await inbox.add(session, [row for rows in batch for row in rows])
        except self._db.trouble as error:
            log.warning("cannot accept events: %s", type(error).__name__)
            raise
        self._wake()
        return [None] * len(batch)

    def _row(self, platform: str, raw: bytes, event: Event) -> dict[str, Any]:
        row = self._base(platform, event.key, event.conversation, event.type, raw)
        prepare = TO_PREPARE if isinstance(event, MediaMessage) else NO_PREPARE
        return row | {"event": EVENT.dump_json(event).decode(), "prepare": prepare, "state": PENDING, "error": None}

    def _base(self, platform: str, key: str, conversation: str, kind: str, raw: bytes) -> dict[str, Any]:
        now = self._clock.now()
        return {
            "platform": platform,
            "event_key": key,
            "conversation": conversation,
            "kind": kind,
            "raw": raw,
            "received_at": now,
            "not_before": now,
            "attempts": 0,
            "prepare_attempts": 0,
        }

