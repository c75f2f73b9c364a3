"""`main.py migrate`: bring the database's tables up to date."""

from __future__ import annotations

import argparse

from cli.base import Commands, Env, add_command, say, settings_of
from storage.db import Database
from storage.migrate import current, upgrade


def register(commands: Commands) -> None:
    add_command(commands, "migrate", "bring the database schema up to date", run)


async def run(args: argparse.Namespace, _env: Env) -> int:
    settings = settings_of(args)
    database = Database(settings.database_url)
    try:
        before = await current(database)
        after = await upgrade(database)
    finally:
        await database.close()
    say(f"数据库表结构：{before or '空'} → {after}")
    return 0
