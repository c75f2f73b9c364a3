"""`main.py check`: is everything there that the product needs? A line each; exit code 1 on a fault."""

from __future__ import annotations

import argparse
import shutil
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

from bot.clock import Clock
from bot.config import Settings
from cli.base import Commands, Env, Fault, add_command, open_database, say, settings_of
from storage.db import Database
from storage.times import database_time

Finding = tuple[bool | None, str]
"""Fine, not fine, or (None) worth knowing but no fault."""

MARKS = {True: "✓", False: "✗", None: "△"}

FREE_MB = 500
MAX_SKEW = timedelta(seconds=30)
FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.fonts", "~/.local/share/fonts", "/Library/Fonts",
                "/System/Library/Fonts", "C:/Windows/Fonts")  # fmt: skip
FONT_NAMES = ("*CJK*", "*wqy*", "*PingFang*", "*STHeiti*", "msyh*", "simsun*", "*SourceHanSans*", "*NotoSansSC*")


def register(commands: Commands) -> None:
    add_command(commands, "check", "look at configuration, database, credentials, clock, fonts, speech model", run)


async def run(args: argparse.Namespace, env: Env) -> int:
    settings = settings_of(args)
    say("✓ 配置文件可用")
    faults = 0
    async for fine, line in _findings(settings, env):
        say(f"{MARKS[fine]} {line}")
        faults += fine is False
    return 1 if faults else 0


async def _findings(settings: Settings, env: Env) -> AsyncIterator[Finding]:
    clock = Clock(env.wall(settings))
    yield _disk(settings.data_dir)
    yield _fonts()
    yield await _speech(settings)
    try:
        async with open_database(settings) as database:
            yield True, f"数据库可用：{database.url.render_as_string()}"
            yield await _skew(database, clock)
            async for finding in _platforms(settings, clock, database):
                yield finding
    except Fault as error:
        yield False, str(error)
    except Database(settings.database_url).trouble as error:
        yield False, f"数据库连不上：{error}"


def _disk(folder: Path) -> Finding:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".write-probe"
        probe.write_bytes(b"1")
        probe.unlink()
        free = shutil.disk_usage(folder).free // 2**20
    except OSError as error:
        return False, f"数据目录 {folder} 写不了：{error.strerror}"
    return free >= FREE_MB, f"数据目录 {folder} 可写，剩余空间 {free} MB" + ("" if free >= FREE_MB else "，不够用")


def _fonts() -> Finding:
    found = next(_chinese_fonts(), None)
    if found is None:
        return None, "没有中文字体，图片里的汉字会变成方框：apt-get install fonts-noto-cjk"
    return True, f"中文字体：{found.name}"


def _chinese_fonts() -> Iterator[Path]:
    for folder in FONT_FOLDERS:
        for name in FONT_NAMES:
            yield from Path(folder).expanduser().rglob(name)


async def _speech(settings: Settings) -> Finding:
    from intents.speech.model import SpeechError
    from intents.speech.workers import make_transcriber

    speech = settings.speech
    transcriber = make_transcriber(
        speech.engine, speech.model, speech.threads, speech.workers, speech.max_seconds, settings.data_dir
    )
    try:
        await transcriber.preload()
    except SpeechError as error:
        return False, str(error)
    finally:
        await transcriber.close()
    return True, f"语音识别可用：{speech.engine}，模型 {speech.model}"


async def _skew(database: Database, clock: Clock) -> Finding:
    """The database's clock ends leases, so the two should not be far apart."""
    async with database.read() as session:
        skew = abs(await database_time(session) - clock.wall())
    return skew <= MAX_SKEW, f"本机与数据库的时钟相差 {skew.total_seconds():.1f} 秒"


async def _platforms(settings: Settings, clock: Clock, database: Database) -> AsyncIterator[Finding]:
    from cli.compose import make_platforms

    try:
        platforms = await make_platforms(settings, clock, database, demo=False)
    except Fault as error:
        yield False, str(error)
        return
    for platform in platforms:
        for finding in await platform.check():
            yield finding
