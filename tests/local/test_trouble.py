"""When the database or the disk gives trouble: a clear sentence, nothing half-done, nobody else's write lost."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager

import aiohttp
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from bot.batching import GroupCommit
from bot.events import Chat
from bot.local.client import ApiError, LocalClient
from bot.local.store import Messages
from bot.outgoing import Delivery, TextContent
from bot.platform import Transient
from storage.db import Database
from storage.media import MediaStore
from tests.local.harness import NOW, Messenger


def gone() -> AbstractAsyncContextManager[AsyncSession]:
    raise OSError("the database is away")


async def test_a_database_that_is_away(messenger: Messenger, monkeypatch: pytest.MonkeyPatch) -> None:
    async with LocalClient(messenger.url, "wang") as wang:
        with monkeypatch.context() as patch:
            patch.setattr(messenger.db, "write", gone)
            with pytest.raises(ApiError, match="稍后再发") as refusal:
                await wang.say("能收到吗", message_id="m")
            assert refusal.value.status == 503
            with pytest.raises(Transient):
                await messenger.deliver(Delivery(1, Chat("local", "wang"), TextContent("你好")))
        assert await wang.messages() == []
        await wang.say("能收到吗", message_id="m")
        assert [row["text"] for row in await wang.messages()] == ["能收到吗"]


async def test_a_full_disk(messenger: Messenger, monkeypatch: pytest.MonkeyPatch) -> None:
    async def full(_store: MediaStore, _data: bytes) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(MediaStore, "put", full)
    form = aiohttp.FormData({"from": "wang"})
    form.add_field("file", b"\x89PNG\r\n\x1a\n1234", filename="a.png")
    async with aiohttp.ClientSession() as http:
        async with http.post(f"{messenger.url}/local/messages", data=form) as response:
            assert response.status == 507
            assert "磁盘" in (await response.json())["error"]
        async with http.get(f"{messenger.url}/local/chats/wang/messages") as response:
            assert await response.json() == []


async def test_a_write_that_cannot_be_done_fails_alone(peopled: Database) -> None:
    writer = GroupCommit(peopled, lambda: None)

    async def add(session: AsyncSession, key: str) -> str:
        values = {"id": key, "chat": "wang", "sender": "wang", "kind": "text", "text": key, "at": NOW}
        return (await Messages(session).add(values)).id

    async def fail(session: AsyncSession) -> str:
        await add(session, "half-done")
        raise LookupError("no such thing")

    waiting = [writer.run(lambda session: add(session, "a")), writer.run(fail), writer.run(lambda s: add(s, "b"))]
    tasks = [asyncio.create_task(write) for write in waiting]
    await asyncio.sleep(0)
    writer.start()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    await writer.stop()
    assert (results[0], results[2]) == ("a", "b")
    assert isinstance(results[1], LookupError)
    async with peopled.read() as session:
        assert [row.id for row in await Messages(session).after("wang", 0, 10)] == ["a", "b"]
