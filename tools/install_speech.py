"""Install the speech engine and put its model together, while the product is already running.

    python -m tools.install_speech [--requirements FILE] [--data-dir DIR]

Progress stands in `speech-install.json` of the data directory, where the product reads it. Quick when all is there.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import subprocess
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from importlib import invalidate_caches, metadata
from pathlib import Path
from typing import Literal

from bot.config import load
from intents.speech.installation import InstallState, read_state, write_state
from intents.speech.model import NotInstalled
from intents.speech.weights import BUILT_IN, model_folder

_ROOT = Path(__file__).resolve().parents[1]
_PIN = re.compile(r"^([A-Za-z0-9_.\-]+)==([^\s;\\]+)\s*(?:;\s*(.+?))?\s*\\?$")
_FETCHED = re.compile(r"^\s*(?:Downloading|Using cached) \S+\.(?:whl|tar\.gz)(?:\s|$)")
_INSTALLING = re.compile(r"^Installing collected packages")
_FETCHING_PERCENT = 85  # the share of the whole time that goes into fetching
_LAST_LINES = 12


class Failed(Exception):
    """Speech could not be installed; the message is what pip said last."""



def missing(requirements: str) -> list[str]:
    """The pinned packages that apply to this machine and are not there in the right version."""
    try:
        from packaging.requirements import Requirement
    except ImportError:  # it is one of the pins; without it, those for other machines count too
        pins = filter(None, map(_PIN.match, requirements.splitlines()))
        return [pin[1] for pin in pins if _version(pin[1]) != pin[2]]
    wanted = []
    for line in requirements.splitlines():
        if _PIN.match(line):
            pin = Requirement(line.rstrip("\\ "))
            if (pin.marker is None or pin.marker.evaluate()) and not pin.specifier.contains(_version(pin.name)):
                wanted.append(pin.name)
    return wanted


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "0"


def percents(lines: Iterable[str], packages: int) -> Iterator[int]:
    """How far pip is, from what it prints: each fetched package is a step of the first part."""
    fetched = 0
    for line in lines:
        if _FETCHED.match(line):
            fetched += 1
            yield min(_FETCHING_PERCENT, _FETCHING_PERCENT * fetched // max(packages, 1))
        elif _INSTALLING.match(line):
            yield _FETCHING_PERCENT + 5


class _Progress:
    """Writes the progress file."""

    def __init__(self, data_dir: Path, requirements: str) -> None:
        self._data_dir = data_dir
        self._digest = hashlib.sha256(requirements.encode()).hexdigest()

    def tell(self, state: Literal["running", "done", "failed"], percent: int) -> None:
        write_state(self._data_dir, InstallState(state, percent, os.getpid(), self._digest))


def install(requirements: Path, data_dir: Path) -> None:
    """Have the packages and the model in place. Raises `Failed`, with the progress file saying so too."""
    text = requirements.read_text(encoding="utf-8")
    progress = _Progress(data_dir, text)
    try:
        if packages := missing(text):
            progress.tell("running", 0)
            _pip(requirements, len(packages), progress)
            invalidate_caches()
        model_folder(BUILT_IN, data_dir)
    except (NotInstalled, Failed, OSError) as error:
        progress.tell("failed", 0)
        raise Failed(str(error)) from error
    progress.tell("done", 100)


def _pip(requirements: Path, packages: int, progress: _Progress) -> None:
    command = [sys.executable, "-m", "pip", "install", "--no-input", "--disable-pip-version-check",
               "--progress-bar", "off", "-r", str(requirements)]  # fmt: skip
    last: deque[str] = deque(maxlen=_LAST_LINES)
    with subprocess.Popen(  # noqa: S603 - our own interpreter and a file of ours
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as pip:
        for percent in percents(_kept(pip.stdout or (), last), packages):
            progress.tell("running", percent)
    if pip.returncode:
        raise Failed("".join(last).strip())


def _kept(lines: Iterable[str], last: deque[str]) -> Iterator[str]:
    for line in lines:
        last.append(line)
        yield line


def _main() -> int:
    args = _arguments()
    data_dir: Path = args.data_dir or load(None).data_dir
    state = read_state(data_dir)
    if state is not None and state.state == "running":
        print(f"语音识别正在由另一个进程安装（{state.percent}%）")
        return 0
    try:
        install(args.requirements, data_dir)
    except Failed as error:
        print(f"语音识别没装上：{error}", file=sys.stderr)
        return 1
    print("语音识别已装好")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requirements", type=Path, default=_ROOT / "requirements-speech.txt")
    parser.add_argument("--data-dir", type=Path, default=None, help="instead of the configured one")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(_main())
