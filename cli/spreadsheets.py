"""CSV and XLSX files: cells in, cells out.

Text that a spreadsheet program would take for a formula gets an apostrophe in front on the way out and loses it on
the way in, so that opening an export runs nothing and importing it again changes nothing (OWASP, CSV injection).
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from cli.base import Fault

if TYPE_CHECKING:
    from openpyxl.worksheet._write_only import WriteOnlyWorksheet

Cell = str | int | float | bool | Decimal | date | datetime | None

_LOOKS_LIKE_FORMULA = re.compile(r"'*[=+\-@＝＋－＠\t\r\n]")
_GUARDED = re.compile(r"'+[=+\-@＝＋－＠\t\r\n]")
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
# What XML cannot hold or would change, and what looks like its escape: `_x000B_` as in ECMA-376 part 1, 22.9.2.19.
_NOT_IN_XML = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_LONGEST_CELL = 32_767
_COLUMN_WIDTH = 20
FORMATS = (".csv", ".xlsx")


def guard(text: str) -> str:
    """`text` such that no spreadsheet program runs it."""
    return f"'{text}" if _LOOKS_LIKE_FORMULA.match(text) else text


def unguard(text: str) -> str:
    """What was given to `guard`."""
    return text[1:] if _GUARDED.match(text) else text


def read(path: Path) -> list[list[Cell]]:
    """All rows of a file, by its ending. Raises `cli.base.Fault`."""
    _examine(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise Fault(f"读不了文件 {path}：{error.strerror}") from error
    rows = _read_xlsx(content, path) if path.suffix.lower() == ".xlsx" else _read_csv(content, path)
    return [[unguard(cell) if isinstance(cell, str) else cell for cell in row] for row in rows]


def _examine(path: Path) -> None:
    if path.suffix.lower() not in FORMATS:
        raise Fault(f"只认 CSV 和 XLSX 文件：{path.name}")


def _read_csv(content: bytes, path: Path) -> list[list[Cell]]:
    text = _decoded(content, path)
    try:
        return [list(row) for row in csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)]
    except csv.Error as error:
        raise Fault(f"{path.name} 不是完好的 CSV：{error}") from error


def _decoded(content: bytes, path: Path) -> str:
    encoding = next((name for mark, name in _BOMS if content.startswith(mark)), None)
    for name in (encoding,) if encoding else ("utf-8", "gb18030"):
        try:
            return content.decode(name)
        except UnicodeDecodeError:
            continue
    raise Fault(f"{path.name} 的文字编码认不出来，请另存为 UTF-8 编码的 CSV")


def _delimiter(text: str) -> str:
    """Comma, unless the header has more tabs or semicolons (Excel writes those in some settings)."""
    header = text.partition("\n")[0]
    return max(",\t;", key=header.count)


def _read_xlsx(content: bytes, path: Path) -> list[list[Cell]]:
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        rows = book.worksheets[0].iter_rows(values_only=True) if book.worksheets else ()
        return [[_from_xlsx(cell) for cell in row] if any(row) else [] for row in rows]
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, SyntaxError) as error:
        raise Fault(f"{path.name} 不是完好的 XLSX 文件") from error


def _from_xlsx(cell: object) -> Cell:
    if isinstance(cell, str):
        return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), cell)
    if cell is None or isinstance(cell, bool | int | float | datetime | date):
        return cell
    return str(cell)


async def write(path: Path, header: Sequence[str], rows: AsyncIterator[Sequence[Cell]]) -> int:
    """Write a new file beside `path` and put it in its place; how many rows. Raises `cli.base.Fault`."""
    _examine(path)
    partial = path.with_name(f".{path.name}.part")
    writer = _Xlsx(header) if path.suffix.lower() == ".xlsx" else _Csv(partial, header)
    count = 0
    try:
        async for row in rows:
            writer.add(row)
            count += 1
        writer.save(partial)
        partial.replace(path)
    except OSError as error:
        raise Fault(f"写不了文件 {path}：{error.strerror}") from error
    finally:
        writer.close()
        partial.unlink(missing_ok=True)
    return count


class _Csv:
    """UTF-8 with a byte order mark, which Excel needs to see that it is UTF-8."""

    def __init__(self, path: Path, header: Sequence[str]) -> None:
        try:
            self._file = path.open("w", encoding="utf-8-sig", newline="")
        except OSError as error:
            raise Fault(f"写不了文件 {path}：{error.strerror}") from error
        self._writer = csv.writer(self._file)
        self._writer.writerow(header)

    def add(self, row: Sequence[Cell]) -> None:
        self._writer.writerow([guard(cell) if isinstance(cell, str) else cell for cell in row])

    def save(self, path: Path) -> None:
        self._file.flush()

    def close(self) -> None:
        self._file.close()


class _Xlsx:
    def __init__(self, header: Sequence[str]) -> None:
        self._book = Workbook(write_only=True)
        self._sheet: WriteOnlyWorksheet = self._book.create_sheet("数据")
        self._sheet.freeze_panes = "A2"
        for number in range(1, len(header) + 1):
            self._sheet.column_dimensions[get_column_letter(number)].width = _COLUMN_WIDTH
        self._sheet.append([self._bold(title) for title in header])

    def _bold(self, title: str) -> object:
        cell = WriteOnlyCell(self._sheet, value=title)
        cell.font = Font(bold=True)
        return cell

    def add(self, row: Sequence[Cell]) -> None:
        self._sheet.append([_for_xlsx(cell) for cell in row])

    def save(self, path: Path) -> None:
        self._book.save(path)

    def close(self) -> None:
        self._book.close()


def _for_xlsx(cell: Cell) -> Cell:
    if not isinstance(cell, str):
        return cell
    text = _NOT_IN_XML.sub(lambda found: f"_x{ord(found[0]):04X}_", guard(cell))
    if len(text) > _LONGEST_CELL:
        raise Fault(f"有一格文字超过 Excel 的上限 {_LONGEST_CELL} 字，请导出为 CSV")
    return text


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """A small CSV at once."""
    writer = _Csv(path, header)
    for row in rows:
        writer.add(row)
    writer.close()

