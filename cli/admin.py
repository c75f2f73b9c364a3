"""`admin`: the first admin, one-time codes for colleagues, keys to the API."""

from __future__ import annotations

import argparse
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from bot.config import Settings
from cli.base import Env, Fault, Run, add_command, open_database, say, settings_of
from sales.people import Who, code_for, make_admin, new_token, revoke_tokens
from storage.people import User
from storage.settings import clock_offset
from storage.uow import UnitOfWork

if TYPE_CHECKING:
    from cli.base import Commands


@dataclass(frozen=True, slots=True)
class _Work:
    uow: UnitOfWork
    now: datetime
    code_hours: int


def register(commands: Commands) -> None:
    """`admin bind | code | token | revoke-token`."""
    actions = commands.add_parser("admin", help="管理员、绑定码和 API 令牌").add_subparsers(required=True)
    bind = add_command(actions, "bind", "把一个账号设为管理员", _bind)
    bind.add_argument("platform", choices=Settings.platform_names())
    bind.add_argument("userid")
    bind.add_argument("--name", default=None, help="姓名（新用户默认用账号）")
    _for_user(actions, "code", "给一位同事生成一次性绑定码", _code)
    _for_user(actions, "token", "生成 API 令牌（只显示这一次）", _token)
    _for_user(actions, "revoke-token", "作废一位同事的全部 API 令牌", _revoke)


def _for_user(commands: Commands, name: str, about: str, run: Run) -> None:
    add_command(commands, name, about, run).add_argument("user", help="姓名、手机号，或 平台:账号")


async def _bind(args: argparse.Namespace, env: Env) -> int:
    async with _work(args, env) as work:
        user, changed = await make_admin(work.uow, Who(args.platform, args.userid, args.name), work.now)
    say(f"{user.name}（{args.platform}:{args.userid}）{'现在是' if changed else '已经是'}管理员。")
    return 0


async def _code(args: argparse.Namespace, env: Env) -> int:
    async with _work(args, env) as work:
        user = await _user(work.uow, args.user)
        code = await code_for(work.uow, user, None, work.now, work.code_hours)
    say(f"{user.name} 的绑定码：{code}（{work.code_hours} 小时内把它发给机器人，只能用一次）")
    return 0


async def _token(args: argparse.Namespace, env: Env) -> int:
    async with _work(args, env) as work:
        user = await _user(work.uow, args.user)
        token = await new_token(work.uow, user, work.now)
    say(f"{user.name} 的 API 令牌（请现在保存，之后无法再看到）：\n{token}")
    return 0


async def _revoke(args: argparse.Namespace, env: Env) -> int:
    async with _work(args, env) as work:
        user = await _user(work.uow, args.user)
        ended = await revoke_tokens(work.uow, user, work.now)
    say(f"已作废 {user.name} 的 {ended} 个 API 令牌。")
    return 0


@asynccontextmanager
async def _work(args: argparse.Namespace, env: Env) -> AsyncIterator[_Work]:
    """One transaction at business time."""
    settings = settings_of(args)
    async with open_database(settings) as database, database.write() as session:
        now = env.wall(settings)() + await clock_offset(session)
        yield _Work(UnitOfWork(session), now, settings.people.code_hours)


async def _user(uow: UnitOfWork, wanted: str) -> User:
    platform, _, external_id = wanted.partition(":")
    if external_id:
        found = await uow.users.by_identity(platform, external_id)
        matches = [found] if found else []
    else:
        matches = [user for user in await uow.users.active() if wanted in (user.name, user.mobile)]
    if not matches:
        raise Fault(f"没有找到在职员工“{wanted}”")
    if len(matches) > 1:
        raise Fault(f"有 {len(matches)} 位员工叫“{wanted}”，请改用手机号或 平台:账号")
    return matches[0]
