"""Callbacks over real HTTP: what is believed, what is refused, and when WeCom sends it again."""

from __future__ import annotations

import asyncio
import base64
import os
import time
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from aiohttp import ClientSession
from prometheus_client import REGISTRY
from pydantic import SecretStr

from bot.config import ConfigError
from bot.events import Click, Entered, MediaMessage, TextMessage
from bot.wecom.platform import WecomPlatform
from cards.model import Button, Card
from tests.emulators.wecom import CORP_ID, WecomEmulator
from tests.emulators.wecom_push import Envelope, NotConnected, Value, xml
from tests.platforms.wecom.conftest import FakeIntake, HandClock, MemoryTokens, card_to, serve

pytestmark = pytest.mark.usefixtures("connected")

HELLO: dict[str, Value] = {
    "ToUserName": CORP_ID,
    "FromUserName": "wang",
    "CreateTime": 1760000000,
    "MsgType": "text",
    "Content": "价格",
    "MsgId": 77,
    "AgentID": 1000002,
}


def refused(reason: str) -> float:
    found = REGISTRY.get_sample_value("gendan_callbacks_refused_total", {"platform": "wecom", "reason": reason})
    return found or 0.0


@pytest.fixture
async def http() -> AsyncIterator[ClientSession]:
    async with ClientSession() as session:
        yield session


async def test_a_member_writes(wecom: WecomEmulator, intake: FakeIntake) -> None:
    push = await wecom.say("wang", "见了华昌的张总 <b>&]]> 😀")
    assert (push.status, push.body, push.tries) == (200, b"", 1)
    [event] = intake.events
    assert isinstance(event, TextMessage)
    assert (event.sender.id, event.text) == ("wang", "见了华昌的张总 <b>&]]> 😀")


async def test_voice_image_file_and_entering(wecom: WecomEmulator, intake: FakeIntake) -> None:
    pushes = [
        await wecom.voice("wang", b"#!AMR\n123456"),
        await wecom.image("wang", b"\xff\xd8\xff123"),
        await wecom.file("wang", "a.pdf", b"%PDF-1.7"),
        await wecom.enter("wang"),
        await wecom.menu("wang", "/todo"),
    ]
    assert all(push.acked for push in pushes)
    assert [event.type for event in intake.events] == ["media", "media", "media", "entered", "text"]
    assert isinstance(intake.events[0], MediaMessage)
    assert isinstance(intake.events[3], Entered)


async def test_a_click_names_its_card_and_brings_a_handle(
    connected: WecomPlatform, wecom: WecomEmulator, intake: FakeIntake, clock: HandClock
) -> None:
    delivery = card_to("wang", Card("报价", buttons=(Button("完成", "todo_done:4"),)), outbox_id=12)
    await connected.deliver(delivery)
    await wecom.click("wang", await wecom.next_card("wang"), "完成")
    [event] = intake.events
    assert isinstance(event, Click)
    assert (event.action, event.message_ref, event.form) == ("todo_done:4", "12", {})
    assert event.handle is not None
    assert event.handle.expires_at is not None
    assert event.handle.uses_left == 1
    assert 71.9 < (event.handle.expires_at - clock.wall()).total_seconds() / 3600 <= 72


async def test_a_message_that_comes_again_is_acked_and_stays_one(wecom: WecomEmulator, intake: FakeIntake) -> None:
    assert (await wecom.say("wang", "价格", msg_id="5")).acked
    assert (await wecom.say("wang", "价格", msg_id="5")).acked
    assert intake.calls == 2
    assert len(intake.events) == 1


async def test_what_cannot_be_kept_is_not_acked(wecom: WecomEmulator, intake: FakeIntake) -> None:
    intake.broken = True
    push = await wecom.say("wang", "价格")
    assert (push.status, push.tries, push.body) == (500, 3, b"")
    intake.broken = False
    assert (await wecom.say("wang", "价格")).acked


async def test_not_started_or_stopped_asks_to_come_again(
    connected: WecomPlatform, wecom: WecomEmulator, intake: FakeIntake
) -> None:
    await connected.stop_receiving()
    assert (await wecom.say("wang", "价格")).status == 503
    assert intake.calls == 0


async def test_forged_signature(wecom: WecomEmulator, intake: FakeIntake) -> None:
    good, before = wecom.seal(xml(HELLO)), refused("signature")
    for query in (
        good.query | {"msg_signature": "0" * 40},
        good.query | {"nonce": "other"},
        good.query | {"timestamp": str(int(time.time()) + 1)},
        good.query | {"msg_signature": good.query["msg_signature"].upper()},
    ):
        assert await wecom.post(replace(good, query=query)) == 403
    assert refused("signature") == before + 4
    assert not intake.calls


async def test_an_honest_envelope_passes_where_the_forged_one_did_not(
    wecom: WecomEmulator, intake: FakeIntake
) -> None:
    assert await wecom.post(wecom.seal(xml(HELLO))) == 200
    assert len(intake.events) == 1


@pytest.mark.parametrize("missing", ["msg_signature", "timestamp", "nonce"])
async def test_incomplete_query(wecom: WecomEmulator, missing: str) -> None:
    envelope = wecom.seal(xml(HELLO))
    query = {name: value for name, value in envelope.query.items() if name != missing}
    assert await wecom.post(replace(envelope, query=query)) == 400


