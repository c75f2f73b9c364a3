"""The command line of Gendan, and the only reader of the machine's clock."""

from __future__ import annotations

import argparse
import asyncio
import importlib
import sys
from datetime import UTC, datetime

from bot.config import ConfigError
from cli.base import Env, Fault

COMMANDS = (
    "run",
    "check",
    "understand",
    "transcribe",
    "tick",
    "exchange",
    "migrate",
    "replay",
    "audit",
    "backup",
    "admin",
)


def _utc_now() -> datetime:
    return datetime.now(UTC)


def parser() -> argparse.ArgumentParser:
    """Every command with its options."""
    top = argparse.ArgumentParser(prog="main.py", description="Gendan: a sales assistant inside your messenger")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name in COMMANDS:
        importlib.import_module(f"cli.{name}").register(commands)
    return top


def main(argv: list[str] | None = None) -> int:
    """Run one command; its exit code. 2 for a command line or configuration that cannot be used, 1 for a fault."""
    args = parser().parse_args(argv)
    try:
        return asyncio.run(args.run(args, Env(_utc_now)))
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
