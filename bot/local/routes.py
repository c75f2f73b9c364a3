"""The HTTP side of the local messenger: its API and its page."""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from bot.batching import GroupCommit
from bot.clock import Clock
from bot.events import Event
from bot.local import store, wire
from bot.local.controls import Controls, parse_target
from bot.local.guard import Guard, Handler
from bot.local.live import Hub
from bot.local.uploads import is_playable, kind_of, read_body, read_form, sniff
from bot.local.wire import PLATFORM, Place, Refused, StoredFile
from bot.platform import Intake
from storage.db import Database
from storage.inbox import insert_ignore
from storage.media import MediaStore
from storage.spine import LocalMessage, MediaFile

log = logging.getLogger(__name__)

PAGE = Path(__file__).parent / "page"
MAX_MESSAGES = 1000
MAX_IDLE_S = 600.0
ANSWER_S = 1.0
BUSY = "系统暂时收不下消息，请稍后再发一次。"
NOT_A_DEMO = "只有演示模式（main.py run --demo）才能拨时钟。"

T = TypeVar("T")


class Routes:
    """Handlers on what the platform was built with. `intake`, `controls` and `notice` are lent later."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        media: MediaStore,
        writer: GroupCommit,
        hub: Hub,
        guard: Guard,
        max_upload_mb: int,
    ) -> None:
        self._db = db
        self._clock = clock
        self._media = media
        self._writer = writer
        self._hub = hub
        self._guard = guard
        self._max_upload_mb = max_upload_mb
        self.intake: Intake | None = None
        self.controls: Controls | None = None
        self.notice: Callable[[], str] = lambda: ""

    def table(self) -> Sequence[web.RouteDef]:
        """All routes, each behind the guard but the way to the page."""
        wrap = self._guard.wrap
        gets: dict[str, Handler] = {
            "/local/": self.page,
            "/local/page/{file:[a-z0-9/_-]+\\.(?:css|js|svg)}": self.asset,
            "/local/state": self.state,
            "/local/users": self.users,
            "/local/chats": self.chats,
            "/local/chats/{chat}/messages": self.messages,
            "/local/files/{sha256}": self.file,
            "/local/idle": self.idle,
            "/local/ws": self.live,
        }
        posts: dict[str, Handler] = {
            "/local/messages": self.say,
            "/local/actions": self.click,
            "/local/clock": self.set_clock,
        }
        return [
            *(web.get(path, self.root) for path in ("/", "/local")),
            *(web.get(path, wrap(handler)) for path, handler in gets.items()),
            *(web.post(path, wrap(handler)) for path, handler in posts.items()),
        ]

    async def root(self, request: web.Request) -> web.StreamResponse:
        return web.Response(status=302, headers={"Location": "/local/"})

    async def page(self, request: web.Request) -> web.StreamResponse:
        """The page; an address with the token is exchanged for a cookie first."""
        return self._guard.exchange(request) or _asset(PAGE / "index.html")

    async def asset(self, request: web.Request) -> web.StreamResponse:
        path = PAGE / request.match_info["file"]
        if not path.is_file():
            raise Refused(404, "没有这个文件。")
        return _asset(path)

    async def state(self, request: web.Request) -> web.StreamResponse:
        """What the page needs to know of the installation."""
        now = self.controls.now() if self.controls else self._clock.now()
        demo = self.controls is not None
        found = {"demo": demo, "now": now.isoformat(), "max_upload_mb": self._max_upload_mb, "notice": self.notice()}
        return web.json_response(found)

    async def users(self, request: web.Request) -> web.StreamResponse:
        """Who can be played."""
        found = await self._read(store.people)
        return web.json_response([asdict(person) for person in found])

    async def chats(self, request: web.Request) -> web.StreamResponse:
        """The chats of `?user=`, or everybody's."""
        user = request.query.get("user")
        found = await self._read(lambda session: store.rooms(session, user))
        return web.json_response([asdict(room) for room in found])

    async def messages(self, request: web.Request) -> web.StreamResponse:
        """Behind `?after=N`, oldest first; or the newest `?last=N`."""
        chat, last = request.match_info["chat"], _count(request, "last", 0)
        after = _count(request, "after", 0)

        async def find(session: AsyncSession) -> Sequence[LocalMessage] | None:
            if not await store.is_chat(session, chat):
                return None
            rows = store.Messages(session)
            return await (rows.newest(chat, min(last, MAX_MESSAGES)) if last else rows.after(chat, after, MAX_MESSAGES))

        found = await self._read(find)
        if found is None:
            raise Refused(404, "没有这个会话。")
        return web.json_response([wire.message_json(row) for row in found])

    async def say(self, request: web.Request) -> web.StreamResponse:
        """A text (JSON) or a file (multipart); its id, if the sender gave one, makes it one event for good."""
        if request.content_type == "multipart/form-data":
            return await self._upload(request)
        said = wire.parse_said(wire.parse_body(await read_body(request)))
        if not said.text:
            raise Refused(400, "消息是空的，写点什么再发。")
        place, key = await self._place(said.chat, said.sender), said.id or uuid.uuid4().hex
        at = self._clock.now()
        bubble = store.own_message(place, key, at, text=said.text)
        return await self._take(said.raw(), wire.text_event(said, place, key, at), bubble)

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        form = await read_form(request, self._max_upload_mb)
        said = wire.parse_said(form.fields)
        if not form.data:
            raise Refused(400, "文件是空的，请重新选择。")
        if said.text:
            raise Refused(400, "文件和文字请分两条发。")
        place, key = await self._place(said.chat, said.sender), said.id or uuid.uuid4().hex
        file, at = await self._store(form.data, form.name), self._clock.now()
        bubble = store.own_message(place, key, at, file=json.dumps(asdict(file), ensure_ascii=False))
        return await self._take(said.raw(), wire.media_event(file, place, key, at), bubble)

    async def _store(self, data: bytes, name: str) -> StoredFile:
        try:
            sha256 = await self._media.put(data)
        except OSError as error:
            log.error("cannot keep an upload: %s", error.strerror)
            raise Refused(507, "文件没存下来，可能是磁盘满了。请告诉管理员后再发一次。") from error
        mime = sniff(data)
        row = {"sha256": sha256, "mime": mime, "size": len(data), "stored_at": self._clock.now()}
        await self._write(lambda session: session.execute(insert_ignore(session, MediaFile).values(**row)))
        return StoredFile(sha256, name, mime, len(data), kind_of(mime))

    async def click(self, request: web.Request) -> web.StreamResponse:
        """A button pressed; `toast` is the answer where it came within a second."""
        clicked = wire.parse_clicked(wire.parse_body(await read_body(request)))
        row = await self._read(lambda session: store.Messages(session).get(clicked.message_id))
        if row is None or row.card is None:
            raise Refused(404, "这张卡片找不到了。")
        place, key = await self._place(row.chat, clicked.sender), clicked.id or uuid.uuid4().hex
        event = wire.click_event(clicked, place, key, self._clock.now())
        intake = await self._accept(clicked.raw(), event)
        answer = await intake.answer(PLATFORM, event.key, ANSWER_S)
        return web.json_response({"event_key": event.key, "toast": answer.toast if answer else None}, status=202)

    async def set_clock(self, request: web.Request) -> web.StreamResponse:
        """Business time forward; answers when all that falls due on the way is done."""
        controls = self._controls()
        body = wire.parse_body(await read_body(request))
        await controls.advance(parse_target(body, controls.now()))
        now = controls.now().isoformat()
        self._hub.broadcast({"type": "clock", "now": now})
        return web.json_response({"now": now})

    async def idle(self, request: web.Request) -> web.StreamResponse:
        """200 when nothing is left to do at the present business time, 503 after `?timeout=S`."""
        controls = self._controls()
        quiet = await controls.idle(_seconds(request, "timeout", 30.0))
        body = {"idle": quiet, "now": controls.now().isoformat()}
        return web.json_response(body, status=200 if quiet else 503)

    async def live(self, request: web.Request) -> web.StreamResponse:
        """Live updates of the chats of `?user=`, or of all."""
        user = request.query.get("user")
        chats = await self._read(lambda session: store.chats_of(session, user)) if user else None
        return await self._hub.serve(request, chats)

    async def file(self, request: web.Request) -> web.StreamResponse:
        """An upload: played in place where a browser can, else downloaded."""
        sha256 = request.match_info["sha256"]
        row = await self._read(lambda session: session.get(MediaFile, sha256))
        if row is None or not (path := self._media.path(sha256)).is_file():
            raise Refused(404, "这个文件已经不在了。")
        response = web.FileResponse(path)
        response.content_type = row.mime if is_playable(row.mime) else "application/octet-stream"
        response.headers["Content-Disposition"] = "inline" if is_playable(row.mime) else "attachment"
        response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
        response.headers["Cache-Control"] = "private, max-age=86400"
        return response

    def _controls(self) -> Controls:
        if self.controls is None:
            raise Refused(403, NOT_A_DEMO)
        return self.controls

    async def _place(self, chat: str, sender: str) -> Place:
        return await self._read(lambda session: store.place(session, chat, sender))

    async def _take(self, raw: bytes, event: Event, bubble: dict[str, Any]) -> web.Response:
        """The event first: a bubble on the screen is one that will be answered."""
        known = await self._read(lambda session: store.Messages(session).get(event.key))
        if known is not None and (known.chat, known.sender) != (event.chat.id, event.sender.id):
            raise Refused(409, "这个消息编号别人已经用过，请换一个。")
        await self._accept(raw, event)
        await self._write(lambda session: store.Messages(session).add(bubble))
        return web.json_response({"event_key": event.key}, status=202)

    async def _accept(self, raw: bytes, event: Event) -> Intake:
        intake = self.intake
        if intake is None:
            raise Refused(503, BUSY)
        try:
            await intake.accept(PLATFORM, raw, [event])
        except self._db.trouble as error:
            raise Refused(503, BUSY) from error
        return intake

    async def _write(self, write: Callable[[AsyncSession], Awaitable[T]]) -> T:
        try:
            return await self._writer.run(write)
        except self._db.trouble as error:
            raise Refused(503, BUSY) from error

    async def _read(self, find: Callable[[AsyncSession], Awaitable[T]]) -> T:
        try:
            async with self._db.read() as session:
                return await find(session)
        except self._db.trouble as error:
            raise Refused(503, BUSY) from error


def _asset(path: Path) -> web.FileResponse:
    return web.FileResponse(path, headers={"Cache-Control": "no-cache"})


def _count(request: web.Request, name: str, default: int) -> int:
    given = request.query.get(name, "")
    if given and not (given.isascii() and given.isdigit() and len(given) <= 18):
        raise Refused(400, f"{name} 要是一个不小于 0 的整数。")
    return int(given) if given else default


def _seconds(request: web.Request, name: str, default: float) -> float:
    try:
        given = float(request.query.get(name, default))
    except ValueError as error:
        raise Refused(400, f"{name} 要是秒数。") from error
    if not 0 <= given <= MAX_IDLE_S:
        raise Refused(400, f"{name} 要在 0 到 {MAX_IDLE_S:.0f} 秒之间。")
    return given
