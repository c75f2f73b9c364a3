"""`audit verify`: has anybody changed or removed an audit entry?"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from cli.base import Env, add_command, open_database, say, settings_of
from storage.audit import verify

if TYPE_CHECKING:
    from cli.base import Commands


def register(commands: Commands) -> None:
    """`audit verify`."""
    actions = commands.add_parser("audit", help="审计记录").add_subparsers(required=True)
    add_command(actions, "verify", "检查审计链是否完整", _verify)


async def _verify(args: argparse.Namespace, _env: Env) -> int:
    async with open_database(settings_of(args)) as database, database.read() as session:
        checked, unsealed, fault = await verify(session)
    if fault is not None:
        say(f"审计链有问题（前 {checked} 环完好）：{fault}")
        return 1
    say(f"审计链完好：{checked} 环已核对，{unsealed} 条新记录尚未上链。")
    return 0
