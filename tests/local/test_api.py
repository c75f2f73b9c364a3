"""The messenger's HTTP API on a real server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.events import Chat, ChatKind, Click, Event, MediaKind, MediaMessage, TextMessage
from bot.outgoing import CardContent, Delivery, TextContent
from bot.platform import HandleSpent, MediaGone
from cards.model import Button, Card, CardState
from storage.db import Database
from tests.local.harness import NOW, Messenger, running

WANG = Chat("local", "wang")
CARD = Card("记录", buttons=(Button("确认", "note_ok:1"),))
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64


@pytest.fixture
async def http(messenger: Messenger) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(messenger.url) as session:
        yield session


async def post(http: aiohttp.ClientSession, path: str, body: object, **headers: str) -> tuple[int, Any]:
    async with http.post(path, json=body, headers=headers) as response:
        return response.status, await response.json()


async def get(http: aiohttp.ClientSession, path: str) -> Any:
    async with http.get(path) as response:
        assert response.status == 200, await response.text()
        return await response.json()


async def shown(http: aiohttp.ClientSession, chat: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = await get(http, f"/local/chats/{chat}/messages?after=0")
    return found


async def accepted(messenger: Messenger, count: int) -> list[Event]:
    """The events that were handled, once there are `count` of them and none comes after."""
    async with asyncio.timeout(5):
        while len(messenger.events) < count:  # noqa: ASYNC110 - the bot of the harness appends to a list
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)
    assert len(messenger.events) == count
    return messenger.events


def upload(data: bytes, name: str = "a.bin", **fields: str) -> aiohttp.FormData:
    form = aiohttp.FormData({"from": "wang", "chat": "wang", **fields}, quote_fields=False)
    form.add_field("file", BytesIO(data), filename=name)
    return form


def without_file() -> aiohttp.FormData:
    form = aiohttp.FormData(default_to_multipart=True)
    form.add_field("from", "wang")
    return form


async def test_who_can_be_played_and_where(http: aiohttp.ClientSession) -> None:
    users = {user["id"]: user for user in await get(http, "/local/users")}
    assert users["wang"] == {"id": "wang", "name": "王磊", "role": "rep", "team": "华东组", "external": False}
    assert users["ext_zhang"]["external"]
    chats = {chat["id"]: chat for chat in await get(http, "/local/chats?user=wang")}
    assert {key: chat["kind"] for key, chat in chats.items()} == {"wang": "direct", "g_huachang": "group"}
    assert [member["id"] for member in chats["g_huachang"]["members"]] == ["wang", "ext_zhang", "ext_he"]
    assert [chat["id"] for chat in await get(http, "/local/chats?user=ext_zhang")] == ["g_huachang"]
    assert {"wang", "chen", "g_huachang"} < {chat["id"] for chat in await get(http, "/local/chats")}


async def test_a_text_becomes_an_event_and_a_bubble(messenger: Messenger, http: aiohttp.ClientSession) -> None:
    status, answer = await post(http, "/local/messages", {"from": "wang", "chat": "wang", "text": "你好", "id": "m-1"})
    assert (status, answer) == (202, {"event_key": "m-1"})
    (event,) = await accepted(messenger, 1)
    assert isinstance(event, TextMessage)
    assert (event.text, event.chat, event.sender.name, event.sender.external) == ("你好", WANG, "王磊", False)
    (message,) = await shown(http, "wang")
    assert {key: message[key] for key in ("id", "from", "kind", "text", "card")} == {
        "id": "m-1", "from": "wang", "kind": "text", "text": "你好", "card": None,
    }  # fmt: skip
    assert await get(http, f"/local/chats/wang/messages?after={message['seq']}") == []


async def test_the_same_id_is_the_same_event(messenger: Messenger, http: aiohttp.ClientSession) -> None:
    body = {"from": "wang", "chat": "wang", "text": "一次", "id": "same"}
    answers = await asyncio.gather(*(post(http, "/local/messages", body) for _ in range(20)))
    assert {status for status, _ in answers} == {202}
    await accepted(messenger, 1)
    assert len(await shown(http, "wang")) == 1
    status, answer = await post(http, "/local/messages", body | {"from": "li", "chat": "li"})
    assert (status, len(await shown(http, "li"))) == (409, 0)
    assert "编号" in answer["error"]


async def test_two_honest_equal_messages_are_two(messenger: Messenger, http: aiohttp.ClientSession) -> None:
    for _ in range(2):
        await post(http, "/local/messages", {"from": "wang", "text": "好的"})
    await accepted(messenger, 2)
    assert len(await shown(http, "wang")) == 2


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({"from": "wang", "chat": "wang", "text": "  "}, 400, "空"),
        ({"from": "wang", "chat": "wang"}, 400, "空"),
        ({"chat": "wang", "text": "x"}, 400, "from"),
        ({"from": "wang", "chat": "li", "text": "x"}, 404, "没有这个会话"),
        ({"from": "chen", "chat": "g_huachang", "text": "x"}, 403, "不在这个群里"),
        ({"from": "ext_zhang", "chat": "ext_zhang", "text": "x"}, 403, "群里"),
        ([1], 400, "JSON"),
        ({"from": "wang", "text": "长" * 100_000}, 413, "太长"),
    ],
)
async def test_refused_with_a_sentence(
    messenger: Messenger, http: aiohttp.ClientSession, body: object, status: int, words: str
) -> None:
    found, answer = await post(http, "/local/messages", body)
    assert found == status
    assert words in answer["error"]
    await accepted(messenger, 0)
    assert await shown(http, "wang") == []


async def test_a_customer_in_the_group_is_external(messenger: Messenger, http: aiohttp.ClientSession) -> None:
    await post(http, "/local/messages", {"from": "ext_zhang", "chat": "g_huachang", "text": "价格多少？"})
    (event,) = await accepted(messenger, 1)
    assert event.chat == Chat("local", "g_huachang", ChatKind.GROUP)
    assert (event.sender.name, event.sender.external) == ("张敏", True)


async def test_a_newcomer_may_write_to_the_bot(messenger: Messenger, http: aiohttp.ClientSession) -> None:
    await post(http, "/local/messages", {"from": "nobody", "text": "123456"})
    (event,) = await accepted(messenger, 1)
    assert (event.sender.id, event.sender.name, event.sender.external) == ("nobody", None, False)
    assert [chat["id"] for chat in await get(http, "/local/chats?user=nobody")] == ["nobody"]


async def test_a_file_is_known_by_its_content(messenger: Messenger, http: aiohttp.ClientSession) -> None:
    async with http.post("/local/messages", data=upload(PNG, "../../etc/声音.mp3", id="f-1")) as response:
        assert response.status == 202
    (event,) = await accepted(messenger, 1)
    assert isinstance(event, MediaMessage)
    assert (event.media.kind, event.media.name, event.media.size) == (MediaKind.IMAGE, "声音.mp3", len(PNG))
    assert await messenger.platform.fetch_media(event.media, 1000) == PNG
    (message,) = await shown(http, "wang")
    assert (message["kind"], message["file"]["mime"]) == ("file", "image/png")
    async with http.get(message["file"]["url"], headers={"Range": "bytes=0-7"}) as response:
        assert (response.status, response.content_type) == (206, "image/png")
        assert await response.read() == PNG[:8]


async def test_media_over_the_limit_or_gone(messenger: Messenger, http: aiohttp.ClientSession) -> None:
    async with http.post("/local/messages", data=upload(PNG)):
        pass
    (event,) = await accepted(messenger, 1)
    assert isinstance(event, MediaMessage)
    with pytest.raises(MediaGone):
        await messenger.platform.fetch_media(event.media, len(PNG) - 1)
    messenger.platform._media.path(event.media.ref).unlink()
    with pytest.raises(MediaGone):
        await messenger.platform.fetch_media(event.media, 1000)


async def test_a_page_that_is_uploaded_is_only_a_download(http: aiohttp.ClientSession) -> None:
    async with http.post("/local/messages", data=upload(b"<html><script>alert(1)</script>", "a.png")):
        pass
    (message,) = await shown(http, "wang")
    async with http.get(message["file"]["url"]) as response:
        assert response.content_type == "application/octet-stream"
        assert response.headers["Content-Disposition"] == "attachment"
        assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("form", "status", "words"),
    [
        (upload(b"\0" * (1024 * 1024 + 1)), 413, "最多 1 MB"),
        (upload(b"\0" * (3 * 1024 * 1024)), 413, "最多 1 MB"),
        (upload(b""), 400, "空"),
        (upload(PNG, text="看这个"), 400, "分两条"),
        (without_file(), 400, "空"),
    ],
)
async def test_uploads_that_are_refused(
    messenger: Messenger, http: aiohttp.ClientSession, form: aiohttp.FormData, status: int, words: str
) -> None:
    async with http.post("/local/messages", data=form) as response:
        assert response.status == status
        assert words in (await response.json())["error"]
    await accepted(messenger, 0)
    assert await shown(http, "wang") == []


async def test_what_the_bot_sends_is_shown_once(messenger: Messenger, http: aiohttp.ClientSession) -> None:
    delivery = Delivery(7, WANG, CardContent(CARD))
    first, second = await messenger.deliver(delivery), await messenger.deliver(delivery)
    assert first == second
    await messenger.deliver(Delivery(8, WANG, TextContent("<b>好</b>")))
    card, text = await shown(http, "wang")
    assert (card["id"], card["from"], card["kind"], card["card"]["title"]) == ("bot-7", "bot", "card", "记录")
    assert card["card"]["buttons"] == [{"label": "确认", "action": "note_ok:1", "style": "default"}]
    assert (text["kind"], text["text"]) == ("text", "<b>好</b>")


async def test_a_card_changes_in_place(messenger: Messenger, http: aiohttp.ClientSession) -> None:
    sent = await messenger.deliver(Delivery(7, WANG, CardContent(CARD)))
    await messenger.deliver(Delivery(8, WANG, TextContent("后来的话")))
    done = Card("记录", state=CardState.DONE, note="王磊已确认")
    for _ in range(2):
        assert (await messenger.deliver(Delivery(9, WANG, CardContent(done), sent.handle))).handle == sent.handle
    card, text = await shown(http, "wang")
    assert (card["id"], card["card"]["state"], card["card"]["note"]) == ("bot-7", "done", "王磊已确认")
    assert card["rev"] > text["rev"] > card["seq"]


async def test_a_handle_that_is_gone_asks_for_a_fresh_card(messenger: Messenger) -> None:
    sent = await messenger.deliver(Delivery(7, WANG, CardContent(CARD)))
    assert sent.handle is not None
    with pytest.raises(HandleSpent):
        await messenger.deliver(Delivery(9, WANG, CardContent(CARD), type(sent.handle)(value="bot-99")))


async def test_a_click_is_answered_with_its_toast(messenger: Messenger, http: aiohttp.ClientSession) -> None:
    async def thanks(_messenger: Messenger, event: Event) -> str | None:
        return "已确认" if isinstance(event, Click) else None

    messenger.answer = thanks
    await messenger.deliver(Delivery(7, WANG, CardContent(CARD)))
    body = {"from": "wang", "message_id": "bot-7", "action": "note_ok:1", "form": {"due": "2026-03-06"}}
    status, answer = await post(http, "/local/actions", body)
    assert (status, answer["toast"]) == (202, "已确认")
    (event,) = messenger.events
    assert isinstance(event, Click)
    assert (event.action, event.message_ref, event.form, event.chat) == ("note_ok:1", "7", {"due": "2026-03-06"}, WANG)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"from": "wang", "message_id": "bot-99", "action": "note_ok:1"}, 404),
        ({"from": "li", "message_id": "bot-7", "action": "note_ok:1"}, 404),
        ({"from": "wang", "message_id": "bot-8", "action": "note_ok:1"}, 404),
        ({"from": "wang", "message_id": "bot-7"}, 400),
    ],
)
async def test_clicks_that_are_refused(
    messenger: Messenger, http: aiohttp.ClientSession, body: dict[str, str], status: int
) -> None:
    await messenger.deliver(Delivery(7, WANG, CardContent(CARD)))
    await messenger.deliver(Delivery(8, WANG, TextContent("没有卡片")))
    assert (await post(http, "/local/actions", body))[0] == status
    await accepted(messenger, 0)


async def test_the_clock(messenger: Messenger, http: aiohttp.ClientSession) -> None:
    status, answer = await post(http, "/local/clock", {"advance": "PT2H"})
    assert (status, answer["now"][:16]) == (200, "2026-03-05T16:20")
    status, answer = await post(http, "/local/clock", {"set": "2026-03-06T09:00"})
    assert (status, answer["now"][:16]) == (200, "2026-03-06T09:00")
    assert (await get(http, "/local/state"))["now"][:13] == "2026-03-06T09"
    assert (await post(http, "/local/clock", {"set": NOW.isoformat()}))[0] == 400


async def test_idle_says_so_or_503(messenger: Messenger, http: aiohttp.ClientSession) -> None:
    assert (await get(http, "/local/idle?timeout=1"))["idle"] is True
    messenger.controls.quiet = False
    async with http.get("/local/idle?timeout=0") as response:
        assert response.status == 503
    async with http.get("/local/idle?timeout=nan") as response:
        assert response.status == 400


@pytest.mark.parametrize("path", ["/local/chats/nowhere/messages", "/local/files/abc", "/local/page/js/none.js"])
async def test_what_is_not_there(http: aiohttp.ClientSession, path: str) -> None:
    async with http.get(path) as response:
        assert response.status == 404
        assert (await response.json())["error"]


@pytest.mark.parametrize("path", ["/local/page/..%2f..%2fplatform.py", "/local/page/js/..%2f..%2f..%2fwire.py"])
async def test_nothing_but_the_page_is_served(messenger: Messenger, path: str) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(messenger.url.rpartition(":")[2]))
    writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    assert b" 404 " in (await reader.read()).split(b"\r\n")[0]
    writer.close()


async def test_the_newest_messages(messenger: Messenger, http: aiohttp.ClientSession) -> None:
    for number in range(5):
        await messenger.deliver(Delivery(number + 1, WANG, TextContent(str(number))))
    assert [row["text"] for row in await get(http, "/local/chats/wang/messages?last=2")] == ["3", "4"]


async def test_live_updates(messenger: Messenger, http: aiohttp.ClientSession) -> None:
    await messenger.deliver(Delivery(1, WANG, TextContent("早先的")))
    async with http.ws_connect("/local/ws?user=wang") as socket:
        sent = await messenger.deliver(Delivery(2, WANG, CardContent(CARD)))
        await messenger.deliver(Delivery(3, Chat("local", "li"), TextContent("别人的")))
        done = Card("记录", state=CardState.DONE)
        await messenger.deliver(Delivery(4, WANG, CardContent(done), sent.handle))
        await post(http, "/local/messages", {"from": "ext_he", "chat": "g_huachang", "text": "在吗"})
        await post(http, "/local/clock", {"advance": "PT1H"})
        async with asyncio.timeout(5):
            heard = [json.loads((await socket.receive()).data) for _ in range(4)]
    messages = [event["message"] for event in heard if event["type"] == "message"]
    assert [row["id"] for row in messages[:2]] == ["bot-2", "bot-2"]
    assert [row["card"]["state"] for row in messages[:2]] == ["open", "done"]
    assert messages[2]["text"] == "在吗"
    assert [event["type"] for event in heard].count("clock") == 1


async def test_another_process_is_heard(peopled: Database, tmp_path: Path) -> None:
    async with (
        running(peopled, tmp_path) as here,
        running(peopled, tmp_path) as there,
        aiohttp.ClientSession(here.url) as http,
        http.ws_connect("/local/ws") as socket,
    ):
        await there.deliver(Delivery(1, WANG, TextContent("从别的进程来")))
        async with asyncio.timeout(5):
            heard = json.loads((await socket.receive()).data)
    assert heard["message"]["text"] == "从别的进程来"


async def test_many_at_once_keep_their_order(peopled: Database, tmp_path: Path) -> None:
    """Revisions are handed out one by one, by both processes, so that nobody who reads up to one misses any."""
    async with running(peopled, tmp_path) as here, running(peopled, tmp_path) as there:
        sends = [
            side.deliver(Delivery(number, WANG, TextContent(str(number))))
            for number in range(1, 41)
            for side in (here, there)
        ]
        await asyncio.gather(*sends)
        async with aiohttp.ClientSession(here.url) as http:
            rows = await shown(http, "wang")
    assert sorted(int(row["text"]) for row in rows) == list(range(1, 41))
    assert [row["rev"] for row in rows] == sorted({row["rev"] for row in rows})
