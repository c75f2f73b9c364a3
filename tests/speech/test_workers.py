"""The pool: crashes survived, nothing blocked, nothing left behind; with scripted workers, and with the real one."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from intents.speech import workers
from intents.speech.installation import InstallState, write_state
from intents.speech.model import Installing, NotInstalled, Silence
from intents.speech.workers import Broken, ProcessTranscriber, make_transcriber
from tests.speech.sound import clip, encoded, silence

SCRIPT = '''
import json, os, sys, time
print(json.dumps({"ready": True}), flush=True)
for line in sys.stdin.buffer:
    head = json.loads(line)
    order, _, file = sys.stdin.buffer.read(head["size"]).decode().partition(" ")
    if order == "die" or order == "once" and not os.path.exists(file):
        if file:
            open(file, "w").close()
        os._exit(1)
    if order == "hang":
        time.sleep(600)
    if order == "wait":
        time.sleep(0.5)
    if order == "env":
        file = " ".join(key for key in os.environ if key.startswith("GENDAN_"))
    print(json.dumps({"text": file or str(os.getpid()), "audio_s": 1, "took_s": 1, "engine": "scripted"}), flush=True)
'''

Make = Callable[..., ProcessTranscriber]


@pytest.fixture
async def scripted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Make]:
    """Pools whose workers do as the recording says: die, once FILE, hang, wait."""
    script = tmp_path / "intents" / "speech" / "worker.py"
    script.parent.mkdir(parents=True)
    script.write_text(SCRIPT, encoding="utf-8")
    monkeypatch.setattr(workers, "_ROOT", tmp_path)
    made: list[ProcessTranscriber] = []

    def make(count: int = 1) -> ProcessTranscriber:
        made.append(make_transcriber("faster-whisper", "base", 1, count, 60, tmp_path))
        return made[-1]

    yield make
    for transcriber in made:
        await transcriber.close()


async def test_a_worker_that_dies_over_a_recording_is_replaced_and_the_recording_tried_again(
    scripted: Make, tmp_path: Path
) -> None:
    flag = tmp_path / "died"

    assert (await scripted().transcribe(f"once {flag}".encode())).text == str(flag)
    assert flag.exists()


async def test_a_recording_that_kills_every_worker_is_a_clear_fault_and_the_next_one_works(scripted: Make) -> None:
    transcriber = scripted()

    with pytest.raises(Broken, match="语音识别出了故障"):
        await transcriber.transcribe(b"die")
    assert (await transcriber.transcribe(b"go")).engine == "scripted"


async def test_a_worker_that_hangs_is_ended(scripted: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    transcriber = scripted()
    before = await transcriber.transcribe(b"go")
    monkeypatch.setattr(transcriber, "_limit_s", 0.2)

    with pytest.raises(Broken):
        await transcriber.transcribe(b"hang")
    assert not _runs(int(before.text))


async def test_a_cancelled_note_ends_its_worker_only(scripted: Make) -> None:
    transcriber = scripted()
    before = await transcriber.transcribe(b"go")
    task = asyncio.create_task(transcriber.transcribe(b"hang"))
    await asyncio.sleep(0.1)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert not _runs(int(before.text))
    assert (await transcriber.transcribe(b"go")).text != before.text


async def test_one_worker_serves_all_and_two_serve_at_once(scripted: Make) -> None:
    one, two = scripted(1), scripted(2)

    assert len({heard.text for heard in await asyncio.gather(*(one.transcribe(b"wait") for _ in range(3)))}) == 1
    assert len({heard.text for heard in await asyncio.gather(*(two.transcribe(b"wait") for _ in range(4)))}) == 2


async def test_the_event_loop_is_free_meanwhile(scripted: Make) -> None:
    task = asyncio.create_task(scripted().transcribe(b"wait"))
    beats = 0
    while not task.done():
        await asyncio.sleep(0.01)
        beats += 1

    assert beats > 20


async def test_workers_do_not_see_the_secrets(scripted: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENDAN_WECOM__SECRET", "s")

    assert (await scripted().transcribe(b"env")).text.isdigit()


async def test_nothing_is_left_after_close(scripted: Make) -> None:
    transcriber = scripted(2)
    idle = await transcriber.transcribe(b"go")
    busy = asyncio.create_task(transcriber.transcribe(b"wait"))
    await asyncio.sleep(0.1)
    await transcriber.close()

    assert not _runs(int((await busy).text))
    assert not _runs(int(idle.text))


async def test_a_note_that_comes_during_the_installation_is_told_how_far_it_is(
    scripted: Make, tmp_path: Path
) -> None:
    transcriber = scripted()
    write_state(tmp_path, InstallState("running", 42, os.getpid()))
    with pytest.raises(Installing, match="42%") as told:
        await transcriber.transcribe(b"go")
    assert told.value.percent == 42

    write_state(tmp_path, InstallState("done", 100, os.getpid()))
    assert (await transcriber.transcribe(b"go")).engine == "scripted"


@pytest.mark.speech
async def test_without_the_packages_it_says_so_and_finds_them_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Workers whose interpreters have no speech packages, as before the installation, and then have them."""
    bare = tmp_path / "numpy.py"
    bare.write_text("raise ImportError('not installed')", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    transcriber = make_transcriber("faster-whisper", "base", 1, 1, 60, tmp_path)

    with pytest.raises(NotInstalled, match=r"^语音模型未安装：运行 make speech$"):
        await transcriber.transcribe(b"go")
    with pytest.raises(NotInstalled):
        await transcriber.preload()
    bare.unlink()
    assert "运动" in (await transcriber.transcribe(clip())).text
    await transcriber.close()


async def test_an_unknown_model_is_named(tmp_path: Path) -> None:
    transcriber = make_transcriber("faster-whisper", str(tmp_path / "medium"), 1, 1, 60, tmp_path)

    with pytest.raises(NotInstalled, match=r"语音模型未安装：.*medium"):
        await transcriber.transcribe(clip())
    await transcriber.close()


def test_the_product_loads_nothing_heavy() -> None:
    code = (
        "import sys, intents.speech.workers\n"
        "print([name for name in ('numpy', 'av', 'faster_whisper', 'opencc', 'pypinyin') if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


@pytest.mark.speech
async def test_the_real_worker_survives_being_killed(speech_data: Path) -> None:
    pytest.importorskip("faster_whisper")
    transcriber = make_transcriber("faster-whisper", "base", 2, 1, 60, speech_data)
    try:
        await transcriber.preload()
        os.kill(transcriber._idle[0]._process.pid, signal.SIGKILL)
        heard = await transcriber.transcribe(clip(), ["华昌电子"])
        assert "运动" in heard.text
        with pytest.raises(Silence):
            await transcriber.transcribe(encoded(silence(2), "amr"))

        busy = asyncio.create_task(transcriber.transcribe(clip()))
        pid = transcriber._idle[0]._process.pid
        await asyncio.sleep(0.05)
        os.kill(pid, signal.SIGKILL)
        assert (await busy).text == heard.text
    finally:
        await transcriber.close()


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
