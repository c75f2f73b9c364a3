"""`main.py run`: the product itself."""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
from datetime import datetime
from pathlib import Path

from bot import logs
from bot.app import App
from bot.clock import Clock
from bot.config import Settings
from cli.base import Commands, Env, Fault, add_command, demo_settings, open_database, say, settings_of
from storage import settings as kept
from storage.db import Database
from storage.uow import UnitOfWork

log = logging.getLogger(__name__)

RETRY_EVERY_S = 1.0


def register(commands: Commands) -> None:
    parser = add_command(commands, "run", "start the bot", run)
    parser.add_argument("--demo", action="store_true", help="with demo data and the local messenger")
    parser.add_argument("--now", type=datetime.fromisoformat, help="(with --demo) set business time, ISO 8601")


async def run(args: argparse.Namespace, env: Env) -> int:
    settings = settings_of(args)
    if args.demo:
        settings = demo_settings(settings)
    if args.now is not None and not args.demo:
        raise Fault("--now 只能和 --demo 一起用")
    logs.set_up(settings.log_level)
    _make_folder(settings.data_dir)
    await _wait_for_database(settings)
    async with open_database(settings) as database:
        clock = Clock(env.wall(settings))
        await _prepare(database, clock, args, settings.people.code_hours)
        return await _serve(settings, clock, database, demo=args.demo)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Fault(f"数据目录 {folder} 建不了：{error}") from error


async def _wait_for_database(settings: Settings) -> None:
    """A database that is down at start gets `retry_s` seconds to come up. Raises `Fault`."""
    database = Database(settings.database_url)
    deadline = asyncio.get_running_loop().time() + settings.database.retry_s
    try:
        while True:
            try:
                async with database.engine.connect():
                    return
            except database.trouble as error:
                if asyncio.get_running_loop().time() > deadline:
                    raise Fault(f"连不上数据库 {database.url.render_as_string()}：{error}") from error
                log.warning("database not reachable yet: %s", type(error).__name__)
                await asyncio.sleep(RETRY_EVERY_S)
    finally:
        await database.close()


async def _prepare(database: Database, clock: Clock, args: argparse.Namespace, code_hours: int) -> None:
    """The demo's people and clock, or the first admin's one-time code."""
    async with database.write() as session:
        uow = UnitOfWork(session)
        if args.now is not None:
            zone = clock.wall().tzinfo
            clock.set(args.now if args.now.tzinfo else args.now.replace(tzinfo=zone))
            await kept.set_clock_offset(session, clock.offset)
        clock.offset = await kept.clock_offset(session)
        if args.demo:
            from demo.seed import seed

            await seed(uow, clock.now())
            return
        from sales.people import first_admin_code

        code = await first_admin_code(uow, clock.now(), code_hours)
    if code is not None:
        say(f"首次启动：把这串一次性口令发给机器人，您就是管理员：{code}")


async def _serve(settings: Settings, clock: Clock, database: Database, *, demo: bool) -> int:
    from cli.compose import build_app

    app, _ = await build_app(settings, clock, database, demo=demo)
    await app.start()
    try:
        port = await _listen(app, settings)
        _greet(app, settings, port)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, app.shutdown)
        await app.wait()
    finally:
        await app.stop()
    return 1 if app.failed else 0


async def _listen(app: App, settings: Settings) -> int:
    from cli.compose import routes_of

    host, port = settings.web.host, settings.web.port
    routes = await routes_of(app)
    try:
        return await app.listen(routes, host, port)
    except OSError as error:
        raise Fault(f"{host}:{port} 用不了（{error.strerror}）：换一个端口，例如 PORT=8081 make run") from error


def _greet(app: App, settings: Settings, port: int) -> None:
    from cli.compose import entry_path

    host = settings.web.host
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104 - only compared
    say(f"跟单已启动：http://{shown}:{port}{entry_path(app) or '/healthz'}")
    say("按 Ctrl+C 停止。")
