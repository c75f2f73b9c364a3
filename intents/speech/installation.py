"""How far the installation of speech is, told by a file that its installer writes and the transcriber reads."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

STATE_FILE = "speech-install.json"


@dataclass(frozen=True, slots=True)
class InstallState:
    """`percent` done of the work of process `pid`; `requirements` is the SHA-256 of what was asked for."""

    state: Literal["running", "done", "failed"]
    percent: int
    pid: int
    requirements: str = ""


def read_state(data_dir: Path) -> InstallState | None:
    """What the file says, None without one. `running` of a process that is gone counts as `failed`."""
    try:
        found = InstallState(**json.loads((data_dir / STATE_FILE).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError):
        return InstallState("failed", 0, 0)
    if found.state == "running" and not _alive(found.pid):
        return InstallState("failed", found.percent, found.pid)
    return found


def write_state(data_dir: Path, state: InstallState) -> None:
    """Replace the file as a whole: a reader sees the old or the new one."""
    data_dir.mkdir(parents=True, exist_ok=True)
    fresh = data_dir / f".{STATE_FILE}.{os.getpid()}"
    fresh.write_text(json.dumps(asdict(state)), encoding="utf-8")
    fresh.replace(data_dir / STATE_FILE)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
