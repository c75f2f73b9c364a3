"""`backup` and `restore`: a safe copy of the database while everything runs, and the way back.

SQLite: `VACUUM INTO` copies one snapshot; restoring goes through SQLite's backup API, so that another process that
has the database open sees the old or the new one, never half. PostgreSQL: `pg_dump` and `pg_restore`.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import URL, make_url

from bot.config import Settings
from cli.base import Env, Fault, add_command, open_database, say, settings_of
from storage import settings as kept_settings

if TYPE_CHECKING:
    from cli.base import Commands

_MARK = "alembic_version"


def register(commands: Commands) -> None:
    """`backup FILE` and `restore FILE`."""
    for name, about, run in (
        ("backup", "备份数据库（可在运行时进行）", _backup),
        ("restore", "用备份恢复数据库（原库先另存一份）", _restore),
    ):
        add_command(commands, name, about, run).add_argument("file", type=Path)


async def _backup(args: argparse.Namespace, _env: Env) -> int:
    settings = settings_of(args)
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite":
        await asyncio.to_thread(copy_sqlite, Path(url.database or ""), args.file)
    else:
        with _in_place(args.file) as partial:
            await _run("pg_dump", url, "--format=custom", "--no-owner", f"--file={partial}")
    say(f"已备份到 {args.file}。{_about_media(settings)}")
    return 0


async def _restore(args: argparse.Namespace, _env: Env) -> int:
    settings = settings_of(args)
    url = make_url(settings.database_url)
    if not args.file.is_file():
        raise Fault(f"没有这个备份文件：{args.file}")
    if url.get_backend_name() == "sqlite":
        kept = await asyncio.to_thread(restore_sqlite, args.file, Path(url.database or ""))
        about = f"原来的数据另存在 {kept}。" if kept else ""
    else:
        await _run("pg_restore", url, "--clean", "--if-exists", "--no-owner", "--single-transaction", str(args.file))
        about = ""
    await _rename(settings)
    say(f"已恢复。{about}")
    return 0


async def _rename(settings: Settings) -> None:
    """A restored database numbers its messages anew, so platforms must not take them for those sent before."""
    async with open_database(settings) as database, database.write() as session:
        await kept_settings.forget_install(session)


def _about_media(settings: Settings) -> str:
    return f"录音和图片在 {settings.data_dir / 'media'}，文件只增不改，请一并复制。"


def copy_sqlite(source: Path, target: Path) -> None:
    """One snapshot of `source` in a new file `target`, checked before it gets its name. Raises `Fault`."""
    if not source.is_file():
        raise Fault(f"没有数据库文件 {source}")
    with _in_place(target) as partial:
        try:
            with closing(sqlite3.connect(source, timeout=20)) as connection:
                connection.execute("VACUUM INTO ?", (str(partial),))
        except sqlite3.Error as error:
            raise Fault(f"备份失败：{error}") from error
        _examine(partial)


def restore_sqlite(backup: Path, target: Path) -> Path | None:
    """Make `target` what `backup` is; where the former contents were put. Raises `Fault`."""
    _examine(backup)
    kept = target.with_name(f"{target.name}.before-restore") if target.is_file() else None
    if kept is not None:
        copy_sqlite(target, kept)
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with closing(sqlite3.connect(backup)) as source, closing(sqlite3.connect(target, timeout=20)) as into:
            source.backup(into)
    except sqlite3.Error as error:
        raise Fault(f"恢复失败，原来的数据没有动：{error}") from error
    return kept


def _examine(path: Path) -> None:
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            healthy = connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            ours = connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (_MARK,)).fetchone()
    except sqlite3.Error as error:
        raise Fault(f"{path} 不是完好的 SQLite 数据库：{error}") from error
    if not healthy:
        raise Fault(f"{path} 没有通过完整性检查")
    if not ours:
        raise Fault(f"{path} 不是跟单助手的数据库")


@contextmanager
def _in_place(target: Path) -> Iterator[Path]:
    """A file beside `target` that takes its name when the block ends well, and is gone when it does not."""
    partial = target.with_name(f".{target.name}.part")
    partial.unlink(missing_ok=True)
    try:
        yield partial
        with partial.open("rb") as written:
            os.fsync(written.fileno())
        partial.replace(target)
    except OSError as error:
        raise Fault(f"写不了 {target}：{error.strerror}") from error
    finally:
        partial.unlink(missing_ok=True)


async def _run(program: str, url: URL, *arguments: str) -> None:
    """Run a PostgreSQL client. The password goes by the environment, which other users cannot see."""
    path = shutil.which(program)
    if path is None:
        raise Fault(f"没有找到 {program}：请安装 PostgreSQL 客户端（Debian/Ubuntu：apt install postgresql-client）")
    place = {"PGHOST": url.host, "PGPORT": url.port, "PGUSER": url.username, "PGPASSWORD": url.password}
    given = {name: str(value) for name, value in place.items() if value is not None}
    process = await asyncio.create_subprocess_exec(
        path, f"--dbname={url.database}", *arguments, env=os.environ | given, stderr=asyncio.subprocess.PIPE
    )
    _, errors = await process.communicate()
    if process.returncode:
        raise Fault(f"{program} 失败：{errors.decode(errors='replace').strip()[-500:]}")
