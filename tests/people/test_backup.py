"""Backups while somebody writes, restores, and files that are none."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from cli.backup import copy_sqlite, restore_sqlite
from cli.base import Fault
from tests.people.conftest import Command

ROWS = "SELECT count(*), coalesce(max(id), 0) FROM users"


@pytest.fixture
async def data(command: Command, tmp_path: Path) -> Path:
    """A database with one user."""
    await command("admin", "bind", "local", "hefan", "--name", "何帆")
    return tmp_path / "data" / "gendan.db"


def names(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return [row[0] for row in connection.execute("SELECT name FROM users ORDER BY id")]


def put(path: Path, name: str) -> None:
    with closing(sqlite3.connect(path, timeout=10)) as connection, connection:
        connection.execute(
            "INSERT INTO users (name, role, active, created_at) VALUES (?, 'rep', 1, '2026-03-05')", (name,)
        )


def cut_short(whole: Path, target: Path) -> Path:
    target.write_bytes(whole.read_bytes()[:-20_000])
    return target


@pytest.fixture
def busy(data: Path) -> Iterator[None]:
    """Somebody who writes all the time."""
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            put(data, "x")

    writer = threading.Thread(target=write)
    writer.start()
    yield
    stop.set()
    writer.join()


@pytest.mark.usefixtures("busy")
async def test_a_backup_while_others_write_is_whole(command: Command, data: Path, tmp_path: Path) -> None:
    target = tmp_path / "backup.db"
    assert await command("backup", str(target)) == 0
    with closing(sqlite3.connect(target)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        count, last = connection.execute(ROWS).fetchone()
    assert 1 <= count == last
    assert not list(tmp_path.glob(".*.part"))  # noqa: ASYNC240


async def test_a_restore_brings_back_what_was_and_keeps_what_is(command: Command, data: Path, tmp_path: Path) -> None:
    target = tmp_path / "backup.db"
    await command("backup", str(target))
    put(data, "王磊")
    with closing(sqlite3.connect(data)) as reader:
        reader.execute("SELECT 1").fetchone()
        assert await command("restore", str(target)) == 0
        assert [row[0] for row in reader.execute("SELECT name FROM users")] == ["何帆"]
    assert names(data) == ["何帆"]
    assert names(tmp_path / "data" / "gendan.db.before-restore") == ["何帆", "王磊"]


async def test_a_restore_where_nothing_was(data: Path, tmp_path: Path) -> None:
    target = tmp_path / "new" / "gendan.db"
    await asyncio.to_thread(copy_sqlite, data, tmp_path / "backup.db")
    assert restore_sqlite(tmp_path / "backup.db", target) is None
    assert names(target) == ["何帆"]


async def test_files_that_are_no_backups_change_nothing(command: Command, data: Path, tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("nothing" * 500)
    with closing(sqlite3.connect(tmp_path / "other.db")) as connection:
        connection.execute("CREATE TABLE x (y)")
    cut = cut_short(data, tmp_path / "cut.db")
    for name, why in (("text.db", "SQLite"), ("other.db", "不是跟单助手"), ("none.db", "没有这个备份文件")):
        with pytest.raises(Fault, match=why):
            await command("restore", str(tmp_path / name))
    with pytest.raises(Fault):
        await command("restore", str(cut))
    assert names(data) == ["何帆"]


async def test_a_failed_backup_leaves_the_old_one(command: Command, tmp_path: Path) -> None:
    target = tmp_path / "backup.db"
    target.write_text("the last backup")
    with pytest.raises(Fault, match="没有数据库文件"):
        await command("backup", str(target))
    assert target.read_text() == "the last backup"


@pytest.mark.postgres
async def test_postgresql_there_and_back(
    command: Command, postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from storage.db import Database
    from storage.migrate import upgrade

    monkeypatch.setenv("GENDAN_DATABASE__URL", postgres_url)
    db = Database(postgres_url)
    await upgrade(db)
    await command("admin", "bind", "local", "hefan", "--name", "何帆")
    assert await command("backup", str(tmp_path / "backup.dump")) == 0
    await command("admin", "bind", "local", "wang", "--name", "王磊")
    assert await command("restore", str(tmp_path / "backup.dump")) == 0
    async with db.read() as session:
        connection = await session.connection()
        rows = await connection.exec_driver_sql("SELECT name FROM users")
        assert [row[0] for row in rows] == ["何帆"]
    await db.close()


async def test_postgresql_without_its_client(command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENDAN_DATABASE__URL", "postgresql+asyncpg://x@127.0.0.1:1/x")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Fault, match="没有找到 pg_dump"):
        await command("backup", str(tmp_path / "backup.dump"))


async def test_a_restored_database_takes_a_new_name(command: Command, data: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(data)) as connection, connection:
        connection.execute("INSERT INTO settings (key, value) VALUES ('install', 'before')")
    assert await command("backup", str(tmp_path / "b.db")) == 0
    assert await command("restore", str(tmp_path / "b.db")) == 0
    with closing(sqlite3.connect(data)) as connection:
        assert connection.execute("SELECT count(*) FROM settings WHERE key = 'install'").fetchone() == (0,)
