"""Between A and B: files are fetched from the platform and speech becomes words, with no transaction open.

A media event is claimed by a lease that ends by the database's clock; the result is kept on the inbox row, so that
a retry of its handler does not pay for it again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

import puremagic
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.config import DispatchSettings
from bot.events import EVENT, PREPARED, Event, MediaKind, MediaMessage, Prepared
from bot.faults import describe
from bot.metrics import PREPARED_TIME
from bot.outgoing import SendText
from bot.platform import MediaGone, Platform, PlatformError, Transient
from bot.posting import Poster
from intents.speech.model import Installing, NotInstalled, SpeechError, Transcriber
from storage import inbox
from storage.db import Database
from storage.media import MediaStore
from storage.spine import InboxRow, MediaFile

log = logging.getLogger(__name__)

GONE = "这个文件已经取不到了（过期或被撤回），请重新发送。"
UNREACHABLE = "文件下载一直没成功，请稍后重新发送。"
INSTALLING_AGAIN = timedelta(seconds=5)
_FALLBACK_MIME = "application/octet-stream"

Hints = Callable[[AsyncSession, Event], Awaitable[Sequence[str]]]
"""Names that may be spoken in a note: those of its sender's customers."""


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What to keep on the row; or, with `prepared` None, to be tried again after `wait`."""

    prepared: Prepared | None = None
    wait: timedelta = timedelta()
    counts: bool = False
    notice: str | None = None


class Preparer:
    """Takes media events whose preparation nobody is at."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        platforms: Mapping[str, Platform],
        media: MediaStore,
        transcriber: Transcriber,
        hints: Hints,
        settings: DispatchSettings,
        max_bytes: int,
    ) -> None:
        self._db = db
        self._clock = clock
        self._platforms = platforms
        self._media = media
        self._transcriber = transcriber
        self._hints = hints
        self._settings = settings
        self._max_bytes = max_bytes
        self._running: set[asyncio.Task[None]] = set()
        self.wake: Callable[[], None] = lambda: None
        self.wake_dispatch: Callable[[], None] = lambda: None
        self.wake_delivery: Callable[[], None] = lambda: None

    async def run_once(self) -> bool:
        """Claim what there is room for and start on it."""
        free = self._settings.parallel_media - len(self._running)
        if free <= 0:
            return False
        async with self._db.write() as session:
            rows = await inbox.claim_to_prepare(session, self._clock.now(), free, self._settings.lease_s)
        for row in rows:
            task = asyncio.create_task(self._prepare(row), name=f"prepare-{row.id}")
            self._running.add(task)
            task.add_done_callback(self._finished)
        return False

    async def drain(self) -> None:
        """Wait for the preparations under way."""
        await asyncio.gather(*self._running, return_exceptions=True)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("preparation failed, its lease will end: %s", type(error).__name__, exc_info=error)
        self.wake()

    async def _prepare(self, row: InboxRow) -> None:
        event = EVENT.validate_json(row.event or "")
        if not isinstance(event, MediaMessage):
            raise TypeError(f"inbox row {row.id} has nothing to prepare")
        with PREPARED_TIME.time():
            async with self._lease(row.id):
                outcome = await self._guarded(row, event)
        async with self._db.write() as session:
            await self._keep(session, row, event, outcome)
        self.wake_dispatch()
        if outcome.notice:
            self.wake_delivery()

    async def _guarded(self, row: InboxRow, event: MediaMessage) -> _Outcome:
        """Whatever goes wrong, the attempt counts: after the last one the chat goes on."""
        try:
            return await self._outcome(row, event)
        except self._db.trouble:
            raise
        except Exception as error:
            log.exception("media of event %s: attempt failed", row.id)
            return self._again(row, Transient(describe(error), code="bug"))

    async def _outcome(self, row: InboxRow, event: MediaMessage) -> _Outcome:
        platform = self._platforms[event.chat.platform]
        try:
            data = await platform.fetch_media(event.media, self._max_bytes)
        except MediaGone as error:
            log.info("media of event %s is gone: code %s", row.id, error.code)
            return _Outcome(Prepared(failure=GONE))
        except PlatformError as error:
            return self._again(row, error)
        try:
            sha256 = await self._media.put(data)
        except OSError as error:
            return self._again(row, Transient("no room for the file", code=type(error).__name__))
        found = Prepared(sha256=sha256, mime=_mime(data), size=len(data))
        if event.media.kind is not MediaKind.VOICE:
            return _Outcome(found)
        return await self._words(row, event, data, found)

    async def _words(self, row: InboxRow, event: MediaMessage, data: bytes, found: Prepared) -> _Outcome:
        async with self._db.read() as session:
            hints = await self._hints(session, event)
        try:
            heard = await self._transcriber.transcribe(data, hints)
        except Installing as error:
            told = row.error == inbox.WAITS_FOR_SPEECH
            return _Outcome(wait=INSTALLING_AGAIN, notice=None if told else str(error))
        except NotInstalled as error:
            if event.media.recognition:
                words = replace(found, text=event.media.recognition, engine=event.chat.platform)
                return _Outcome(words)
            return _Outcome(replace(found, failure=str(error)))
        except SpeechError as error:
            return _Outcome(replace(found, failure=str(error)))
        return _Outcome(replace(found, text=heard.text, engine=heard.engine, seconds=heard.audio_s))

    def _again(self, row: InboxRow, error: PlatformError) -> _Outcome:
        if row.prepare_attempts + 1 >= self._settings.max_attempts:
            log.error("media of event %s cannot be fetched: code %s", row.id, error.code)
            return _Outcome(Prepared(failure=UNREACHABLE))
        wait = min(self._settings.retry_s * 2**row.prepare_attempts, self._settings.retry_max_s)
        return _Outcome(wait=timedelta(seconds=max(wait, error.retry_after or 0)), counts=True)

    async def _keep(self, session: AsyncSession, row: InboxRow, event: MediaMessage, outcome: _Outcome) -> None:
        now = self._clock.now()
        prepared = outcome.prepared
        if prepared is None:
            await inbox.postpone_prepare(session, row.id, now + outcome.wait, counts=outcome.counts)
        else:
            await inbox.store_prepared(session, row.id, PREPARED.dump_json(prepared).decode())
        if prepared is not None and prepared.sha256 is not None:
            file = {"sha256": prepared.sha256, "mime": prepared.mime, "size": prepared.size, "stored_at": now}
            await session.execute(inbox.insert_ignore(session, MediaFile), [file])
        if outcome.notice:
            await inbox.mark(session, row.id, inbox.WAITS_FOR_SPEECH)
            await Poster(session, list(self._platforms), now).post([SendText(event.chat, outcome.notice)])

    @asynccontextmanager
    async def _lease(self, row_id: int) -> AsyncIterator[None]:
        """Keep the lease for as long as the block takes."""
        keeper = asyncio.create_task(self._renew(row_id), name=f"lease-{row_id}")
        try:
            yield
        finally:
            keeper.cancel()
            await asyncio.gather(keeper, return_exceptions=True)

    async def _renew(self, row_id: int) -> None:
        while True:
            await asyncio.sleep(self._settings.lease_s / 3)
            async with self._db.write() as session:
                await inbox.renew_lease(session, row_id, self._settings.lease_s)


def _mime(data: bytes) -> str:
    """The type by content, never by name."""
    try:
        return puremagic.from_string(data, mime=True) or _FALLBACK_MIME
    except (puremagic.PureError, ValueError):
        return _FALLBACK_MIME
