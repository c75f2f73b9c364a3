"""One kind of cell each: from what a spreadsheet holds to a value, and back. Pure.

`write` gives what `read` takes: writing a value and reading it again is the identity.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Protocol

Cell = str | int | float | bool | Decimal | date | datetime | None
Value = str | int | bool | Decimal | date | datetime | list[str] | None

_FEN = Decimal("0.01")
_TOO_MUCH = Decimal(10) ** 12
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?|(\d{4})(\d{2})(\d{2})")
_TIME = re.compile(r"[ T]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?")
_UNITS = {"万": Decimal(10_000), "亿": Decimal(100_000_000)}


class BadCell(ValueError):
    """The cell cannot be used; the message says in Chinese what is wrong with it."""


class Kind(Protocol):
    """How a column's cells are read and written. An empty cell is never read: it is None."""

    def read(self, cell: Cell, zone: tzinfo) -> Value:
        """The value. Raises `BadCell`."""

    def write(self, value: Value, zone: tzinfo) -> Cell:
        """What to put into the file for `value`, which is not None."""


def is_blank(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def plain(cell: Cell) -> str:
    """A cell's text as a person sees it: whole numbers without `.0`."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


@dataclass(frozen=True, slots=True)
class Text:
    """Words of at most `longest` characters; line breaks only where `lines`, and the outer space is kept then."""

    longest: int
    lines: bool = False

    def read(self, cell: Cell, zone: tzinfo) -> str:
        text = str(cell) if self.lines and isinstance(cell, str) else plain(cell)
        if len(text) > self.longest:
            raise BadCell(f"太长（{len(text)} 个字），最多 {self.longest} 个字")
        if "\0" in text or (not self.lines and any(unicodedata.category(char) == "Cc" for char in text)):
            raise BadCell("含有换行或不可见字符")
        return text

    def write(self, value: Value, zone: tzinfo) -> Cell:
        return str(value)


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few; the file may say it in Chinese or by its code. `open_ended`: another word is itself."""

    labels: Mapping[str, str]
    open_ended: bool = False

    def read(self, cell: Cell, zone: tzinfo) -> str:
        said = plain(cell)
        for code, label in self.labels.items():
            if said.lower() == code or said == label:
                return code
        if self.open_ended and len(said) <= 20:
            return said
        raise BadCell(f"只能是：{'、'.join(self.labels.values())}")

    def write(self, value: Value, zone: tzinfo) -> Cell:
        return self.labels.get(str(value), str(value))


@dataclass(frozen=True, slots=True)
class Amount:
    """Yuan with at most two decimals: a number, `1,200.50`, `¥300`, `50万`."""

    negative: bool = False

    def read(self, cell: Cell, zone: tzinfo) -> Decimal:
        amount = _number(cell)
        if isinstance(cell, float) and abs(amount - amount.quantize(_FEN)) < Decimal("0.000001"):
            amount = amount.quantize(_FEN)
        if amount != amount.quantize(_FEN):
            raise BadCell("金额最多两位小数")
        if amount < 0 and not self.negative:
            raise BadCell("金额不能是负数")
        return amount.quantize(_FEN)

    def write(self, value: Value, zone: tzinfo) -> Cell:
        return value if isinstance(value, Decimal) else None


def _number(cell: Cell) -> Decimal:
    text = unicodedata.normalize("NFKC", str(cell)).strip().removesuffix("元").strip()
    text = text.lstrip("¥￥").replace(",", "").replace(" ", "")
    unit = _UNITS.get(text[-1:], Decimal(1))
    try:
        amount = Decimal(text[:-1] if unit != 1 else text) * unit
    except InvalidOperation:
        raise BadCell("不是金额，请填数字（单位：元）") from None
    if not amount.is_finite() or abs(amount) >= _TOO_MUCH:
        raise BadCell("金额过大（须小于一万亿元）")
    return amount


@dataclass(frozen=True, slots=True)
class Day:
    """A date: `2026-03-05`, `2026/3/5`, `2026年3月5日`, `20260305`, or the spreadsheet's own."""

    def read(self, cell: Cell, zone: tzinfo) -> date:
        if isinstance(cell, datetime):
            return cell.date()
        return cell if isinstance(cell, date) else _day(plain(cell))[0]

    def write(self, value: Value, zone: tzinfo) -> Cell:
        return value if isinstance(value, date) else None


@dataclass(frozen=True, slots=True)
class Moment:
    """A date with a time, in the installation's zone unless it names an offset. The value is in UTC."""

    def read(self, cell: Cell, zone: tzinfo) -> datetime:
        if isinstance(cell, datetime):
            return (cell if cell.tzinfo else cell.replace(tzinfo=zone)).astimezone(UTC)
        if isinstance(cell, date):
            return datetime(cell.year, cell.month, cell.day, tzinfo=zone).astimezone(UTC)
        return _moment(plain(cell), zone).astimezone(UTC)

    def write(self, value: Value, zone: tzinfo) -> Cell:
        if not isinstance(value, datetime):
            return None
        local = value.astimezone(zone)
        if local.fold:
            return local.isoformat(sep=" ")
        return local.replace(tzinfo=None).isoformat(sep=" ", timespec="auto")


def _moment(text: str, zone: tzinfo) -> datetime:
    if re.search(r"\d:\d\d.*([+-]\d\d:?\d\d|Z)$", text):
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            raise BadCell("时间写法不对，应如 2026-03-05 14:30") from None
    day, rest = _day(text)
    if not rest.strip():
        return datetime(day.year, day.month, day.day, tzinfo=zone)
    found = _TIME.fullmatch(rest)
    if found is None:
        raise BadCell("时间写法不对，应如 2026-03-05 14:30")
    hour, minute, second, fraction = found.groups()
    try:
        return datetime(
            day.year, day.month, day.day, int(hour), int(minute), int(second or 0),
            int((fraction or "0").ljust(6, "0")), tzinfo=zone,
        )  # fmt: skip
    except ValueError:
        raise BadCell("没有这个时间") from None


def _day(text: str) -> tuple[date, str]:
    """The date that `text` begins with, and what follows."""
    found = _DATE.match(text)
    if found is None:
        raise BadCell("日期写法不对，应如 2026-03-05")
    year, month, day = (int(part) for part in found.groups() if part is not None)
    try:
        return date(year, month, day), text[found.end() :]
    except ValueError:
        raise BadCell("没有这一天") from None


@dataclass(frozen=True, slots=True)
class Flag:
    """是 or 否."""

    def read(self, cell: Cell, zone: tzinfo) -> bool:
        said = plain(cell).lower()
        if said in ("是", "true", "1", "y", "yes", "在职"):
            return True
        if said in ("否", "false", "0", "n", "no", "离职"):
            return False
        raise BadCell("只能是：是、否")

    def write(self, value: Value, zone: tzinfo) -> Cell:
        return "是" if value else "否"