@pytest.mark.parametrize("age", [-301, 301])
async def test_stale_or_from_the_future(wecom: WecomEmulator, intake: FakeIntake, age: float) -> None:
    before = refused("stale")
    assert await wecom.post(wecom.seal(xml(HELLO), at=time.time() + age)) == 403
    assert refused("stale") == before + 1
    assert not intake.calls


async def test_age_is_measured_by_wall_time(wecom: WecomEmulator, clock: HandClock) -> None:
    clock.set(clock.wall().replace(year=2031))
    assert await wecom.post(wecom.seal(xml(HELLO), at=time.time() - 290)) == 200


async def test_for_another_enterprise(wecom: WecomEmulator, intake: FakeIntake) -> None:
    assert await wecom.post(wecom.seal(xml(HELLO), corp_id="ww_other")) == 403
    assert not intake.calls


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"garbage",
        b"<xml>",
        b"<xml><Encrypt></Encrypt></xml>",
        b"\xff\xfe\x00",
        b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><xml><Encrypt>&b;</Encrypt></xml>',
        b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><xml><Encrypt>&e;</Encrypt></xml>',
    ],
)
async def test_garbage_bodies(wecom: WecomEmulator, intake: FakeIntake, body: bytes) -> None:
    assert await wecom.post(Envelope(wecom.seal("x").query, body)) == 400
    assert not intake.calls


@pytest.mark.parametrize("cut", [1, 4, 20])
async def test_truncated_cipher_text(wecom: WecomEmulator, intake: FakeIntake, cut: int) -> None:
    envelope = wecom.seal(xml(HELLO))
    body = envelope.body.replace(b"]]></Encrypt>", b"")
    assert await wecom.post(replace(envelope, body=body[:-cut] + b"]]></Encrypt></xml>")) in (400, 403)
    assert not intake.calls


async def test_too_large_a_body(wecom: WecomEmulator) -> None:
    envelope = wecom.seal(xml(HELLO | {"Content": "长" * 200_000}))
    assert await wecom.post(envelope) in (413, None)


async def test_refusals_tell_nothing(wecom: WecomEmulator, connected: WecomPlatform, http: ClientSession) -> None:
    runner, url = await serve(connected)
    async with http.post(url, params=wecom.seal("x").query, data=wecom.seal(xml(HELLO)).body) as response:
        assert (response.status, await response.read()) == (403, b"")
    async with http.get(url, params=wecom.seal("x").query | {"echostr": "abc"}) as response:
        assert (response.status, await response.read()) == (403, b"")
    async with http.get(url) as response:
        assert (response.status, await response.read()) == (400, b"")
    await runner.cleanup()


async def test_who_never_sends_the_body_is_let_go(
    wecom: WecomEmulator, clock: HandClock, tokens: MemoryTokens, intake: FakeIntake
) -> None:
    hasty = WecomPlatform(wecom.settings.model_copy(update={"callback_s": 0.1}), clock, tokens)
    await hasty.start(intake)
    runner, url = await serve(hasty)
    host, port = url.removeprefix("http://").split("/")[0].split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"POST /wecom/callback?a=b HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n<xml>")
    async with asyncio.timeout(5):
        status = await reader.readline()
    writer.close()
    await runner.cleanup()
    await hasty.stop()
    assert b"408" in status


async def test_a_genuine_message_that_cannot_be_read_is_kept_and_acked(
    wecom: WecomEmulator, intake: FakeIntake
) -> None:
    assert await wecom.post(wecom.seal("<xml><MsgType>text</MsgType></xml>")) == 200
    assert await wecom.post(wecom.seal('<!DOCTYPE x [<!ENTITY a "b">]><xml>&a;</xml>')) == 200
    assert not intake.calls
    assert [reason for _, _, reason in intake.rejected] == ["no MsgId", "not XML"]
    assert intake.rejected[0][1] == b"<xml><MsgType>text</MsgType></xml>"


async def test_the_address_proves_itself_only_with_the_right_key(
    wecom: WecomEmulator, clock: HandClock, tokens: MemoryTokens
) -> None:
    key = base64.b64encode(os.urandom(32)).decode()[:43].replace("+", "a").replace("/", "b")
    stranger = WecomPlatform(wecom.settings.model_copy(update={"encoding_aes_key": SecretStr(key)}), clock, tokens)
    runner, url = await serve(stranger)
    with pytest.raises(NotConnected, match="403"):
        await wecom.connect(url)
    await runner.cleanup()


async def test_a_bad_key_is_a_fault_of_the_configuration(
    wecom: WecomEmulator, clock: HandClock, tokens: MemoryTokens
) -> None:
    with pytest.raises(ConfigError, match="encoding_aes_key"):
        WecomPlatform(wecom.settings.model_copy(update={"encoding_aes_key": SecretStr("short")}), clock, tokens)


async def test_acks_do_not_wait_for_each_other(wecom: WecomEmulator, intake: FakeIntake) -> None:
    pushes = await asyncio.gather(*(wecom.say(f"u{number}", "价格") for number in range(50)))
    assert {push.status for push in pushes} == {200}
    assert len(intake.events) == 50
