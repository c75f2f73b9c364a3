"""Files: what comes out goes in again, in every encoding people save, and runs nothing in a spreadsheet program."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from cli import spreadsheets
from cli.base import Fault
from cli.spreadsheets import Cell, guard, unguard

_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


async def _stream(rows: Sequence[Sequence[Cell]]) -> AsyncIterator[Sequence[Cell]]:
    for row in rows:
        yield row


@given(_TEXT)
@example("'=1")
@example("''=1")
@example("=")
def test_guarding_can_be_undone(text: str) -> None:
    assert unguard(guard(text)) == text
    assert guard(text)[:1] not in tuple("=+-@\t\r\n")


@pytest.mark.parametrize("name", ["x.csv", "x.xlsx"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(text=_TEXT)
@example("a\rb\x0b_x000B_\x00")
@example("line\nbreak,\"quoted\"")
async def test_any_text_comes_back(tmp_path: Path, name: str, text: str) -> None:
    await spreadsheets.write(tmp_path / name, ["内容", "x"], _stream([[text, "x"]]))
    assert spreadsheets.read(tmp_path / name) == [["内容", "x"], [text or (None if name == "x.xlsx" else ""), "x"]]


async def test_no_cell_of_an_export_is_a_formula(tmp_path: Path) -> None:
    evil = ['=HYPERLINK("http://evil")', "+1", "-1", "@SUM(A1)", "\t=1", "＝1"]
    await spreadsheets.write(tmp_path / "x.csv", ["a"], _stream([[text] for text in evil]))
    await spreadsheets.write(tmp_path / "x.xlsx", ["a"], _stream([[text] for text in evil]))
    written = list(csv.reader(io.StringIO((tmp_path / "x.csv").read_text("utf-8-sig"), newline="")))
    assert all(row[0].startswith("'") for row in written[1:])
    sheet = load_workbook(tmp_path / "x.xlsx").active
    assert sheet is not None
    assert {sheet.cell(row, 1).data_type for row in range(2, 8)} == {"s"}
    assert [row[0] for row in spreadsheets.read(tmp_path / "x.xlsx")[1:]] == evil


async def test_numbers_and_dates_are_the_spreadsheets_own(tmp_path: Path) -> None:
    await spreadsheets.write(tmp_path / "x.xlsx", ["a", "b"], _stream([[Decimal("1234567890.12"), date(2026, 3, 5)]]))
    amount, day = spreadsheets.read(tmp_path / "x.xlsx")[1]
    assert amount == 1234567890.12
    assert str(day).startswith("2026-03-05")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
def test_encodings_people_save(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "x.csv"
    path.write_text("客户名称,联系人\n华昌电子,张工\n", encoding=encoding)
    assert spreadsheets.read(path) == [["客户名称", "联系人"], ["华昌电子", "张工"]]


@pytest.mark.parametrize("delimiter", ["\t", ";"])
def test_other_delimiters(tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "x.csv"
    path.write_text(f"客户名称{delimiter}联系人\n华昌电子{delimiter}张工,何经理\n")
    assert spreadsheets.read(path)[1] == ["华昌电子", "张工,何经理"]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("x.csv", b"\xff\x00\x81", "编码"),
        ("x.csv", b'a,b\n"x', "CSV"),
        ("x.xlsx", b"not a zip", "XLSX"),
        ("x.pdf", b"", "CSV 和 XLSX"),
    ],
)
def test_files_that_cannot_be_used_say_why(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(Fault, match=said):
        spreadsheets.read(tmp_path / name)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(Fault, match="读不了文件"):
        spreadsheets.read(tmp_path / "none.csv")


async def test_a_failed_export_leaves_the_old_file(tmp_path: Path) -> None:
    async def failing() -> AsyncIterator[Sequence[Cell]]:
        yield ["x"]
        raise RuntimeError("the database went away")

    path = tmp_path / "x.csv"
    path.write_text("old")
    with pytest.raises(RuntimeError):
        await spreadsheets.write(path, ["a"], failing())
    assert path.read_text() == "old"
    assert _names(tmp_path) == ["x.csv"]


def _names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]
