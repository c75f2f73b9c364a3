"""Installing behind the running product: progress, failure, and nothing to do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from intents.speech.installation import STATE_FILE, InstallState, read_state, write_state
from tools.install_speech import Failed, install, missing, percents

PIP = """\
Requirement already satisfied: numpy==2.4.6 in ./lib (1.0)
Collecting av==18.1.0
  Downloading av-18.1.0-cp311-cp311-manylinux_2_28_x86_64.whl.metadata (4.6 kB)
Collecting tqdm==4.70.1
  Using cached tqdm-4.70.1-py3-none-any.whl.metadata (57 kB)
Downloading av-18.1.0-cp311-cp311-manylinux_2_28_x86_64.whl (33.4 MB)
Using cached tqdm-4.70.1-py3-none-any.whl (78 kB)
Installing collected packages: tqdm, av
Successfully installed av-18.1.0 tqdm-4.70.1
"""


def test_progress_goes_by_fetched_packages() -> None:
    assert list(percents(PIP.splitlines(), 2)) == [42, 85, 90]


def test_pins_that_are_there_or_do_not_apply_are_not_missing() -> None:
    there = metadata.version("aiohttp")
    pins = f'aiohttp=={there} \\\n    --hash=sha256:00\nno-such==1.0 \\\ncolorama==0.4 ; sys_platform == "win32" \\\n'

    assert missing(pins) == ["no-such"]
    assert missing("aiohttp==0.0.1 \\\n") == ["aiohttp"]


def test_the_state_is_read_as_it_was_written(tmp_path: Path) -> None:
    assert read_state(tmp_path) is None
    state = InstallState("running", 7, os.getpid(), "00")
    write_state(tmp_path / "new", state)

    assert read_state(tmp_path / "new") == state


def test_a_file_of_a_dead_process_counts_as_failed(tmp_path: Path) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    write_state(tmp_path, InstallState("running", 40, dead.pid))
    found = read_state(tmp_path)

    assert found is not None
    assert found.state == "failed"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"other": 1}'])
def test_a_damaged_file_counts_as_failed(tmp_path: Path, text: str) -> None:
    (tmp_path / STATE_FILE).write_text(text, encoding="utf-8")
    found = read_state(tmp_path)

    assert found is not None
    assert found.state == "failed"


def test_what_pip_says_of_a_failure_is_passed_on(tmp_path: Path) -> None:
    requirements = tmp_path / "requirements.txt"
    requirements.write_text(f"no-such-thing==1.0 @ {tmp_path}/nowhere\nno-such-thing==1.0\n", encoding="utf-8")

    with pytest.raises(Failed, match=r"no-such-thing|Invalid"):
        install(requirements, tmp_path / "data")
    assert json.loads((tmp_path / "data" / STATE_FILE).read_text())["state"] == "failed"


@pytest.mark.speech
def test_with_everything_there_only_the_model_is_put_together(tmp_path: Path) -> None:
    requirements = tmp_path / "requirements.txt"
    requirements.write_text(f"aiohttp=={metadata.version('aiohttp')}\n", encoding="utf-8")
    install(requirements, tmp_path / "data")
    found = read_state(tmp_path / "data")

    assert found is not None
    assert (found.state, found.percent) == ("done", 100)
    assert (tmp_path / "data" / "models" / "whisper-base" / "model.bin").exists()
