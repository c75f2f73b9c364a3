"""`admin`, `audit verify`: what they print and what they change."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select, update

from cli.base import Fault
from sales.people import hashed
from storage.audit import seal
from storage.crm import AuditEntry
from storage.db import Database
from storage.people import ApiToken
from storage.repositories.access import Access
from tests.people.conftest import Command

Printed = pytest.CaptureFixture[str]


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite+aiosqlite:///{tmp_path / 'data' / 'gendan.db'}"


async def test_bind_says_what_it_did(command: Command, capsys: Printed) -> None:
    assert await command("admin", "bind", "local", "hefan", "--name", "何帆") == 0
    assert "何帆（local:hefan）现在是管理员" in capsys.readouterr().out
    assert await command("admin", "bind", "local", "hefan") == 0
    assert "已经是管理员" in capsys.readouterr().out


async def test_a_token_is_printed_once_and_works_until_revoked(command: Command, capsys: Printed, url: str) -> None:
    await command("admin", "bind", "local", "hefan", "--name", "何帆")
    await command("admin", "token", "何帆")
    token = capsys.readouterr().out.splitlines()[-1]
    db = Database(url)
    async with db.read() as session:
        owner = await Access(session).user_of_token(hashed(token))
        assert owner is not None
        assert owner.name == "何帆"
        assert token not in (await session.scalars(select(ApiToken.token_hash))).all()
    assert await command("admin", "revoke-token", "local:hefan") == 0
    assert "1 个 API 令牌" in capsys.readouterr().out
    async with db.read() as session:
        assert await Access(session).user_of_token(hashed(token)) is None
    await db.close()


async def test_a_code_for_a_colleague(command: Command, capsys: Printed) -> None:
    await command("admin", "bind", "local", "hefan", "--name", "何帆")
    assert await command("admin", "code", "何帆") == 0
    assert "何帆 的绑定码" in capsys.readouterr().out


async def test_nobody_of_that_name(command: Command) -> None:
    with pytest.raises(Fault, match="没有找到在职员工“王磊”"):
        await command("admin", "token", "王磊")


async def test_verify_finds_a_changed_entry(command: Command, capsys: Printed, url: str) -> None:
    await command("admin", "bind", "local", "hefan")
    db = Database(url)
    async with db.write() as session:
        assert await seal(session) > 0
    assert await command("audit", "verify") == 0
    assert "审计链完好" in capsys.readouterr().out
    async with db.write() as session:
        await session.execute(update(AuditEntry).where(AuditEntry.id == 1).values(action="nothing.happened"))
    await db.close()
    assert await command("audit", "verify") == 1
    assert "审计记录 1 被改动" in capsys.readouterr().out
