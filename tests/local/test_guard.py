"""Whom the local messenger talks to."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest

from storage.db import Database
from storage.tables import Base
from tests.local.harness import TOKEN, Messenger, populate, running


@pytest.fixture
async def locked(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Messenger]:
    """Not a demo: a token is needed."""
    database = Database(sqlite_url)
    async with database.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    await populate(database)
    async with running(database, tmp_path, demo=False) as found:
        yield found
    await database.close()


async def status_of(url: str, method: str = "GET", body: object = None, **headers: str) -> int:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with aiohttp.ClientSession() as http, http.request(method, url, json=body, headers=named) as response:
        return response.status


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("127.0.0.1:1234", 200),
        ("[::1]:80", 200),
        ("LOCALHOST", 200),
        ("evil.example", 403),
        ("127.0.0.1.evil.example", 403),
        ("192.168.1.7", 403),
        ("localhost@evil.example", 403),
        ("[", 403),
    ],
)
async def test_the_host_header(messenger: Messenger, host: str, status: int) -> None:
    assert await status_of(f"{messenger.url}/local/users", Host=host) == status


def own_address() -> str:
    """This machine's address in its network; nothing is sent to find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            pytest.skip("this machine is in no network")
        return str(probe.getsockname()[0])


@pytest.mark.parametrize(("demo", "status"), [(True, 200), (False, 403)])
async def test_a_phone_in_the_network(peopled: Database, tmp_path: Path, demo: bool, status: int) -> None:
    """In a demo the address it was reached by is a good one; else it has to be configured."""
    async with running(peopled, tmp_path, demo=demo, host="0.0.0.0") as served:
        url = served.url.replace("127.0.0.1", own_address())
        assert await status_of(f"{url}/local/users", Authorization=f"Bearer {TOKEN}") == status
        assert await status_of(f"{url}/local/users", Host="gendan.example") == 403


MESSAGE = {"from": "wang", "text": "x"}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 202),
        ({"Origin": "http://localhost:9", "Host": "localhost:9"}, 202),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec_Fetch_Site": "cross-site"}, 403),
        ({"Origin": "http://localhost:8", "Host": "localhost:9"}, 403),
    ],
)
async def test_the_origin_of_a_post(messenger: Messenger, headers: dict[str, str], status: int) -> None:
    assert await status_of(f"{messenger.url}/local/messages", "POST", MESSAGE, **headers) == status
    assert len(messenger.events) <= (1 if status == 202 else 0)


async def test_a_socket_of_a_foreign_page_is_refused(messenger: Messenger) -> None:
    async with aiohttp.ClientSession() as http:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await http.ws_connect(f"{messenger.url}/local/ws", headers={"Origin": "http://evil.example"})
    assert refused.value.status == 403


async def test_without_the_token_nothing_is_shown(locked: Messenger) -> None:
    for path in ("/local/", "/local/users", "/local/page/js/app.js", "/local/?token=wrong"):
        assert await status_of(locked.url + path) == 401
    assert await status_of(f"{locked.url}/local/messages", "POST", MESSAGE) == 401
    assert await status_of(f"{locked.url}/local/users", Authorization="Bearer wrong") == 401
    assert await status_of(f"{locked.url}/local/users", Authorization=f"Bearer {TOKEN}") == 200


@pytest.mark.parametrize("header", [b"Authorization: Bearer \xff", b"Cookie: gendan_local=\xff"])
async def test_bytes_that_are_no_text_are_no_token(locked: Messenger, header: bytes) -> None:
    place = urlsplit(locked.url)
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    writer.write(b"GET /local/users HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + header + b"\r\n\r\n")
    assert (await reader.readline()).split()[1] == b"401"
    writer.close()


async def test_the_token_becomes_a_cookie_and_leaves_the_address(locked: Messenger) -> None:
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar) as http:
        async with http.get(locked.url + locked.platform.entry_path, allow_redirects=False) as response:
            assert (response.status, response.headers["Location"]) == (303, "/local/")
            cookie = response.headers["Set-Cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Strict" in cookie
        assert TOKEN not in cookie
        async with http.get(f"{locked.url}/local/users") as response:
            assert response.status == 200


async def test_outside_a_demo_the_clock_stands_still(locked: Messenger) -> None:
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    assert await status_of(f"{locked.url}/local/clock", "POST", {"advance": "PT1H"}, **bearer) == 403
    assert await status_of(f"{locked.url}/local/idle", **bearer) == 403


async def test_the_page_runs_only_its_own_scripts(messenger: Messenger) -> None:
    async with aiohttp.ClientSession() as http, http.get(f"{messenger.url}/") as response:
        assert response.status == 200
        policy = response.headers["Content-Security-Policy"]
        page = await response.text()
    assert "unsafe-inline" not in policy
    assert "script-src 'self'" in policy
    assert "<script>" not in page
    assert "style=" not in page


def test_no_html_is_made_from_strings() -> None:
    """Users' words reach the page as text nodes only."""
    scripts = list((Path(__file__).parents[2] / "bot/local/page/js").glob("*.js"))
    assert len(scripts) > 5
    for script in scripts:
        source = script.read_text(encoding="utf-8")
        for name in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "DOMParser", "eval("):
            assert name not in source, f"{script.name} uses {name}"
        assert len(source.splitlines()) <= 400
