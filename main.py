"""The command line of Gendan, and the only reader of the machine's clock."""

from __future__ import annotations

import argparse
import asyncio
import importlib
import sys
from collections.abc import Callable
from datetime import UTC, datetime

from bot.config import ConfigError
from cli.base import Env, Fault

MODULES = {
    "run": "run",
    "check": "check",
    "understand": "understand",
    "transcribe": "transcribe",
    "tick": "tick",
    "import": "exchange",
    "export": "exchange",
    "migrate": "migrate",
    "replay": "replay",
    "audit": "audit",
    "backup": "backup",
    "restore": "backup",
    "admin": "admin",
}
"""The module under `cli/` of each command; only that of the command at hand is imported."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop's event loop, a fifth faster here, where it is to be had (not on Windows)."""
    try:
        import uvloop
    except ModuleNotFoundError:
        return None
    return uvloop.new_event_loop


def parser(command: str | None) -> argparse.ArgumentParser:
    """The options of `command`; of all commands when it is none of them."""
    top = argparse.ArgumentParser(prog="main.py", description="Gendan: a sales assistant inside your messenger")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    wanted = [MODULES[command]] if command in MODULES else dict.fromkeys(MODULES.values())
    for name in wanted:
        importlib.import_module(f"cli.{name}").register(commands)
    return top


def main(argv: list[str] | None = None) -> int:
    """Run one command; its exit code. 2 for a command line or configuration that cannot be used, 1 for a fault."""
    words = sys.argv[1:] if argv is None else argv
    args = parser(words[0] if words else None).parse_args(words)
    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            code: int = runner.run(args.run(args, Env(_utc_now)))
        return code
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except Fault as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
