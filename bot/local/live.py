"""Live updates: every open page hears of new and changed messages, whichever process wrote them."""

from __future__ import annotations

import asyncio
import json
import logging
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSCloseCode, web

from bot.local.store import Messages
from bot.local.wire import message_json
from storage.db import Database
from storage.spine import LocalMessage

log = logging.getLogger(__name__)

POLL_S = 0.5
QUEUE = 1000
BATCH = 200


@dataclass(eq=False, slots=True)
class _Page:
    """An open socket; `chats` None means all. What waits for it is bounded: a page that is too slow starts again."""

    chats: frozenset[str] | None
    waiting: asyncio.Queue[str | None] = field(default_factory=lambda: asyncio.Queue(maxsize=QUEUE))


class Hub:
    """Polls the table while pages are open, at once when woken, and passes on what changed."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._pages: set[_Page] = set()
        self._wake = asyncio.Event()
        self._ready = asyncio.Event()
        self._poller: asyncio.Task[None] | None = None
        self._rev = 0

    def wake(self) -> None:
        self._wake.set()

    async def stop(self) -> None:
        """Close all sockets."""
        for page in list(self._pages):
            self._drop(page)
        await self._stop_polling()

    def broadcast(self, payload: dict[str, Any]) -> None:
        """To every page, whoever is played there."""
        text = json.dumps(payload, ensure_ascii=False)
        for page in list(self._pages):
            self._put(page, text)

    async def serve(self, request: web.Request, chats: frozenset[str] | None) -> web.WebSocketResponse:
        """One socket, until it closes. What was committed before it opened is the page's to fetch."""
        socket = web.WebSocketResponse(heartbeat=25, max_msg_size=4096)
        page = _Page(chats)
        self._pages.add(page)
        if self._poller is None:
            self._poller = asyncio.create_task(self._poll(), name="local-poll")
        try:
            await self._ready.wait()
            await socket.prepare(request)
            await self._attend(socket, page)
        finally:
            self._pages.discard(page)
            if not self._pages:
                await self._stop_polling()
        return socket

    async def _attend(self, socket: web.WebSocketResponse, page: _Page) -> None:
        sender = asyncio.create_task(self._send(socket, page), name="local-page")
        try:
            async for _ in socket:
                pass
        finally:
            sender.cancel()
            await asyncio.gather(sender, return_exceptions=True)

    async def _send(self, socket: web.WebSocketResponse, page: _Page) -> None:
        while (text := await page.waiting.get()) is not None:
            await socket.send_str(text)
        await socket.close(code=WSCloseCode.GOING_AWAY)

    async def _stop_polling(self) -> None:
        poller, self._poller = self._poller, None
        self._ready.clear()
        if poller is not None:
            poller.cancel()
            await asyncio.gather(poller, return_exceptions=True)

    async def _poll(self) -> None:
        while True:
            try:
                await self._look()
            except self._db.trouble as error:
                log.warning("cannot look for new local messages: %s", type(error).__name__)
            try:
                async with asyncio.timeout(POLL_S):
                    await self._wake.wait()
            except TimeoutError:
                pass
            self._wake.clear()

    async def _look(self) -> None:
        """Pass on the rows behind the last revision seen; at first, see where that stands."""
        if not self._ready.is_set():
            async with self._db.read() as session:
                self._rev = await Messages(session).top_rev()
            self._ready.set()
        while True:
            async with self._db.read() as session:
                rows = await Messages(session).changed(self._rev, BATCH)
            for row in rows:
                self._show(row)
                self._rev = row.rev
            if len(rows) < BATCH:
                return

    def _show(self, row: LocalMessage) -> None:
        text = json.dumps({"type": "message", "message": message_json(row)}, ensure_ascii=False)
        for page in list(self._pages):
            if page.chats is None or row.chat in page.chats:
                self._put(page, text)

    def _put(self, page: _Page, text: str) -> None:
        if page.waiting.full():
            self._drop(page)
        else:
            page.waiting.put_nowait(text)

    def _drop(self, page: _Page) -> None:
        """End its socket, even when its queue is full; the page reconnects and fetches what it missed."""
        self._pages.discard(page)
        while not page.waiting.empty():
            page.waiting.get_nowait()
        page.waiting.put_nowait(None)
