"""`main.py understand`: text in, one JSON line a note out."""

from __future__ import annotations

import argparse
import csv
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

from cli.base import Commands, Env, Fault, add_command, say, settings_of
from intents.lexicon import CustomerName, Lexicon
from intents.model import record_to_json
from intents.notes import understand

_MISUSED = 2
_BETWEEN_ALIASES = re.compile(r"[、;；,，|]")
_NAME_COLUMNS = ("name", "客户", "客户名称", "名称")
_ALIAS_COLUMNS = ("aliases", "别名", "简称")


@dataclass(frozen=True, slots=True)
class _Note:
    """One text to understand, as of `now`; `id` is given back as it came."""

    id: object
    text: str
    now: datetime


def register(commands: Commands) -> None:
    """Add the command to the command line."""
    parser = add_command(commands, "understand", "text → record, one JSON line each", _run)
    parser.add_argument("text", nargs="?", metavar="TEXT", help="one note")
    parser.add_argument("--jsonl", type=Path, metavar="F", help='a file of lines {"id", "text", "now"}')
    parser.add_argument("--customers", type=Path, metavar="CSV", help="columns name, aliases (separated by 、)")
    parser.add_argument("--now", metavar="ISO", help="the moment of the note; a line's own `now` wins")


async def _run(args: argparse.Namespace, env: Env) -> int:
    if (args.text is None) == (args.jsonl is None):
        sys.stderr.write("请给出一段文字，或者用 --jsonl 指定文件，二者选一。\n")
        return _MISUSED
    settings = settings_of(args)
    zone = ZoneInfo(settings.timezone)
    now = _moment(args.now, zone, "--now") if args.now else env.wall(settings)()
    lexicon = Lexicon.build(_customers(args.customers) if args.customers else ())
    notes = [_Note(None, args.text, now)] if args.text is not None else list(_notes(args.jsonl, now, zone))
    for note in notes:
        answer = record_to_json(understand(note.text, lexicon, note.now))
        line = json.dumps({"id": note.id, **answer}, ensure_ascii=False)
        say(line.encode("utf-8", "replace").decode("utf-8"))  # half of a surrogate pair cannot be written
    return 0


def _notes(path: Path, now: datetime, zone: tzinfo) -> Iterator[_Note]:
    for number, line in enumerate(_read(path).split("\n"), 1):
        if line.strip():
            yield _note(line, f"{path} 第 {number} 行", now, zone)


def _note(line: str, where: str, now: datetime, zone: tzinfo) -> _Note:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        raise Fault(f"{where}：不是有效的 JSON。") from None
    if not isinstance(row, dict) or not isinstance(row.get("text"), str):
        raise Fault(f'{where}：应为 {{"id": …, "text": "…"}}，缺少文字 text。')
    moment = row.get("now")
    return _Note(row.get("id"), row["text"], now if moment is None else _moment(moment, zone, f"{where}的 now"))


def _moment(value: object, zone: tzinfo, where: str) -> datetime:
    """An ISO 8601 moment in the installation's zone, which is assumed where no offset is given."""
    try:
        moment = datetime.fromisoformat(str(value))
        return moment.replace(tzinfo=zone) if moment.tzinfo is None else moment.astimezone(zone)
    except (ValueError, OverflowError):
        raise Fault(f"{where}：“{value}”不是 ISO 时间，应形如 2026-03-02T10:20:00+08:00。") from None


def _customers(path: Path) -> Iterator[CustomerName]:
    rows = csv.DictReader(_read(path).splitlines())
    name_column = _column(rows.fieldnames, _NAME_COLUMNS)
    alias_column = _column(rows.fieldnames, _ALIAS_COLUMNS)
    if name_column is None:
        raise Fault(f"{path}：缺少客户名称一列（name 或 客户名称）。")
    try:
        for row in rows:
            aliases = _BETWEEN_ALIASES.split(row.get(alias_column or "") or "")
            if name := (row[name_column] or "").strip():
                yield CustomerName(name, tuple(alias.strip() for alias in aliases if alias.strip()))
    except csv.Error as error:
        raise Fault(f"{path} 第 {rows.line_num} 行：不是有效的 CSV（{error}）。") from None


def _column(given: object, known: tuple[str, ...]) -> str | None:
    names = list(given) if isinstance(given, list) else []
    return next((name for name in names if isinstance(name, str) and name.strip().lower() in known), None)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise Fault(f"读不了文件 {path}：{error.strerror}") from None
    except UnicodeDecodeError:
        raise Fault(f"{path} 不是 UTF-8 编码，请另存为 UTF-8。") from None
