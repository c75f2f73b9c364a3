"""`/f`: a link is exchanged for a session, the session shows the form, the form becomes a click.

`GET /f/{token}` shows one button and has no effect; `POST /f/{token}` sets the cookie and leads to `GET /f`; `POST /f`
takes what was filled in. Rights, order, repetitions and the card's update are those of any click.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime
from urllib.parse import parse_qsl

from aiohttp import web

from bot.clock import Clock
from bot.events import Chat, Click, Sender
from bot.platform import Intake
from cards.model import Card
from storage.db import Database
from storage.people import User
from storage.uow import UnitOfWork
from web.forms import pages
from web.forms.links import SESSION, FormLinks, Grant, Session
from web.forms.seal import Expired, NotOurs

log = logging.getLogger(__name__)

InputsOf = Callable[[User, Chat, str, UnitOfWork, datetime], Awaitable[Card | str]]
"""The card with the inputs that an encoded action opens for a user; its first button submits them.

A sentence instead says why there are none.
"""

COOKIE = "gendan_form"
MAX_BODY = 32 * 1024
BODY_S = 10.0
ANSWER_S = 1.0
AGAIN = "请回到聊天，在卡片上再点一次，会收到新的链接。"
LATER = "已收到，正在处理，结果会发到聊天里。"

_Handler = Callable[[web.Request], Awaitable[web.Response]]


class _Refused(Exception):
    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence


class Forms:
    """`platforms` are the ones in use."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        intake: Intake,
        links: FormLinks,
        inputs_of: InputsOf,
        platforms: Collection[str],
    ) -> None:
        self._db = db
        self._clock = clock
        self._intake = intake
        self._links = links
        self._inputs_of = inputs_of
        self._platforms = platforms

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/f/{token}", self._told(self._door)),
            web.post("/f/{token}", self._told(self._enter)),
            web.get("/f", self._told(self._show)),
            web.post("/f", self._told(self._submit)),
        ]

    def _told(self, handler: _Handler) -> _Handler:
        """Whatever goes wrong is told in a sentence."""

        async def handle(request: web.Request) -> web.Response:
            try:
                return await handler(request)
            except _Refused as refusal:
                return pages.sorry(refusal.status, refusal.sentence)
            except Expired:
                return pages.sorry(410, f"已过期。{AGAIN}")
            except NotOurs:
                return pages.sorry(403, f"这个链接不对，或这一页不是从链接打开的。{AGAIN}")
            except self._db.trouble as error:
                log.warning("database trouble behind a form: %s", type(error).__name__)
                return pages.sorry(503, "系统暂时不可用，什么也没有改。请稍后刷新再试。")

        return handle

    async def _door(self, request: web.Request) -> web.Response:
        token = request.match_info["token"]
        self._links.grant_of(token)
        return pages.door(self._links.path, token)

    async def _enter(self, request: web.Request) -> web.Response:
        _from_our_page(request)
        grant = self._links.grant_of(request.match_info["token"])
        await self._card(grant)
        answer = pages.to_form(self._links.path)
        answer.set_cookie(
            COOKIE, self._links.new_session(grant), path=self._links.path, max_age=int(SESSION.total_seconds()),
            httponly=True, samesite="Strict", secure=self._links.https,
        )  # fmt: skip
        return answer

    async def _show(self, request: web.Request) -> web.Response:
        session = self._session(request)
        card = await self._card(session.grant)
        return pages.form(self._links.path, card, self._links.new_ticket(session))

    async def _submit(self, request: web.Request) -> web.Response:
        _from_our_page(request)
        session = self._session(request)
        fields = await _fields(request)
        number = self._links.number_of(fields.get(pages.TICKET, ""), session)
        card = await self._card(session.grant)
        filled = {entry.name: fields.get(entry.name, "") for entry in card.inputs}
        outcome = await self._click(session.grant, card.buttons[0].action, filled, number)
        typed = replace(card, inputs=tuple(replace(entry, value=filled[entry.name]) for entry in card.inputs))
        return pages.form(self._links.path, typed, self._links.new_ticket(session), outcome)

    def _session(self, request: web.Request) -> Session:
        return self._links.session_of(request.cookies.get(COOKIE, ""))

    async def _card(self, grant: Grant) -> Card:
        """The inputs as they are now, for somebody who still is who the link was for. Raises `_Refused`."""
        if grant.platform not in self._platforms:
            raise _Refused(410, "这个信使已经停用。")
        async with self._db.read() as session:
            uow = UnitOfWork(session)
            user = await uow.users.by_identity(grant.platform, grant.person)
            if user is None or user.id != grant.user_id:
                raise _Refused(403, "这个链接是给另一位同事的。")
            card = await self._inputs_of(user, grant.chat, grant.action, uow, self._clock.now())
        if isinstance(card, str):
            raise _Refused(410, card)
        return card

    async def _click(self, grant: Grant, action: str, form: Mapping[str, str], number: str) -> str:
        """Press the button; what came of it. The same values on the same ticket are one click, however often sent."""
        raw = json.dumps(form, ensure_ascii=False).encode()
        click = Click(
            key=f"form:{number}:{hashlib.sha256(raw).hexdigest()[:16]}",
            chat=grant.chat, sender=Sender(grant.person), sent_at=self._clock.wall(),
            action=action, form=dict(form),
        )  # fmt: skip
        await self._intake.accept(grant.platform, raw, [click])
        answer = await self._intake.answer(grant.platform, click.key, ANSWER_S)
        return (answer.toast if answer else None) or LATER


def _from_our_page(request: web.Request) -> None:
    """Browsers say where a form was sent from. Raises `_Refused` when that was another site."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise _Refused(403, f"请从聊天里的链接打开。{AGAIN}")


async def _fields(request: web.Request) -> dict[str, str]:
    """The form's values. Raises `_Refused`."""
    if request.content_type != "application/x-www-form-urlencoded":
        raise _Refused(415, "提交的内容不是表单。")
    try:
        async with asyncio.timeout(BODY_S):
            body = await _body(request)
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=100)
    except TimeoutError:
        raise _Refused(408, "网络太慢，没有收完。请再提交一次。") from None
    except ValueError:
        raise _Refused(400, "提交的内容读不了。") from None
    return {name: value.replace("\0", "") for name, value in pairs}


async def _body(request: web.Request) -> bytes:
    body = bytearray()
    async for chunk in request.content.iter_chunked(8192):
        body += chunk
        if len(body) > MAX_BODY:
            raise _Refused(413, "填写的内容太长了，请缩短后再提交。")
    return bytes(body)
