"""A bad configuration, a database that is down, a port that is taken, a disk that is full."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from storage.db import Database
from storage.spine import InboxRow
from tests.emulators.wecom import WecomEmulator
from tests.product import ROOT, Product, free_port, seed_reps, wecom_environment


async def _main(*words: str, **environment: str) -> tuple[int, str]:
    """Run `main.py`; its exit code and what it said."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("GENDAN_")}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "main.py", *words, cwd=ROOT, env=inherited | environment,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    said, _ = await asyncio.wait_for(process.communicate(), 60)
    return process.returncode or 0, said.decode()


async def test_an_unknown_key_is_named_with_its_line(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[web]\nport = 8080\n\n[wecom]\ncorpid = "ww1"\n', encoding="utf-8")
    code, said = await _main("run", "--config", str(config))
    assert code == 2
    assert "第 5 行" in said
    assert "wecom.corpid" in said


async def test_a_value_that_cannot_be_is_named_too(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text("[web]\nport = 99999\n", encoding="utf-8")
    code, said = await _main("check", "--config", str(config))
    assert code == 2
    assert "第 2 行" in said
    assert "web.port" in said


async def test_a_database_that_is_down_is_waited_for_then_named(tmp_path: Path) -> None:
    code, said = await _main(
        "run", "--demo",
        GENDAN_DATA_DIR=str(tmp_path), GENDAN_DATABASE__RETRY_S="2",
        GENDAN_DATABASE__URL=f"postgresql+asyncpg://gendan:hidden@127.0.0.1:{free_port()}/gendan",
    )  # fmt: skip
    assert code == 1
    assert "连不上数据库" in said
    assert "not reachable yet" in said, "it tried more than once"
    assert "hidden" not in said


async def test_without_a_platform_it_says_what_to_switch_on(tmp_path: Path) -> None:
    code, said = await _main("run", GENDAN_DATA_DIR=str(tmp_path))
    assert code == 1
    assert "没有启用任何平台" in said


async def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    product = Product(tmp_path, {}, "--demo")
    await product.start()
    try:
        code, said = await _main(
            "run", "--demo", GENDAN_DATA_DIR=str(tmp_path / "other"), GENDAN_WEB__PORT=str(product.port)
        )
    finally:
        await product.stop()
    assert code == 1
    assert str(product.port) in said


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own with room for 8 MB. Skips where mounting is not allowed."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("mounting a small file system is not allowed here")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


LONG = "今天跟客户聊了很多，气氛不错。" * 100


def _fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(b"0" * 4096):
            pass


async def _settled(url: str) -> Counter[str]:
    """The states of all events, once none is pending."""
    db = Database(url)
    async with asyncio.timeout(90):
        while True:
            async with db.read() as session:
                states = Counter((await session.scalars(select(InboxRow.state))).all())
            if not states["pending"]:
                break
            await asyncio.sleep(0.1)
    await db.close()
    return states


async def test_a_full_disk_loses_nothing_that_was_acknowledged(small_disk: Path, tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{small_disk / 'gendan.db'}"
    [user] = await seed_reps(url, 1, "wecom", datetime.now(UTC))
    async with WecomEmulator() as wecom:
        product = Product(tmp_path, wecom_environment(wecom.settings) | {"GENDAN_DATABASE__URL": url})
        try:
            await product.start()
            await wecom.connect(f"{product.url}/wecom/callback")
            filler = small_disk / "filler"
            _fill(filler)
            pushes = [await wecom.say(user, LONG, msg_id=f"7{number:015d}") for number in range(20)]
            refused = [number for number, push in enumerate(pushes) if not push.acked]
            assert refused, "the disk was full, so something could not be accepted"
            assert pushes[refused[0]].status == 500
            filler.unlink()
            for number in refused:
                again = await wecom.say(user, LONG, msg_id=f"7{number:015d}")
                assert again.acked, product.log()[-2000:]
            assert await _settled(url) == {"done": 20}
        finally:
            await product.stop()
