"""The pages on import and on the API name everything there is."""

from __future__ import annotations

from pathlib import Path

import pytest

from sales.exchange.sheets import SHEETS, Sheet
from web.api import OPERATIONS

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("sheet", SHEETS.values(), ids=SHEETS)
def test_every_column_is_described(sheet: Sheet) -> None:
    lines = (DOCS / "import.md").read_text("utf-8").splitlines()
    line = next(line for line in lines if line.startswith(f"| `{sheet.what}` |"))
    for column in sheet.columns:
        assert (f"**{column.title}**" if column.required else column.title) in line


def test_every_operation_is_described() -> None:
    text = (DOCS / "api.md").read_text("utf-8")
    for operation in OPERATIONS:
        assert f"`{operation.method} {operation.path}`" in text
