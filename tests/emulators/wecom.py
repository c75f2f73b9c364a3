"""WeCom as the bot sees it: a real HTTP server with its codes and limits, and members with phones.

    async with WecomEmulator() as wecom:
        …start the bot with wecom.settings…
        await wecom.connect("http://127.0.0.1:8080/wecom/callback")
        await wecom.say("wang", "见了华昌的张总")
        card = await wecom.next_card("wang")
        await wecom.click("wang", card, "确认")
"""

from __future__ import annotations

import asyncio
import itertools
import secrets
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Mapping
from typing import Any, Self

from aiohttp import web
from pydantic import SecretStr

from bot.config import WecomSettings
from tests.emulators.wecom_cards import INTERACTIVE, first_fault
from tests.emulators.wecom_push import Envelope, Fields, Push, Pusher, xml
from tests.emulators.wecom_screen import Screen, Shown, pressed, selected_items

CORP_ID, AGENT_ID = "ww6a112864f8022910", 1000002
TOKEN, AES_KEY = "QDG6eKtheToken", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
CODE_LIFE_S = 72 * 3600
TEXT_BYTES = 2048

Answer = dict[str, Any]


class _Code(Exception):
    """An answer with `errcode` other than zero."""

    def __init__(self, errcode: int, errmsg: str = "") -> None:
        super().__init__(errmsg)
        self.answer = {"errcode": errcode, "errmsg": errmsg or f"emulated {errcode}"}


