"""Raw ↔ event for the messenger in the browser. Pure: bodies in, typed values out."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from bot.events import Chat, Click, Media, MediaKind, MediaMessage, Sender, TextMessage
from storage.spine import LocalMessage

PLATFORM = "local"
BOT = "bot"
MAX_TEXT = 20_000
MAX_FORM = 50
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_BOT_ID = re.compile(r"bot-(\d{1,18})")


class Refused(Exception):
    """The request cannot be taken: an HTTP status and one Chinese sentence for the person who sent it."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Place:
    """A chat and the one who writes in it, looked up: who they are is never taken from the request."""

    chat: Chat
    sender: Sender


@dataclass(frozen=True, slots=True)
class Said:
    """A message as it was sent. `id` names it, the same at each attempt."""

    sender: str
    chat: str
    text: str
    id: str | None

    def raw(self) -> bytes:
        return json.dumps(asdict(self), ensure_ascii=False).encode()


@dataclass(frozen=True, slots=True)
class Clicked:
    """A button pressed on the card that message `message_id` shows."""

    sender: str
    message_id: str
    action: str
    form: dict[str, str] = field(default_factory=dict)
    id: str | None = None

    def raw(self) -> bytes:
        return json.dumps(asdict(self), ensure_ascii=False).encode()


@dataclass(frozen=True, slots=True)
class StoredFile:
    """An upload, kept under its SHA-256; `mime` and `kind` are by content."""

    sha256: str
    name: str
    mime: str
    size: int
    kind: MediaKind


def parse_body(data: bytes) -> dict[str, Any]:
    """A JSON object. Raises `Refused`."""
    try:
        body = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise Refused(400, "请求不是有效的 JSON。") from error
    if not isinstance(body, dict):
        raise Refused(400, "请求要是一个 JSON 对象。")
    return body


def parse_said(body: Mapping[str, Any]) -> Said:
    """The fields of a message; its text may be empty here. Raises `Refused`."""
    sender = _name(body, "from")
    return Said(sender, _name(body, "chat", default=sender), _text(body, "text").strip(), _own_id(body))


def parse_clicked(body: Mapping[str, Any]) -> Clicked:
    """A click. Raises `Refused`."""
    form = body.get("form") or {}
    if not isinstance(form, dict) or len(form) > MAX_FORM:
        raise Refused(400, "表单格式不对。")
    values = {clean(str(name))[:100]: _text(form, name) for name in form}
    return Clicked(_name(body, "from"), _name(body, "message_id"), _name(body, "action"), values, _own_id(body))


def clean(text: str) -> str:
    """Without what no database and no other messenger takes: NUL and lone surrogates."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def text_event(said: Said, place: Place, key: str, at: datetime) -> TextMessage:
    return TextMessage(key=key, chat=place.chat, sender=place.sender, sent_at=at, text=said.text)


def media_event(file: StoredFile, place: Place, key: str, at: datetime) -> MediaMessage:
    media = Media(kind=file.kind, ref=file.sha256, name=file.name, size=file.size)
    return MediaMessage(key=key, chat=place.chat, sender=place.sender, sent_at=at, media=media)


def click_event(clicked: Clicked, place: Place, key: str, at: datetime) -> Click:
    return Click(
        key=key,
        chat=place.chat,
        sender=place.sender,
        sent_at=at,
        action=clicked.action,
        message_ref=outbox_ref(clicked.message_id),
        form=clicked.form,
    )


def bot_message_id(outbox_id: int) -> str:
    """The id of what the bot sent, from its outbox row: the same at each attempt."""
    return f"bot-{outbox_id}"


def outbox_ref(message_id: str) -> str | None:
    """The outbox row behind a message of the bot's."""
    found = _BOT_ID.fullmatch(message_id)
    return found[1] if found else None


def message_json(row: LocalMessage) -> dict[str, Any]:
    """A message as the API shows it. `file` is set for uploads, `rev` grows when a card changes."""
    file = json.loads(row.file) if row.file else None
    return {
        "seq": row.seq,
        "id": row.id,
        "chat": row.chat,
        "from": row.sender,
        "kind": row.kind,
        "text": row.text,
        "card": json.loads(row.card) if row.card else None,
        "file": file and {**file, "url": f"/local/files/{file['sha256']}"},
        "at": row.at.isoformat(),
        "rev": row.rev,
    }


def _name(body: Mapping[str, Any], key: str, default: str | None = None) -> str:
    value = body.get(key, default)
    if not isinstance(value, str) or not (cleaned := clean(value).strip()) or len(cleaned) > 300:
        raise Refused(400, f"缺少 {key}，或者它不是一段文字。")
    return cleaned


def _text(body: Mapping[str, Any], key: str) -> str:
    value = body.get(key, "")
    value = "" if value is None else value
    if not isinstance(value, (str, int, float)):
        raise Refused(400, f"{key} 应当是文字。")
    text = clean(str(value))
    if len(text) > MAX_TEXT:
        raise Refused(413, f"这段话太长了，最多 {MAX_TEXT:,} 个字，请分几条发。")
    return text


def _own_id(body: Mapping[str, Any]) -> str | None:
    value = body.get("id")
    if value is None:
        return None
    if not isinstance(value, str) or not _ID.fullmatch(value) or _BOT_ID.fullmatch(value):
        raise Refused(400, "id 只能用 1 到 64 个字母、数字、- 和 _，且不能以 bot- 加数字命名。")
    return value
