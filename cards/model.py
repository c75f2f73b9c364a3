"""The neutral card: what every messenger shows in its own way.

`cards.render` turns it into each platform's native JSON; `to_json` is the neutral form of the local messenger.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pydantic import TypeAdapter


class Severity(StrEnum):
    INFO = "info"
    SUCCESS = "success"
    WARNING = "warning"
    DANGER = "danger"


class Style(StrEnum):
    DEFAULT = "default"
    PRIMARY = "primary"
    DANGER = "danger"


class InputKind(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    SELECT = "select"


class CardState(StrEnum):
    OPEN = "open"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Button:
    """`action` is an encoded click of `cards.actions`."""

    label: str
    action: str
    style: Style = Style.DEFAULT


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Input:
    """One thing to fill in; `value` is what stands there at first. Dates are ISO (`2026-03-05`)."""

    name: str
    label: str
    kind: InputKind = InputKind.TEXT
    options: tuple[Option, ...] = ()
    value: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Card:
    """`note` is the closing line (who did what); a `done` card has no working buttons any more."""

    title: str
    severity: Severity = Severity.INFO
    fields: tuple[Field, ...] = ()
    markdown: str = ""
    image: str | None = None
    buttons: tuple[Button, ...] = ()
    inputs: tuple[Input, ...] = ()
    links: tuple[Link, ...] = ()
    state: CardState = CardState.OPEN
    note: str = ""


CARD: TypeAdapter[Card] = TypeAdapter(Card)


def to_json(card: Card) -> dict[str, Any]:
    """The neutral JSON of `card`, as the local messenger's API promises it."""
    dumped: dict[str, Any] = CARD.dump_python(card, mode="json")
    return dumped


def from_json(data: dict[str, Any]) -> Card:
    """The card that `to_json` wrote. Raises `pydantic.ValidationError` on anything else."""
    return CARD.validate_python(data)
