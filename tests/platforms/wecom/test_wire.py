"""Recorded payloads and the events they are."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.events import (
    EVENT,
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
from bot.wecom import wire

PAYLOADS = Path(__file__).parent / "payloads"
TASK_IDS = wire.TaskIds("a1b2")
AT = datetime(2012, 9, 28, 11, 31, tzinfo=UTC)
MSG: dict[str, Any] = {
    "key": "1234567890123456",
    "chat": Chat("wecom", "zhangsan"),
    "sender": Sender("zhangsan"),
    "sent_at": AT,
}
EVT = MSG | {"key": "*"}
OVER = AT + timedelta(hours=72)


def other(user: str, msg_id: str, at: datetime) -> dict[str, Any]:
    return {"key": msg_id, "chat": Chat("wecom", user), "sender": Sender(user), "sent_at": at}


EXPECTED: dict[str, Event] = {
    "text": TextMessage(**MSG, text="周四下午 3 点 & <b>带样品</b> 😀\n第二行"),
    "text_plain": TextMessage(
        **other("ChenJiaShun", "1456453720", datetime(2016, 10, 14, 5, 26, 19, tzinfo=UTC)), text="你好"
    ),
    "text_go_workwx": TextMessage(
        **other("foobar", "2018405441", datetime(2020, 3, 12, 6, 47, 5, tzinfo=UTC)), text="x123"
    ),
    "image": MediaMessage(**MSG, media=Media(MediaKind.IMAGE, "media_id_1")),
    "voice": MediaMessage(**MSG, media=Media(MediaKind.VOICE, "media_id_2")),
    "voice_recognised": MediaMessage(
        **MSG, media=Media(MediaKind.VOICE, "media_id_2", recognition="明天给华昌报价")
    ),
    "video": MediaMessage(**MSG, media=Media(MediaKind.VIDEO, "media_id_3")),
    "file": MediaMessage(**MSG, media=Media(MediaKind.FILE, "media_id_4", name="报价单 v2.pdf", size=18181)),
    "location": Unsupported(**MSG, what="location"),
    "link": Unsupported(**MSG, what="link"),
    "enter_agent": Entered(**EVT),
    "subscribe": Entered(**EVT),
    "unsubscribe": Unsupported(**EVT, what="event:unsubscribe"),
    "report_location": Unsupported(**EVT, what="event:LOCATION"),
    "menu_command": TextMessage(**EVT, text="/todo"),
    "menu_other": Unsupported(**EVT, what="event:click"),
    "menu_view": Unsupported(**EVT, what="event:view"),
    "card_button": Click(
        **EVT,
        action="todo_done:42",
        message_ref="1077",
        handle=CardHandle(value="RC_1", expires_at=OVER, uses_left=1),
    ),
    "card_form": Click(
        **EVT,
        action="alert_assign:7",
        message_ref="1078",
        form={"assignee": "li", "tags": "o1,o2"},
        handle=CardHandle(value="RC_2", expires_at=OVER, uses_left=1),
    ),
    "card_of_others": Click(**EVT, action="approve_42"),
    "customer_added": Unsupported(
        **(EVT | other("sys", "*", datetime(2014, 6, 24, 11, 48, 33, tzinfo=UTC))),
        what="event:change_external_contact",
    ),
}


def payload(name: str) -> bytes:
    return (PAYLOADS / f"{name}.xml").read_bytes()


def test_every_payload_has_its_event() -> None:
    assert {path.stem for path in PAYLOADS.glob("*.xml")} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_payload_is_this_event(name: str) -> None:
    event = wire.parse(payload(name), TASK_IDS)
    wanted = EXPECTED[name]
    assert event == (replace(wanted, key=event.key) if wanted.key == "*" else wanted)


@pytest.mark.parametrize("name", EXPECTED)
def test_events_survive_the_inbox(name: str) -> None:
    event = wire.parse(payload(name), TASK_IDS)
    assert EVENT.validate_json(EVENT.dump_json(event)) == event
    assert len(event.key) <= 300


def test_keys_of_different_events_differ() -> None:
    messages = {name for name, event in EXPECTED.items() if event.key == MSG["key"]}
    keys = [wire.parse(payload(name), TASK_IDS).key for name in EXPECTED if name not in messages]
    assert len(set(keys)) == len(keys)


def test_two_clicks_in_one_second_are_two() -> None:
    first = payload("card_button")
    second = first.replace(b"RC_1", b"RC_9")
    assert wire.parse(first, TASK_IDS).key == wire.parse(first, TASK_IDS).key
    assert wire.parse(first, TASK_IDS).key != wire.parse(second, TASK_IDS).key


def test_the_longest_keys_of_a_button_fit() -> None:
    xml = payload("card_button").replace(b"todo_done:42", b"x" * 1024).replace(b"RC_1", b"y" * 500)
    assert len(wire.parse(xml, TASK_IDS).key) <= 300


@pytest.mark.parametrize(
    "xml",
    [
        b"",
        b"hello",
        b"<xml>",
        b"<xml></xml>",
        b"\x00\xff",
        payload("text").replace(b"<MsgId>1234567890123456</MsgId>", b""),
        payload("text").replace(b"1348831860", b"soon"),
        payload("text").replace(b"1348831860", b"9" * 30),
        payload("text").replace(b"zhangsan", b""),
        payload("voice").replace(b"media_id_2", b""),
        payload("card_button").replace(b"todo_done:42", b""),
        payload("subscribe").replace(b"subscribe", b""),
        payload("subscribe").replace(b"subscribe", b"s" * 400),
        b'<?xml version="1.0" encoding="klingon"?>' + payload("text"),
        b'<!DOCTYPE x [<!ENTITY a "b">]>' + payload("text"),
        b"<!DOCTYPE xml>" + payload("text"),
    ],
)
def test_what_is_no_message_is_told_apart(xml: bytes) -> None:
    with pytest.raises(wire.WireError) as caught:
        wire.parse(xml, TASK_IDS)
    assert caught.value.key == wire.fallback_key(xml)


@pytest.mark.parametrize(
    ("task_id", "row"),
    [
        ("gendan-a1b2-7", "7"),
        ("gendan-a1b2-", None),
        ("gendan-zzzz-7", None),
        ("gendan-7", None),
        ("gendan-a1b2-7x", None),
        ("gendan-a1b2-７", None),
        ("", None),
    ],
)
def test_only_own_cards_name_a_row(task_id: str, row: str | None) -> None:
    assert TASK_IDS.outbox_id(task_id) == row


def test_task_ids_are_what_wecom_allows() -> None:
    assert TASK_IDS.make(12) == "gendan-a1b2-12"
    with pytest.raises(ValueError, match="letters and digits"):
        wire.TaskIds("a:b")
