"""Bodies to values, instants and durations, and what a file is by its content."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.events import MediaKind
from bot.local.controls import parse_duration, parse_target
from bot.local.uploads import is_playable, kind_of, sniff
from bot.local.wire import Refused, outbox_ref, parse_body, parse_clicked, parse_said
from tests.local.harness import NOW


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("PT2H", timedelta(hours=2)),
        ("P1DT2H", timedelta(days=1, hours=2)),
        ("P1W", timedelta(weeks=1)),
        ("PT90M", timedelta(minutes=90)),
        ("PT1H30M5S", timedelta(hours=1, minutes=30, seconds=5)),
    ],
)
def test_durations(text: str, expected: timedelta) -> None:
    assert parse_duration(text) == expected


@pytest.mark.parametrize(
    "text", ["", "P", "PT", "P1DT", "2H", "PT2", "PT-2H", "pt2h", "P1Y", "PT1.5H", "PT２H", "PT2H "]
)
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match="not an ISO"):
        parse_duration(text)


def test_an_instant_without_offset_is_local() -> None:
    assert parse_target({"set": "2026-03-06T09:00"}, NOW) == datetime(2026, 3, 6, 9, tzinfo=NOW.tzinfo)
    assert parse_target({"set": "2026-03-05T12:00:00+00:00"}, NOW).isoformat() == "2026-03-05T20:00:00+08:00"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"advance": "PT1H", "set": "2026-03-06T09:00"},
        {"advance": 3600},
        {"set": "明天"},
        {"set": "2026-03-05T14:00"},
        {"advance": "P401D"},
        {"advance": "P999W"},
    ],
)
def test_a_clock_that_cannot_go_there(body: dict[str, Any]) -> None:
    with pytest.raises(Refused) as refusal:
        parse_target(body, NOW)
    assert refusal.value.status == 400


def test_a_message_goes_to_the_bot_unless_a_chat_is_named() -> None:
    said = parse_said({"from": "wang", "text": "  你好 \n"})
    assert (said.chat, said.text, said.id) == ("wang", "你好", None)


def test_what_no_database_takes_is_left_out() -> None:
    said = parse_said({"from": "wang", "chat": "wang", "text": "a\0b\ud800c"})
    assert said.text == "ab?c"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"text": "x"}, 400),
        ({"from": "", "text": "x"}, 400),
        ({"from": ["wang"], "text": "x"}, 400),
        ({"from": "wang", "text": {"a": 1}}, 400),
        ({"from": "wang", "text": "x" * 20_001}, 413),
        ({"from": "wang", "text": "x", "id": "bot-7"}, 400),
        ({"from": "wang", "text": "x", "id": "a b"}, 400),
        ({"from": "wang", "text": "x", "id": "x" * 65}, 400),
    ],
)
def test_messages_that_are_refused(body: dict[str, Any], status: int) -> None:
    with pytest.raises(Refused) as refusal:
        parse_said(body)
    assert refusal.value.status == status
    assert refusal.value.sentence


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b"\xff\xfe", b"[" * 100_000])
def test_bodies_that_are_no_object(data: bytes) -> None:
    with pytest.raises(Refused):
        parse_body(data)


def test_a_form_is_words() -> None:
    body = {"from": "wang", "message_id": "bot-7", "action": "a:1"}
    clicked = parse_clicked(body | {"form": {"n": 5, "t": None, "s": "x"}})
    assert clicked.form == {"n": "5", "t": "", "s": "x"}
    with pytest.raises(Refused):
        parse_clicked(body | {"form": [1]})


def test_the_outbox_row_behind_a_message() -> None:
    assert outbox_ref("bot-12") == "12"
    assert outbox_ref("abc") is None


DATA = Path(__file__).parents[1] / "data"
EBML = b"\x1aE\xdf\xa3" + b"\x01" * 40
FTYP = b"\0\0\0\x18ftyp"


@pytest.mark.parametrize(
    ("data", "mime", "kind"),
    [
        (EBML + b"webm A_OPUS", "audio/webm", MediaKind.VOICE),
        (EBML + b"webm V_VP8 A_OPUS", "video/webm", MediaKind.VIDEO),
        (b"OggS" + b"\0" * 24 + b"OpusHead", "audio/ogg", MediaKind.VOICE),
        (b"#!AMR\n" + b"\0" * 20, "audio/amr", MediaKind.VOICE),
        (b"#!AMR-WB\n" + b"\0" * 20, "audio/amr-wb", MediaKind.VOICE),
        (FTYP + b"M4A \0\0\0\0", "audio/mp4", MediaKind.VOICE),
        (FTYP + b"isom" + b"\0" * 99 + b"hdlr" + b"\0" * 8 + b"vide", "video/mp4", MediaKind.VIDEO),
        (FTYP + b"isom" + b"\0" * 99_000 + b"hdlr" + b"\0" * 8 + b"soun", "audio/mp4", MediaKind.VOICE),
        (b"RIFF\0\0\0\0WAVEfmt ", "audio/wav", MediaKind.VOICE),
        (b"ID3\x03" + b"\0" * 20, "audio/mpeg", MediaKind.VOICE),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 9, "image/png", MediaKind.IMAGE),
        (b"\xff\xd8\xff\xe0" + b"\0" * 9, "image/jpeg", MediaKind.IMAGE),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "image/svg+xml", MediaKind.FILE),
        (b"%PDF-1.7", "application/pdf", MediaKind.FILE),
        (b"just words", "application/octet-stream", MediaKind.FILE),
    ],
)
def test_a_file_is_what_it_contains(data: bytes, mime: str, kind: MediaKind) -> None:
    assert sniff(data) == mime
    assert kind_of(mime) is kind
    assert is_playable(mime) is (kind is not MediaKind.FILE)


def test_real_recordings_are_voice() -> None:
    recordings = [path for path in DATA.iterdir() if path.suffix in (".wav", ".awb")]
    assert recordings
    for path in recordings:
        assert kind_of(sniff(path.read_bytes())) is MediaKind.VOICE, path.name
