"""`import` and `export`: tables as CSV or XLSX."""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bot.config import Settings
from cli import spreadsheets
from cli.base import Env, Fault, add_command, open_database, say, settings_of
from sales.exchange import checking
from sales.exchange.service import Table, export_rows, import_table
from sales.exchange.sheets import SHEETS, Sheet
from sales.exchange.writing import Written
from storage.db import Database
from storage.settings import clock_offset
from storage.uow import UnitOfWork

if TYPE_CHECKING:
    from cli.base import Commands

_REPORT = ("行", "列", "内容", "问题")
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class _Work:
    db: Database
    settings: Settings
    now: datetime


def register(commands: Commands) -> None:
    """`import WHAT FILE` and `export WHAT FILE`."""
    for name, about, run in (
        ("import", "导入 CSV 或 XLSX：先检查全部行，有错就一行也不导入", _import),
        ("export", "导出为 CSV 或 XLSX，可原样再导入", _export),
    ):
        parser = add_command(commands, name, about, run)
        parser.add_argument("what", choices=sorted(SHEETS))
        parser.add_argument("file", type=Path)


async def _import(args: argparse.Namespace, env: Env) -> int:
    sheet = SHEETS[args.what]
    header, *lines = spreadsheets.read(args.file) or [[]]
    digest = hashlib.sha256(args.file.read_bytes()).hexdigest()
    async with _work(args, env) as work:
        table = Table(header, lines)
        result = await import_table(work.db, sheet, table, work.now, work.settings.followup, digest)
    report = args.file.with_name(f"{args.file.name}.faults.csv")
    return _imported(sheet, result, report) if isinstance(result, Written) else _refused(result, report)


def _imported(sheet: Sheet, written: Written, report: Path) -> int:
    report.unlink(missing_ok=True)
    say(f"{sheet.title}导入完成：新增 {written.created}，更新 {written.updated}，未变 {written.unchanged}。")
    return 0


def _refused(faults: list[checking.Fault], report: Path) -> int:
    lines = [(fault.row, fault.column, fault.value, fault.problem) for fault in faults]
    spreadsheets.write_csv(report, _REPORT, lines)
    for fault in faults[:_SHOWN]:
        say(f"第 {fault.row} 行 {fault.column}：{fault.problem}")
    say(f"共 {len(faults)} 处问题，一行也没有导入；清单在 {report}")
    return 1


async def _export(args: argparse.Namespace, env: Env) -> int:
    sheet = SHEETS[args.what]
    async with _work(args, env) as work:
        zone = work.now.tzinfo
        if zone is None:
            raise Fault("时区未设置")
        async with work.db.read() as session:
            rows = export_rows(UnitOfWork(session), sheet, zone)
            count = await spreadsheets.write(args.file, [column.title for column in sheet.columns], rows)
        async with work.db.write() as session:
            UnitOfWork(session).audit.add(work.now, None, "export", f"export:{sheet.what}", rows=count)
    say(f"已导出 {count} 条{sheet.title}到 {args.file}")
    return 0


@asynccontextmanager
async def _work(args: argparse.Namespace, env: Env) -> AsyncIterator[_Work]:
    settings = settings_of(args)
    async with open_database(settings) as database:
        async with database.read() as session:
            now = env.wall(settings)() + await clock_offset(session)
        yield _Work(database, settings, now)
