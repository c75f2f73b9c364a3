"""From an HTTP request to an operation and back: who calls, what is asked, one transaction, errors as JSON."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from aiohttp import web
from pydantic import BaseModel, ValidationError
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.config import Settings
from bot.outgoing import Reply
from sales.people import hashed
from sales.rights import scope_of
from storage.db import Database
from storage.people import User
from storage.repositories.access import Access
from storage.uow import UnitOfWork
from web.api.calls import ApiError, Call, Operation, conflict, missing
from web.api.faults import explained
from web.api.models import Error

log = logging.getLogger(__name__)

Post = Callable[[AsyncSession, list[Reply], datetime], Awaitable[None]]
"""Writes what is to be shown in chat, in the transaction of the change that caused it."""

MAX_BODY = 64 * 1024
_HEADERS = {"Cache-Control": "no-store"}


class Server:
    """Serves operations on one database."""

    def __init__(self, db: Database, settings: Settings, clock: Clock, post: Post) -> None:
        self._db = db
        self._settings = settings
        self._clock = clock
        self._post = post
        self._configured = {hashed(token): name for token, name in settings.web.api_tokens.items()}

    def handler(self, operation: Operation) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handle(request: web.Request) -> web.Response:
            try:
                answer = await self._answer(operation, request)
            except ApiError as error:
                return failed(error)
            except IntegrityError:
                return failed(conflict("与已有的数据冲突"))
            except self._db.trouble as error:
                log.warning("database trouble in the API: %s", type(error).__name__)
                return failed(ApiError(503, "unavailable", "数据库暂时不可用，请稍后再试"))
            return _json(answer, operation.status)

        return handle

    async def _answer(self, operation: Operation, request: web.Request) -> BaseModel:
        if operation.writes:
            await self._turn_strangers_away(request)
        raw = await _body(request) if operation.body is not None else b""
        session_of = self._db.write if operation.writes else self._db.read
        async with session_of() as session:
            uow = UnitOfWork(session)
            user = await self._caller(uow, request)
            call = Call(
                user=user,
                scope=scope_of(user, await uow.users.managed_teams(user.id)),
                uow=uow,
                now=self._clock.now(),
                settings=self._settings,
                row_id=_row_id(request),
                query=_read(operation.query, dict(request.query)),
                body=_read(operation.body, _parsed(raw) if operation.body else None),
            )
            answer = await operation.run(call)
            if call.replies:
                await session.flush()
                await self._post(session, call.replies, call.now)
        return answer

    async def _turn_strangers_away(self, request: web.Request) -> None:
        """Before anything is read from them or the database's writer is kept from others."""
        async with self._db.read() as session:
            await self._caller(UnitOfWork(session), request)

    async def _caller(self, uow: UnitOfWork, request: web.Request) -> User:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        user = await self._owner(uow, hashed(token.strip())) if scheme.lower() == "bearer" and token else None
        if user is None:
            raise ApiError(401, "unauthorized", "需要有效的令牌：Authorization: Bearer <令牌>")
        return user

    async def _owner(self, uow: UnitOfWork, token_hash: str) -> User | None:
        """Whose token it is. Only hashes are compared, so that the time it takes tells nothing."""
        name = self._configured.get(token_hash)
        if name is None:
            return await Access(uow.session).user_of_token(token_hash)
        named = await uow.users.named(name)
        return named[0] if len(named) == 1 else None


async def _body(request: web.Request) -> bytes:
    raw = bytearray()
    async for chunk in request.content.iter_chunked(8192):
        raw += chunk
        if len(raw) > MAX_BODY:
            raise ApiError(413, "too_large", f"请求内容过大，最多 {MAX_BODY // 1024} KB")
    return bytes(raw)


def _parsed(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError):
        raise ApiError(400, "bad_json", "请求内容不是有效的 JSON") from None


def _read(model: type[BaseModel] | None, value: Any) -> BaseModel | None:
    if model is None:
        return None
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise ApiError(422, "invalid", "提交的内容有误", explained(error)) from None


def _row_id(request: web.Request) -> int:
    """The row that the path names; 0 for a path without one."""
    text = request.match_info.get("id", "0")
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise missing()
    return int(text)


def failed(error: ApiError) -> web.Response:
    """The answer of an error."""
    answer = _json(Error(error=error.detail), error.status, exclude_none=True)
    if error.status == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def _json(model: BaseModel, status: int, *, exclude_none: bool = False) -> web.Response:
    text = model.model_dump_json(exclude_none=exclude_none)
    return web.Response(text=text, status=status, content_type="application/json", headers=_HEADERS)
