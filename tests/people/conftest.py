"""The commands of the command line, run as `main.py` runs them."""

from __future__ import annotations

import argparse
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cli import admin, audit, backup, exchange
from cli.base import Env

NOW = datetime(2026, 3, 5, 1, 0, tzinfo=UTC)
Command = Callable[..., Awaitable[int]]


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Runs a command on a SQLite database in a folder of its own; answers with the exit code."""
    monkeypatch.setenv("GENDAN_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(required=True)
    for module in (admin, audit, backup, exchange):
        module.register(commands)

    async def run(*words: str) -> int:
        args = parser.parse_args(words)
        code: int = await args.run(args, Env(utc_now=lambda: NOW))
        return code

    return run
