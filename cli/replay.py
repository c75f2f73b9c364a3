"""`main.py replay`: dead letters and failed deliveries are tried again."""

from __future__ import annotations

import argparse

from cli.base import Commands, Env, Fault, add_command, open_database, say, settings_of
from storage import inbox, outbox
from storage.settings import clock_offset


def register(commands: Commands) -> None:
    parser = add_command(commands, "replay", "try dead letters and failed deliveries again", run)
    parser.add_argument("--list", action="store_true", help="only show them")
    parser.add_argument("ids", nargs="*", type=int, help="inbox ids (default: all dead letters and failed deliveries)")


async def run(args: argparse.Namespace, env: Env) -> int:
    settings = settings_of(args)
    async with open_database(settings) as database, database.write() as session:
        now = env.wall(settings)() + await clock_offset(session)
        for row in await inbox.dead(session):
            say(f"事件 {row.id}\t{row.platform}\t{row.kind}\t{row.received_at:%Y-%m-%d %H:%M:%S}\t{row.error}")
        for delivery in await outbox.failed(session):
            say(f"发送 {delivery.id}\t{delivery.platform}\t{delivery.code}\t{delivery.error}")
        if args.list:
            return 0
        known = {row.id for row in await inbox.dead(session)}
        if unknown := [str(number) for number in args.ids if number not in known]:
            raise Fault(f"没有编号为 {'、'.join(unknown)} 的死信；python main.py replay --list 列出全部")
        events = await inbox.replay(session, now, args.ids or None)
        deliveries = 0 if args.ids else await outbox.retry_failed(session, now)
    say(f"重新处理 {events} 个事件，重新发送 {deliveries} 条消息。")
    return 0
