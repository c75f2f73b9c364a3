"""WeCom's XML to events, pure (official documents 90239 and 90240)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypedDict
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from bot.events import (
    CardHandle,
    Chat,
    Click,
    Entered,
    Event,
    Media,
    MediaKind,
    MediaMessage,
    Sender,
    TextMessage,
    Unsupported,
)
from cards.render.wecom import EMPTY

PLATFORM = "wecom"
HANDLE_LIFE = timedelta(hours=72)
MEDIA_KINDS = {
    "voice": MediaKind.VOICE,
    "image": MediaKind.IMAGE,
    "video": MediaKind.VIDEO,
    "file": MediaKind.FILE,
}
_EVENT_KEY_PARTS = ("FromUserName", "CreateTime", "Event", "EventKey", "TaskId", "ChangeType", "ResponseCode")


class WireError(ValueError):
    """XML that is no message of WeCom. `key` is what the event may be known by all the same."""

    def __init__(self, reason: str, key: str = "") -> None:
        super().__init__(reason)
        self.key = key


@dataclass(frozen=True, slots=True)
class TaskIds:
    """Names cards by their outbox row, as `gendan-<install>-<row>`: WeCom allows each name once in an app.

    `install` (letters and digits) keeps two databases that serve one app apart.
    """

    install: str

    def __post_init__(self) -> None:
        if not (self.install.isascii() and self.install.isalnum() and len(self.install) <= 40):
            raise ValueError("install: up to 40 letters and digits")

    def make(self, outbox_id: int) -> str:
        return f"gendan-{self.install}-{outbox_id}"

    def outbox_id(self, task_id: str) -> str | None:
        """The outbox row of a card that this installation sent, else None."""
        prefix, _, row = task_id.rpartition("-")
        return row if prefix == f"gendan-{self.install}" and row.isascii() and row.isdigit() else None


class _Common(TypedDict):
    key: str
    chat: Chat
    sender: Sender
    sent_at: datetime


def encrypted_part(body: bytes) -> str:
    """The `Encrypt` element of a callback's body. Raises `WireError`."""
    return _text(_root(body), "Encrypt") or _missing("Encrypt")


def parse(xml: bytes, task_ids: TaskIds) -> Event:
    """The event in a decrypted message. Raises `WireError` for what is no message at all."""
    root = _root(xml)
    kind = _text(root, "MsgType")
    try:
        if kind == "event":
            return _event(root, task_ids)
        return _message(root, kind)
    except WireError as error:
        raise WireError(str(error), fallback_key(xml)) from error


def fallback_key(xml: bytes) -> str:
    """A key for a message that does not say its own: equal bytes are the same message."""
    return f"raw:{hashlib.sha256(xml).hexdigest()}"


def _message(root: Element, kind: str) -> Event:
    common = _common(root, _text(root, "MsgId") or _missing("MsgId"))
    if kind == "text":
        return TextMessage(**common, text=_text(root, "Content"))
    if kind in MEDIA_KINDS:
        return MediaMessage(**common, media=_media(root, MEDIA_KINDS[kind]))
    return Unsupported(**common, what=kind or _missing("MsgType"))


def _media(root: Element, kind: MediaKind) -> Media:
    size = _text(root, "FileSize")
    return Media(
        kind=kind,
        ref=_text(root, "MediaId") or _missing("MediaId"),
        name=_text(root, "FileName") or None,
        size=int(size) if size.isascii() and size.isdigit() else None,
        recognition=_text(root, "Recognition") or None,
    )


def _event(root: Element, task_ids: TaskIds) -> Event:
    name = _text(root, "Event") or _missing("Event")
    common = _common(root, _event_key(root))
    build = _EVENTS.get(name)
    if build is None:
        return Unsupported(**common, what=f"event:{name}")
    return build(root, common, task_ids)


def _entered(_root: Element, common: _Common, _task_ids: TaskIds) -> Event:
    return Entered(**common)


def _menu(root: Element, common: _Common, _task_ids: TaskIds) -> Event:
    key = _text(root, "EventKey")
    return TextMessage(**common, text=key) if key.startswith("/") else Unsupported(**common, what="event:click")


def _card_click(root: Element, common: _Common, task_ids: TaskIds) -> Event:
    code = _text(root, "ResponseCode")
    handle = CardHandle(value=code, expires_at=common["sent_at"] + HANDLE_LIFE, uses_left=1) if code else None
    return Click(
        **common,
        action=_text(root, "EventKey") or _missing("EventKey"),
        message_ref=task_ids.outbox_id(_text(root, "TaskId")),
        form=_form(root),
        handle=handle,
    )


_EVENTS: dict[str, Callable[[Element, _Common, TaskIds], Event]] = {
    "enter_agent": _entered,
    "subscribe": _entered,
    "click": _menu,
    "template_card_event": _card_click,
}


def _form(root: Element) -> dict[str, str]:
    """Selected options by question; several of one question are joined by commas."""
    return {_text(item, "QuestionKey"): _chosen(item) for item in root.iterfind("SelectedItems/SelectedItem")}


def _chosen(item: Element) -> str:
    ids = [option.text or "" for option in item.iterfind("OptionIds/OptionId")]
    return "" if ids == [EMPTY] else ",".join(ids)


def _event_key(root: Element) -> str:
    """Events have no id of their own. Two clicks in one second differ by their response codes."""
    parts = [_text(root, part) for part in _EVENT_KEY_PARTS]
    return f"{':'.join(parts[:3])}:{hashlib.sha256(chr(0).join(parts).encode()).hexdigest()}"


def _common(root: Element, key: str) -> _Common:
    user = _text(root, "FromUserName") or _missing("FromUserName")
    if len(key) > 290:
        raise WireError("key too long")
    return {"key": key, "chat": Chat(PLATFORM, user), "sender": Sender(user), "sent_at": _sent_at(root)}


def _sent_at(root: Element) -> datetime:
    try:
        return datetime.fromtimestamp(int(_text(root, "CreateTime")), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise WireError("CreateTime") from error


def _root(xml: bytes) -> Element:
    try:
        root: Element = fromstring(xml, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise WireError("not XML", fallback_key(xml)) from error
    return root


def _text(root: Element, name: str) -> str:
    return root.findtext(name) or ""


def _missing(name: str) -> str:
    raise WireError(f"no {name}")
