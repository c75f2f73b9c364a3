"""The REST API under `/api/v1`: JSON, a bearer token, the rights of the token's owner."""

from __future__ import annotations

import json
import re

from aiohttp import web

from bot.clock import Clock
from bot.config import Settings
from storage.db import Database
from web.api import customers, leads, todos, users
from web.api.calls import ApiError
from web.api.openapi import document
from web.api.serving import Post, Server, failed

PREFIX = "/api/v1"
OPERATIONS = (*users.OPERATIONS, *customers.OPERATIONS, *leads.OPERATIONS, *todos.OPERATIONS)

__all__ = ["OPERATIONS", "PREFIX", "routes"]


def routes(db: Database, settings: Settings, clock: Clock, post: Post) -> list[web.RouteDef]:
    """All of `/api/`. `post` writes what a change has to show in chat."""
    server = Server(db, settings, clock, post)
    return [
        web.get("/api/openapi.json", _describe),
        *(web.route(one.method, PREFIX + one.path, server.handler(one)) for one in OPERATIONS),
        web.route("*", "/api/{tail:.*}", _nothing_there),
    ]


async def _describe(_request: web.Request) -> web.Response:
    text = json.dumps(document(OPERATIONS, PREFIX), ensure_ascii=False)
    return web.Response(text=text, content_type="application/json")


async def _nothing_there(request: web.Request) -> web.Response:
    """404, or 405 for a path that knows other methods."""
    known = {one.method for one in OPERATIONS if re.fullmatch(_pattern(one.path), request.path)}
    if not known:
        return failed(ApiError(404, "not_found", "没有这个接口，见 /api/openapi.json"))
    answer = failed(ApiError(405, "method_not_allowed", f"这个地址只接受 {'、'.join(sorted(known))}"))
    answer.headers["Allow"] = ", ".join(sorted(known))
    return answer


def _pattern(path: str) -> str:
    return re.escape(PREFIX) + path.replace("{id}", "[^/]+")
