"""`main.py tick`: run the timed jobs once, as of now or another time, and deliver what they say."""

from __future__ import annotations

import argparse
from datetime import datetime

from bot.app import App
from bot.clock import Clock
from bot.outgoing import CONTENT, TextContent
from cli.base import Commands, Env, Fault, add_command, demo_settings, open_database, say, settings_of
from storage import outbox


def register(commands: Commands) -> None:
    parser = add_command(commands, "tick", "run the due jobs (or these) and deliver", run)
    parser.add_argument("--at", type=datetime.fromisoformat, help="as of this time, ISO 8601 (default: now)")
    parser.add_argument("--demo", action="store_true", help="of the demo, at its business time")
    parser.add_argument("jobs", nargs="*", metavar="JOB", help="these jobs, whether due or not")


async def run(args: argparse.Namespace, env: Env) -> int:
    from cli.compose import build_app

    settings = demo_settings(settings_of(args)) if args.demo else settings_of(args)
    clock = Clock(env.wall(settings))
    async with open_database(settings) as database:
        app, runner = await build_app(settings, clock, database, demo=args.demo)
        app.timers, app.follows_clock = None, False
        await app.start()
        try:
            if args.at is not None:
                clock.set(args.at if args.at.tzinfo else args.at.replace(tzinfo=clock.wall().tzinfo))
            before = await _last_delivery(app)
            await (runner.run_named(app.now(), args.jobs) if args.jobs else runner.run_due(app.now()))
            app.wake_delivery()
            await app.idle(settings.dispatch.drain_s)
        except KeyError as error:
            known = "、".join(runner.names)
            raise Fault(f"没有名为 {error.args[0]} 的任务；有：{known}") from error
        finally:
            await app.stop()
        await _print_deliveries(app, before)
    return 0


async def _last_delivery(app: App) -> int:
    async with app.db.read() as session:
        return await outbox.last_id(session)


async def _print_deliveries(app: App, before: int) -> None:
    async with app.db.read() as session:
        rows = await outbox.after(session, before)
    for row in rows:
        content = CONTENT.validate_json(row.content)
        words = content.text if isinstance(content, TextContent) else content.card.title
        say(f"{row.state}\t{row.chat_key}\t{words}")
    say(f"共 {len(rows)} 条")
