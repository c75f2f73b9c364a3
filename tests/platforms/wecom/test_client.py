"""The API client against the emulator: tokens, errors, media."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from pydantic import SecretStr

from bot.events import Media, MediaKind
from bot.platform import HandleSpent, MediaGone, Permanent, PlatformError, Token, Transient
from bot.wecom.client import WecomClient
from bot.wecom.platform import WecomPlatform
from tests.emulators.wecom import WecomEmulator
from tests.platforms.wecom.conftest import HandClock, MemoryTokens

TEXT = {"msgtype": "text", "text": {"content": "你好"}}


@pytest.fixture
async def client(wecom: WecomEmulator, clock: HandClock, tokens: MemoryTokens) -> AsyncIterator[WecomClient]:
    made = WecomClient(wecom.settings, clock, tokens)
    yield made
    await made.close()


async def test_fifty_sends_at_once_fetch_one_token(client: WecomClient, wecom: WecomEmulator) -> None:
    await asyncio.gather(*(client.send(f"user{number}", TEXT) for number in range(50)))
    assert wecom.calls["gettoken"] == 1
    assert sum(len(screen.messages) for screen in wecom.screens.values()) == 50


async def test_fifty_refusals_at_once_fetch_one_new_token(client: WecomClient, wecom: WecomEmulator) -> None:
    await client.send("wang", TEXT)
    wecom.revoke_tokens()
    await asyncio.gather(*(client.send(f"user{number}", TEXT) for number in range(50)))
    assert wecom.calls["gettoken"] == 2


async def test_a_second_process_uses_the_first_ones_token(
    client: WecomClient, wecom: WecomEmulator, clock: HandClock, tokens: MemoryTokens
) -> None:
    await client.send("wang", TEXT)
    other = WecomClient(wecom.settings, clock, tokens)
    await other.send("wang", TEXT)
    wecom.revoke_tokens()
    await client.send("wang", TEXT)
    await other.send("wang", TEXT)
    await other.close()
    assert wecom.calls["gettoken"] == 2


async def test_a_token_is_replaced_before_it_is_over(
    client: WecomClient, wecom: WecomEmulator, clock: HandClock
) -> None:
    await client.send("wang", TEXT)
    clock.ahead += timedelta(hours=1.9)
    await client.send("wang", TEXT)
    assert wecom.calls["gettoken"] == 1
    clock.ahead += timedelta(hours=0.05)
    await client.send("wang", TEXT)
    assert wecom.calls["gettoken"] == 2


@pytest.mark.parametrize("errcode", [40014, 42001])
async def test_a_refused_token_is_replaced_once(client: WecomClient, wecom: WecomEmulator, errcode: int) -> None:
    wecom.fail_next("message/send", errcode)
    wecom.revoke_tokens()
    await client.send("wang", TEXT)
    assert wecom.calls["message/send"] == 2
    wecom.fail_next("message/send", errcode, times=2)
    with pytest.raises(Transient) as caught:
        await client.send("wang", TEXT)
    assert caught.value.code == str(errcode)
    assert wecom.calls["message/send"] == 4


async def test_a_token_of_another_life_is_replaced(
    client: WecomClient, wecom: WecomEmulator, tokens: MemoryTokens
) -> None:
    name = f"wecom:{wecom.settings.corp_id}:{wecom.settings.agent_id}"
    tokens.kept[name] = Token("from-before-the-restart", time.time() + 5000)
    await client.send("wang", TEXT)
    assert tokens.kept[name].value != "from-before-the-restart"


async def test_a_wrong_secret_is_not_tried_again_and_again(
    wecom: WecomEmulator, clock: HandClock, tokens: MemoryTokens
) -> None:
    client = WecomClient(wecom.settings.model_copy(update={"secret": SecretStr("wrong")}), clock, tokens)
    for _ in range(5):
        with pytest.raises(Transient) as caught:
            await client.send("wang", TEXT)
        assert caught.value.code == "40001"
        assert caught.value.retry_after is not None
    assert wecom.calls["gettoken"] == 1
    clock.ahead += timedelta(hours=1)
    with pytest.raises(Transient):
        await client.send("wang", TEXT)
    assert wecom.calls["gettoken"] == 2
    await client.close()


@pytest.mark.parametrize(
    ("errcode", "kind", "retry_after"),
    [
        (-1, Transient, None),
        (45009, Transient, 60),
        (45011, Transient, 60),
        (45033, Transient, 1),
        (60020, Transient, 60),
        (81013, Permanent, None),
        (60111, Permanent, None),
        (48002, Permanent, None),
        (40058, Permanent, None),
        (60140, HandleSpent, None),
        (40007, MediaGone, None),
    ],
)
async def test_codes_are_what_they_mean(
    client: WecomClient, wecom: WecomEmulator, errcode: int, kind: type[PlatformError], retry_after: float | None
) -> None:
    wecom.fail_next("message/send", errcode)
    with pytest.raises(PlatformError) as caught:
        await client.send("wang", TEXT)
    assert type(caught.value) is kind
    assert (caught.value.code, caught.value.retry_after) == (str(errcode), retry_after)


async def test_who_is_not_a_member(wecom: WecomEmulator, client: WecomClient) -> None:
    wecom.members = {"wang"}
    with pytest.raises(Permanent) as caught:
        await client.send("nobody", TEXT)
    assert caught.value.code == "81013"


async def test_who_has_no_licence_gets_nothing_though_the_call_succeeds(
    wecom: WecomEmulator, client: WecomClient
) -> None:
    wecom.unlicensed = {"wang"}
    with pytest.raises(Permanent) as caught:
        await client.send("wang", TEXT)
    assert caught.value.code == "unlicenseduser"


@pytest.mark.parametrize(
    "body", [b"", b"<html>hello</html>", b"[]", b'{"errcode":"x"}', b'{"ok":1}', b"\xff" * 10, b"{" * 200_000]
)
async def test_nonsense_is_worth_another_try(client: WecomClient, wecom: WecomEmulator, body: bytes) -> None:
    await client.send("wang", TEXT)
    wecom.hostile = body
    with pytest.raises(Transient) as caught:
        await client.send("wang", TEXT)
    assert caught.value.code == "answer"


async def test_down_slow_and_gone(wecom: WecomEmulator, clock: HandClock, tokens: MemoryTokens) -> None:
    client = WecomClient(wecom.settings.model_copy(update={"timeout_s": 1}), clock, tokens)
    await client.send("wang", TEXT)
    wecom.down = True
    assert await _code_of(client) == "http 502"
    wecom.down, wecom.slow_s = False, 2
    assert await _code_of(client) == "network"
    await wecom.stop()
    assert await _code_of(client) == "network"
    await client.close()


async def test_errors_keep_secrets_to_themselves(
    client: WecomClient, wecom: WecomEmulator, tokens: MemoryTokens
) -> None:
    await client.send("wang", TEXT)
    [token] = tokens.kept.values()
    wecom.hostile = b'{"errcode":48002,"errmsg":"bad call of ?access_token=%s&x=1"}' % token.value.encode()
    with pytest.raises(Permanent) as caught:
        await client.send("wang", TEXT)
    assert token.value not in str(caught.value)
    assert "access_token=…&x=1" in str(caught.value)


async def test_media_is_downloaded(platform: WecomPlatform, wecom: WecomEmulator) -> None:
    data = bytes(range(256)) * 500
    media = Media(MediaKind.VOICE, wecom.keep_media("voice.amr", data))
    assert await platform.fetch_media(media, limit=len(data)) == data


async def test_a_file_that_looks_like_an_error_is_a_file(platform: WecomPlatform, wecom: WecomEmulator) -> None:
    data = b'{"errcode":40007,"errmsg":"invalid media_id"}'
    media = Media(MediaKind.FILE, wecom.keep_media("answer.json", data))
    assert await platform.fetch_media(media, limit=1000) == data


async def test_media_over_the_limit_or_gone(platform: WecomPlatform, wecom: WecomEmulator) -> None:
    media = Media(MediaKind.FILE, wecom.keep_media("a.bin", b"x" * 1001))
    with pytest.raises(MediaGone) as caught:
        await platform.fetch_media(media, limit=1000)
    assert caught.value.code == "too_large"
    wecom.lose_media()
    with pytest.raises(MediaGone) as caught:
        await platform.fetch_media(media, limit=1000)
    assert caught.value.code == "40007"


async def test_media_while_wecom_is_down(platform: WecomPlatform, wecom: WecomEmulator) -> None:
    media = Media(MediaKind.FILE, wecom.keep_media("a.bin", b"x" * 100))
    wecom.down = True
    with pytest.raises(Transient):
        await platform.fetch_media(media, limit=1000)
    wecom.down = False
    wecom.revoke_tokens()
    assert await platform.fetch_media(media, limit=1000) == b"x" * 100


async def test_check_finds_all_well(platform: WecomPlatform) -> None:
    assert await platform.check() == [(True, "企业微信：应用「跟单」可用，密钥和本机 IP 都没问题")]


@pytest.mark.parametrize(
    ("path", "errcode", "hint"),
    [
        ("gettoken", 40001, "wecom.secret"),
        ("gettoken", 40013, "wecom.corp_id"),
        ("agent/get", 60020, "企业可信IP"),
        ("agent/get", 301002, "wecom.agent_id"),
        ("agent/get", 99999, "99999"),
    ],
)
async def test_check_says_what_to_mend(
    platform: WecomPlatform, wecom: WecomEmulator, path: str, errcode: int, hint: str
) -> None:
    wecom.fail_next(path, errcode)
    [(fine, line)] = await platform.check()
    assert not fine
    assert hint in line
    assert str(errcode) in line


async def test_check_names_the_address_to_trust(platform: WecomPlatform, wecom: WecomEmulator) -> None:
    wecom.fail_next("agent/get", 60020, message="not allow to access from your ip, from ip: 203.0.113.7, more info")
    [(_, line)] = await platform.check()
    assert "203.0.113.7" in line


@pytest.mark.parametrize(("minutes", "wrong"), [(4, "快"), (-4, "慢")])
async def test_check_finds_a_wrong_clock(
    platform: WecomPlatform, clock: HandClock, minutes: int, wrong: str
) -> None:
    clock.ahead = timedelta(minutes=minutes)
    first, (fine, line) = await platform.check()
    assert first[0]
    assert not fine
    assert f"{wrong}了 2" in line


async def test_check_names_missing_settings(wecom: WecomEmulator, clock: HandClock, tokens: MemoryTokens) -> None:
    settings = wecom.settings.model_copy(update={"secret": SecretStr(""), "agent_id": 0})
    [(fine, line)] = await WecomPlatform(settings, clock, tokens).check()
    assert not fine
    assert "wecom.agent_id、wecom.secret" in line


async def _code_of(client: WecomClient) -> str:
    with pytest.raises(Transient) as caught:
        await client.send("wang", TEXT)
    return caught.value.code

