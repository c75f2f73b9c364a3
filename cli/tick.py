"""`main.py tick`: run the timed jobs once, as of now or another time, and deliver what they say."""

from __future__ import annotations

import argparse
import asyncio
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.app import App
from bot.clock import Clock
from bot.outgoing import CONTENT, Reply, TextContent
from bot.posting import Poster
from cli.base import Commands, Env, Fault, add_command, demo_settings, open_database, say, settings_of
from scheduler.jobs import all_jobs
from scheduler.runner import Runner
from storage import outbox
from storage.spine import PENDING, SENDING, OutboxRow

POLL_S = 0.05


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
        app, _ = await build_app(settings, clock, database, demo=args.demo)
        await app.start_delivery()
        try:
            said = await _run_jobs(app, args.at, args.jobs)
            await _until_delivered(app, said)
        finally:
            await app.stop()
        await _print_deliveries(app, said)
    return 0


async def _run_jobs(app: App, at: datetime | None, names: list[str]) -> list[OutboxRow]:
    """Run the jobs as of `at`; what they say is to be delivered now. Raises `Fault` for a job that is none."""
    said: list[OutboxRow] = []

    async def post(session: AsyncSession, replies: list[Reply], _at: datetime) -> None:
        poster = Poster(session, list(app.platforms), app.now())
        await poster.post(replies)
        said.extend(poster.rows)

    runner = Runner(app.db, app.clock, all_jobs(app.settings), app.settings, post)
    if unknown := [name for name in names if name not in runner.names]:
        raise Fault(f"没有名为 {'、'.join(unknown)} 的任务；有：{'、'.join(runner.names)}")
    wanted = at or app.now()
    wanted = wanted if wanted.tzinfo else wanted.replace(tzinfo=app.now().tzinfo)
    await (runner.run_named(wanted, names) if names else runner.run_due(wanted))
    return said


async def _until_delivered(app: App, said: list[OutboxRow]) -> None:
    """Wait for these deliveries, at most `drain_s` seconds; what is not out by then goes out by itself later."""
    app.wake_delivery()
    deadline = asyncio.get_running_loop().time() + app.settings.dispatch.drain_s
    while asyncio.get_running_loop().time() < deadline:
        if all(row.state != PENDING and row.state != SENDING for row in await _now(app, said)):
            return
        await asyncio.sleep(POLL_S)


async def _now(app: App, said: list[OutboxRow]) -> list[OutboxRow]:
    async with app.db.read() as session:
        return list((await outbox.by_ids(session, [row.id for row in said])).values())


async def _print_deliveries(app: App, said: list[OutboxRow]) -> None:
    for row in await _now(app, said):
        content = CONTENT.validate_json(row.content)
        words = content.text if isinstance(content, TextContent) else content.card.title
        say(f"{row.state}\t{row.chat_key}\t{words}")
    say(f"共 {len(said)} 条")
