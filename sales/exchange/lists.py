"""Cells that hold several things: names, messenger accounts, contacts. Pure.

Parts stand apart by `;`, `；` or `、`; a backslash keeps a separator that belongs to a part.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import tzinfo

from sales.exchange.fields import BadCell, Cell, Value, plain

_LIST = ";；、"
_PAIR = ":："
_ACCOUNT = re.compile(r"([a-z][a-z0-9_]{1,19}):(.{1,200})")


@dataclass(frozen=True, slots=True)
class Names:
    """Several names of at most `longest` characters each; one said twice counts once."""

    longest: int

    def read(self, cell: Cell, zone: tzinfo) -> list[str]:
        parts = (unescape(part.strip()).strip() for part in split(plain(cell), _LIST))
        names = list(dict.fromkeys(part for part in parts if part))
        for name in names:
            self.examine(name)
        return names

    def examine(self, name: str) -> None:
        """Raises `BadCell` for a part that cannot be used."""
        if len(name) > self.longest:
            raise BadCell(f"“{name[:10]}…”太长，每一项最多 {self.longest} 个字")

    def write(self, value: Value, zone: tzinfo) -> Cell:
        return "；".join(escape(name, _LIST) for name in value) if isinstance(value, list) else ""


class Accounts(Names):
    """Ids on messengers, each `platform:id`."""

    def examine(self, name: str) -> None:
        if not _ACCOUNT.fullmatch(name):
            raise BadCell(f"“{name[:20]}”应写成 平台:账号，如 wecom:zhangsan")


class Contacts(Names):
    """People of a customer, each `name` or `name:phone`."""

    def examine(self, name: str) -> None:
        said, phone = contact_of(name)
        if not said or len(said) > 100 or len(phone or "") > 40:
            raise BadCell(f"“{name[:20]}”应写成 姓名 或 姓名:电话（姓名最多 100 字，电话最多 40 字）")


def account_of(text: str) -> tuple[str, str]:
    """(platform, id) of an account."""
    platform, _, external_id = text.partition(":")
    return platform, external_id


def contact_of(text: str) -> tuple[str, str | None]:
    """(name, phone) of a contact."""
    name, *phone = split(text, _PAIR)[:2] or [""]
    return unescape(name).strip(), unescape(phone[0]).strip() or None if phone else None


def contact_text(name: str, phone: str | None) -> str:
    """What `contact_of` reads."""
    return escape(name, _PAIR) + (f":{escape(phone, _PAIR)}" if phone else "")


def split(text: str, separators: str) -> list[str]:
    """Cut at separators without a backslash before them; the backslashes stay for `unescape`."""
    return re.findall(rf"(?:\\.|[^\\{separators}])+|\\$", text, re.DOTALL)


def escape(text: str, separators: str) -> str:
    return re.sub(rf"([\\{separators}])", r"\\\1", text)


def unescape(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL)
