"""Tables in and out of a database, without files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from bot.config import FollowupSettings
from sales.exchange.checking import Fault
from sales.exchange.fields import Cell
from sales.exchange.service import Table, export_rows, import_table
from sales.exchange.sheets import SHEETS
from sales.exchange.writing import Written
from storage.db import Database
from storage.uow import UnitOfWork

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 3, 5, 9, 0, tzinfo=ZONE)
Rows = Sequence[Sequence[Cell]]


@dataclass(frozen=True)
class Exchange:
    """`take` imports rows (the header first), `give` exports them."""

    db: Database

    async def take(self, what: str, rows: Rows, now: datetime = NOW) -> Written | list[Fault]:
        table = Table(rows[0], rows[1:])
        return await import_table(self.db, SHEETS[what], table, now, FollowupSettings(), "0" * 64)

    async def took(self, what: str, rows: Rows, now: datetime = NOW) -> tuple[int, int, int]:
        """(created, updated, unchanged) of an import that must succeed."""
        result = await self.take(what, rows, now)
        assert isinstance(result, Written), result
        return result.created, result.updated, result.unchanged

    async def refused(self, what: str, rows: Rows) -> list[tuple[int, str, str]]:
        """(row, column, problem) of each fault of an import that must fail."""
        result = await self.take(what, rows)
        assert isinstance(result, list)
        return [(fault.row, fault.column, fault.problem) for fault in result]

    async def give(self, what: str) -> list[list[Cell]]:
        async with self.db.read() as session:
            rows = [row async for row in export_rows(UnitOfWork(session), SHEETS[what], ZONE)]
        return [[column.title for column in SHEETS[what].columns], *rows]


@pytest.fixture
def exchange(database: Database) -> Exchange:
    return Exchange(database)
