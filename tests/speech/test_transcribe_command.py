"""`main.py transcribe`: a JSON line a file."""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cli import transcribe
from cli.base import Env
from tests.speech.sound import clip, encoded, silence


async def called(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    transcribe.register(parser.add_subparsers())
    args = parser.parse_args(["transcribe", *arguments])
    code: int = await args.run(args, Env(utc_now=lambda: datetime(2026, 3, 2, tzinfo=UTC)))
    return code


@pytest.mark.speech
async def test_words_and_faults_each_on_a_line(
    tmp_path: Path, speech_data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GENDAN_DATA_DIR", str(speech_data))
    files = {"note.mp3": clip(), "empty.amr": encoded(silence(2), "amr"), "picture.wav": b"\x89PNG"}
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)

    code = await called(*(str(tmp_path / name) for name in (*files, "missing.wav")))
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    assert code == 1
    assert list(lines[0]) == ["file", "text", "audio_s", "took_s", "engine"]
    assert "运动" in lines[0]["text"]
    assert [Path(line["file"]).name for line in lines] == [*files, "missing.wav"]
    assert lines[1]["error"] == "没听清，请再说一遍，或者直接打字。"
    assert lines[2]["error"].startswith("这段语音打不开")
    assert lines[3]["error"].startswith("读不了文件")


async def test_an_unknown_engine_is_refused() -> None:
    with pytest.raises(SystemExit):
        await called("--engine", "telepathy", "note.wav")