class WecomEmulator:
    """`members` None means that everybody exists; `unlicensed` ones get nothing, though sending to them succeeds.

    `ack_s`: how long a callback may take.
    """

    def __init__(self, *, members: set[str] | None = None, ack_s: float = 5.0, token_life_s: float = 7200) -> None:
        self.secret = secrets.token_urlsafe(32)
        self.members = members
        self.unlicensed: set[str] = set()
        self.token_life_s = token_life_s
        self.screens: dict[str, Screen] = defaultdict(Screen)
        self.calls: Counter[str] = Counter()
        self.dropped: list[Shown] = []
        self.on_show: Callable[[Shown], None] = lambda _shown: None
        self.down = False
        self.hostile: bytes | None = None
        self.slow_s = 0.0
        self._faults: dict[str, deque[_Code | None]] = defaultdict(deque)
        self._tokens: dict[str, float] = {}
        self._codes: dict[str, tuple[Shown, float]] = {}
        self._task_ids: set[str] = set()
        self._media: dict[str, tuple[str, bytes]] = {}
        self._ids = itertools.count(10**15 + secrets.randbelow(10**14))
        self._ahead_s = 0.0
        self._pusher = Pusher(TOKEN, AES_KEY, CORP_ID, AGENT_ID, ack_s)
        self._runner: web.AppRunner | None = None
        self.base_url = ""

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.stop()

    async def start(self, port: int = 0) -> None:
        application = web.Application(client_max_size=21 * 2**20)
        application.add_routes(
            [
                web.get("/cgi-bin/gettoken", self._answered(self._gettoken)),
                web.get("/cgi-bin/agent/get", self._answered(self._agent)),
                web.post("/cgi-bin/message/send", self._answered(self._send)),
                web.post("/cgi-bin/message/update_template_card", self._answered(self._update)),
                web.post("/cgi-bin/media/upload", self._answered(self._upload)),
                web.get("/cgi-bin/media/get", self._answered(self._download)),
            ]
        )
        self._runner = web.AppRunner(application, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        self.base_url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        await self._pusher.close()
        if self._runner is not None:
            await self._runner.cleanup()

    @property
    def settings(self) -> WecomSettings:
        """What the bot's `[wecom]` section must say."""
        return WecomSettings(
            enabled=True,
            corp_id=CORP_ID,
            agent_id=AGENT_ID,
            secret=SecretStr(self.secret),
            token=SecretStr(TOKEN),
            encoding_aes_key=SecretStr(AES_KEY),
            base_url=self.base_url,
        )

    # --- troubles ------------------------------------------------------------------------------------------------

    def fail_next(self, path: str, errcode: int, *, times: int = 1, message: str = "") -> None:
        """Answer the next calls of `path` (`message/send`) with `errcode`."""
        self._faults[path].extend([_Code(errcode, message)] * times)

    def pass_then_fail(self, path: str, good: int, errcode: int) -> None:
        """Answer `good` calls of `path` as usual, and the one after them with `errcode`."""
        self._faults[path].extend([*[None] * good, _Code(errcode)])

    def revoke_tokens(self) -> None:
        """Withdraw all access tokens early; the next use of one gets 42001."""
        self._tokens = dict.fromkeys(self._tokens, 0.0)

    def advance(self, seconds: float) -> None:
        """Let time pass at WeCom: tokens and response codes get older."""
        self._ahead_s += seconds

    # --- members -------------------------------------------------------------------------------------------------

    async def connect(self, callback_url: str) -> None:
        """Save the callback address in the admin console. Raises `NotConnected` unless it proves itself."""
        await self._pusher.connect(callback_url)

    async def say(self, user: str, text: str, msg_id: str = "") -> Push:
        """Write to the bot; returns when it is acknowledged, or not."""
        return await self._message(user, "text", {"Content": text}, msg_id)

    async def voice(self, user: str, data: bytes) -> Push:
        """Send a voice note (AMR)."""
        media = {"MediaId": self.keep_media("voice.amr", data), "Format": "amr"}
        return await self._message(user, "voice", media)

    async def image(self, user: str, data: bytes) -> Push:
        media_id = self.keep_media("image.jpg", data)
        return await self._message(user, "image", {"PicUrl": f"{self.base_url}/pic", "MediaId": media_id})

    async def file(self, user: str, name: str, data: bytes) -> Push:
        return await self._message(user, "file", {"MediaId": self.keep_media(name, data), "FileName": name})

    async def enter(self, user: str) -> Push:
        """Open the app."""
        return await self._event(user, "enter_agent", {"EventKey": ""})

    async def menu(self, user: str, key: str) -> Push:
        """Press an entry of the app's menu."""
        return await self._event(user, "click", {"EventKey": key})

    async def click(self, user: str, card: Shown, label: str, form: Mapping[str, str] | None = None) -> Push:
        """Press a button of a card, with `form` chosen in its selections."""
        return await self._event(
            user,
            "template_card_event",
            {
                "EventKey": pressed(card, label),
                "TaskId": card.task_id,
                "CardType": card.card["card_type"],
                "ResponseCode": self._new_code(card),
                "SelectedItems": selected_items(card, form or {}),
            },
        )

    async def push(self, fields: Fields) -> Push:
        """Any event, by its fields."""
        return await self._pusher.push(fields)

    def seal(self, plain: str, *, at: float | None = None, corp_id: str | None = None) -> Envelope:
        """A request as WeCom would send it, for tests that damage it."""
        return self._pusher.seal(plain, at=at, corp_id=corp_id)

    def seal_text(self, user: str, text: str) -> Envelope:
        """A text message as it would be pushed, to be sent later with `post`."""
        fields = {**_head(user, "text"), "Content": text, "MsgId": next(self._ids), "AgentID": AGENT_ID}
        return self.seal(xml(fields))

    async def post(self, envelope: Envelope) -> int | None:
        """Send a request once, as it is; the HTTP status."""
        return (await self._pusher.post(envelope))[0]

    def keep_media(self, name: str, data: bytes) -> str:
        media_id = secrets.token_urlsafe(24)
        self._media[media_id] = (name, data)
        return media_id

    def lose_media(self) -> None:
        """Three days later."""
        self._media.clear()

    async def next_text(self, user: str, timeout: float = 20) -> str:  # noqa: ASYNC109 - reads better in tests
        """The next text on the member's screen that was not looked at yet."""
        return (await self.screens[user].next("text", timeout)).text

    async def next_card(self, user: str, timeout: float = 20) -> Shown:  # noqa: ASYNC109 - reads better in tests
        """The next card on the member's screen that was not looked at yet."""
        return await self.screens[user].next("card", timeout)

    async def _message(self, user: str, kind: str, part: Fields, msg_id: str = "") -> Push:
        head = _head(user, kind)
        return await self.push({**head, **part, "MsgId": int(msg_id or next(self._ids)), "AgentID": AGENT_ID})

    async def _event(self, user: str, event: str, part: Fields) -> Push:
        return await self.push({**_head(user, "event"), "Event": event, **part, "AgentID": AGENT_ID})

    # --- API -----------------------------------------------------------------------------------------------------

    def _answered(self, answer: Callable[[web.Request], Any]) -> Callable[[web.Request], Any]:
        async def handle(request: web.Request) -> web.StreamResponse:
            path = request.path.removeprefix("/cgi-bin/")
            self.calls[path] += 1
            if self.slow_s:
                await asyncio.sleep(self.slow_s)
            if self.down:
                return web.Response(status=502, text="<html>Bad Gateway</html>")
            if self.hostile is not None:
                return web.Response(body=self.hostile)
            try:
                if self._faults[path] and (fault := self._faults[path].popleft()):
                    raise fault
                found: web.StreamResponse | Answer = await answer(request)
            except _Code as code:
                found = code.answer
            return found if isinstance(found, web.StreamResponse) else web.json_response(found)

        return handle

    def _now(self) -> float:
        return time.time() + self._ahead_s

    async def _gettoken(self, request: web.Request) -> Answer:
        if request.query.get("corpid") != CORP_ID:
            raise _Code(40013, "invalid corpid")
        if request.query.get("corpsecret") != self.secret:
            raise _Code(40001, "invalid credential")
        good = [token for token, until in self._tokens.items() if until > self._now()]
        token = good[0] if good else secrets.token_urlsafe(64)
        until = self._tokens.setdefault(token, self._now() + self.token_life_s)
        return _ok(access_token=token, expires_in=int(until - self._now()))

    def _authorize(self, request: web.Request) -> None:
        token = request.query.get("access_token", "")
        if not token:
            raise _Code(41001, "access_token missing")
        if token not in self._tokens:
            raise _Code(40014, "invalid access_token")
        if self._tokens[token] <= self._now():
            raise _Code(42001, "access_token expired")

    async def _agent(self, request: web.Request) -> Answer:
        self._authorize(request)
        if request.query.get("agentid") != str(AGENT_ID):
            raise _Code(301002, "not allow operate another agent with this accesstoken")
        return _ok(agentid=AGENT_ID, name="跟单", close=0)

    async def _send(self, request: web.Request) -> Answer:
        self._authorize(request)
        body: Answer = await request.json()
        if body.get("agentid") != AGENT_ID:
            raise _Code(40056, "invalid agentid")
        user = str(body.get("touser", ""))
        if not user or (self.members is not None and user not in self.members):
            raise _Code(81013, "user & party & tag all invalid")
        shown = self._shown(user, body)
        if user in self.unlicensed:
            return _ok(msgid=secrets.token_urlsafe(32), invaliduser="", unlicenseduser=user)
        self._show(shown)
        answer = _ok(msgid=secrets.token_urlsafe(32), invaliduser="", unlicenseduser="")
        return answer | ({"response_code": self._new_code(shown)} if shown.interactive else {})

    def _shown(self, user: str, body: Answer) -> Shown:
        if body.get("msgtype") == "text":
            content = str(body.get("text", {}).get("content", ""))
            if not content:
                raise _Code(44004, "content empty")
            return Shown(user, "text", text=content.encode()[:TEXT_BYTES].decode(errors="ignore"))
        if body.get("msgtype") != "template_card":
            raise _Code(40008, "invalid message type")
        card: Answer = body.get("template_card", {})
        if fault := first_fault(card):
            raise _Code(*fault)
        if card["card_type"] in INTERACTIVE:
            self._check_interactive(card["task_id"])
        return Shown(user, "card", card=card, task_id=card.get("task_id", ""))

    def _check_interactive(self, task_id: str) -> None:
        if not self._pusher.url:
            raise _Code(43012, "callback url needed")
        if task_id in self._task_ids:
            raise _Code(42014, "task_id repeated")
        self._task_ids.add(task_id)

    def _show(self, shown: Shown) -> None:
        """On the screen, unless it is the 31st message within a minute: WeCom drops those without a word."""
        if self.screens[shown.user].add(shown, self._now()):
            self.on_show(shown)
        else:
            self.dropped.append(shown)

    def _new_code(self, shown: Shown) -> str:
        code = secrets.token_urlsafe(24)
        self._codes[code] = (shown, self._now() + CODE_LIFE_S)
        return code

    async def _update(self, request: web.Request) -> Answer:
        self._authorize(request)
        body: Answer = await request.json()
        card: Answer | None = body.get("template_card")
        if card is not None and (fault := first_fault(card, update=True)):
            raise _Code(*fault)
        shown, until = self._codes.pop(str(body.get("response_code")), (None, 0.0))
        if shown is None or until <= self._now():
            raise _Code(60140, "invalid response_code")
        if shown.user not in body.get("userids", []):
            raise _Code(81013, "user & party & tag all invalid")
        self.screens[shown.user].replace(shown, card, body.get("button", {}).get("replace_name"))
        self.on_show(shown)
        return _ok(invaliduser=[])

    async def _upload(self, request: web.Request) -> Answer:
        self._authorize(request)
        part = (await request.post()).get("media")
        if not isinstance(part, web.FileField):
            raise _Code(44001, "empty media data")
        data = part.file.read()
        if len(data) <= 5:
            raise _Code(44001, "empty media data")
        media_id = self.keep_media(part.filename, data)
        return _ok(type=request.query.get("type", "file"), media_id=media_id, created_at=str(int(self._now())))

    async def _download(self, request: web.Request) -> web.Response:
        self._authorize(request)
        if (found := self._media.get(request.query.get("media_id", ""))) is None:
            raise _Code(40007, "invalid media_id")
        name, data = found
        return web.Response(body=data, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _head(user: str, kind: str) -> Fields:
    return {"ToUserName": CORP_ID, "FromUserName": user, "CreateTime": int(time.time()), "MsgType": kind}


def _ok(**more: Any) -> Answer:
    return {"errcode": 0, "errmsg": "ok", **more}
