"""What every command of `main.py` shares: its registration, its settings, its database."""

from __future__ import annotations

import argparse
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeAlias
from zoneinfo import ZoneInfo

from bot.config import Settings, load
from storage.db import Database
from storage.migrate import SchemaBehind, ensure_schema

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
"""Where a command module registers itself."""


class Fault(Exception):
    """The command cannot be carried out; the message says why, in Chinese. Exit code 1."""


@dataclass(frozen=True, slots=True)
class Env:
    """What a command gets from the composition root. `utc_now` reads the machine's clock."""

    utc_now: Callable[[], datetime]

    def wall(self, settings: Settings) -> Callable[[], datetime]:
        """The machine's time in the zone of the installation."""
        zone = ZoneInfo(settings.timezone)
        return lambda: self.utc_now().astimezone(zone)


Run = Callable[[argparse.Namespace, Env], Awaitable[int]]


def add_command(commands: Commands, name: str, about: str, run: Run) -> argparse.ArgumentParser:
    """A subcommand with `--config`; `run` answers with the exit code."""
    parser = commands.add_parser(name, help=about, description=about)
    parser.add_argument("--config", type=Path, default=None, help="config.toml (default: ./config.toml if there)")
    parser.set_defaults(run=run)
    return parser


def settings_of(args: argparse.Namespace) -> Settings:
    """The settings the command runs with. Raises `bot.config.ConfigError`."""
    path: Path | None = args.config
    default = Path("config.toml")
    return load(path or (default if default.exists() else None))


def demo_settings(settings: Settings) -> Settings:
    """The same with the messenger in the browser, which a demo is played in."""
    return settings.model_copy(update={"local": settings.local.model_copy(update={"enabled": True})})


@asynccontextmanager
async def open_database(settings: Settings) -> AsyncIterator[Database]:
    """The database, its schema up to date (SQLite upgrades by itself, PostgreSQL is checked). Raises `Fault`."""
    database = Database(settings.database_url, pool_size=settings.database.pool_size)
    try:
        await ensure_schema(database)
        yield database
    except SchemaBehind as error:
        raise Fault(str(error)) from error
    finally:
        await database.close()


def say(line: str) -> None:
    """A line on standard output."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
