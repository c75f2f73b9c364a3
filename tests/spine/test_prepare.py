"""Between A and B: downloads and speech, their failures, and the waiting for an installation."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from bot.events import Event, MediaMessage, TextMessage
from bot.outgoing import Reply, SendText
from bot.platform import MediaGone, PlatformError, Transient
from bot.prepare import GONE, UNREACHABLE
from intents.speech.model import Installing, NotInstalled, Silence
from storage.db import Database
from storage.media import MediaStore
from storage.uow import UnitOfWork
from tests.spine.harness import Deaf, ManualClock, Recorder, fast, running, send, text, voice

WAV = b"RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x40\x1f\x00\x00\x80\x3e\x00\x00\x02\x00\x10\x00"


async def tells(event: Event, uow: UnitOfWork, now: datetime) -> list[Reply]:
    """Answers with what the preparation found."""
    if isinstance(event, TextMessage):
        return [SendText(event.chat, event.text)]
    assert isinstance(event, MediaMessage)
    assert event.prepared is not None
    return [SendText(event.chat, event.prepared.failure or event.prepared.text or event.prepared.mime or "")]


def _platform(*found: bytes | PlatformError) -> Recorder:
    return Recorder(files={f"f{n}": item for n, item in enumerate(found)})


async def test_a_voice_note_becomes_words_and_its_bytes_are_kept(database: Database, tmp_path: Path) -> None:
    async with running(
        database, tells, tmp_path, platform=_platform(WAV), transcriber=Deaf("周五发报价")
    ) as (app, platform):
        await send(app, voice("1", "f0"))
    assert platform.texts() == ["周五发报价"]
    store = MediaStore(tmp_path / "media")
    assert await store.get(await store.put(WAV)) == WAV
    assert len([path for path in (tmp_path / "media").rglob("*") if path.is_file()]) == 1


async def test_the_next_message_does_not_overtake_the_note(database: Database, tmp_path: Path) -> None:
    async with running(database, tells, tmp_path, platform=_platform(WAV), transcriber=Deaf("先")) as (app, platform):
        await app.intake.accept("fake", b"", [voice("1", "f0")])
        await send(app, text("2", "后"), text("3", "旁人", chat="li"))
    assert platform.texts("wang") == ["先", "后"]


async def test_failures_have_their_sentence(database: Database, tmp_path: Path) -> None:
    platform = _platform(WAV, MediaGone("expired", code="40007"), WAV)
    deaf = Deaf(Silence("没听清"), NotInstalled("语音模型未安装：运行 make speech"))
    async with running(database, tells, tmp_path, platform=platform, transcriber=deaf) as (app, _):
        await send(app, voice("1", "f0"))
        await send(app, voice("2", "f1"))
        await send(app, voice("3", "f2"))
    assert platform.texts() == ["没听清", GONE, "语音模型未安装：运行 make speech"]


async def test_the_platforms_own_words_serve_where_no_model_is(database: Database, tmp_path: Path) -> None:
    async with running(
        database, tells, tmp_path, platform=_platform(WAV), transcriber=Deaf(NotInstalled("x"))
    ) as (app, platform):
        await send(app, voice("1", "f0", recognition="平台听到的"))
    assert platform.texts() == ["平台听到的"]


async def test_a_note_waits_for_the_installation_and_says_so_once(database: Database, tmp_path: Path) -> None:
    clock, deaf = ManualClock(), Deaf(Installing(10), Installing(60), "装好了")
    async with running(
        database, tells, tmp_path, platform=_platform(WAV), transcriber=deaf, clock=clock
    ) as (app, platform):
        await send(app, voice("1", "f0"))
        assert platform.texts() == [str(Installing(10))]
        await app.advance(clock.now() + timedelta(minutes=1))
        await app.advance(clock.now() + timedelta(minutes=1))
    assert platform.texts() == [str(Installing(10)), "装好了"]


async def test_a_download_that_fails_is_tried_again(database: Database, tmp_path: Path) -> None:
    clock, platform = ManualClock(), _platform(Transient("timeout"))
    async with running(
        database, tells, tmp_path, platform=platform, transcriber=Deaf("好"), clock=clock
    ) as (app, _):
        await send(app, voice("1", "f0"))
        platform.files["f0"] = WAV
        await app.advance(clock.now() + timedelta(minutes=1))
    assert platform.texts() == ["好"]


async def test_a_download_that_never_works_is_said(database: Database, tmp_path: Path) -> None:
    clock, platform = ManualClock(), _platform(Transient("timeout"))
    async with running(
        database, tells, tmp_path, platform=platform, clock=clock, rules=fast(max_attempts=2)
    ) as (app, _):
        await send(app, voice("1", "f0"))
        await app.advance(clock.now() + timedelta(minutes=10))
    assert platform.texts() == [UNREACHABLE]


async def test_whatever_goes_wrong_is_counted_and_the_chat_goes_on(database: Database, tmp_path: Path) -> None:
    clock, deaf = ManualClock(), Deaf(KeyError("a bug"), KeyError("a bug"))
    async with running(
        database, tells, tmp_path, platform=_platform(WAV), transcriber=deaf, clock=clock, rules=fast(max_attempts=2)
    ) as (app, platform):
        await send(app, voice("1", "f0"), text("2", "后"))
        await app.advance(clock.now() + timedelta(minutes=1))
    assert platform.texts() == [UNREACHABLE, "后"]


async def test_a_demo_clock_does_not_stop_at_every_look_at_the_installation(
    database: Database, tmp_path: Path
) -> None:
    clock, deaf = ManualClock(), Deaf(*[Installing(percent) for percent in range(50)])
    async with running(
        database, tells, tmp_path, platform=_platform(WAV), transcriber=deaf, clock=clock
    ) as (app, platform):
        await send(app, voice("1", "f0"))
        await app.advance(clock.now() + timedelta(days=1))
    assert len(deaf.answers) > 40
    assert platform.texts() == [str(Installing(0))]
