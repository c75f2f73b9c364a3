"""What a button means: one frozen dataclass a click, packed into a short string and back.

The string is `name:value:value…`; its size is checked when the button is built, since WeCom allows 1024 bytes
and DingTalk templates less.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import ClassVar, Self, get_type_hints
from urllib.parse import quote, unquote

MAX_BYTES = 200
_IDS_BELOW = 2**63
_YEAR_MINUTES = 366 * 24 * 60


class ActionError(ValueError):
    """The string is no action of ours: unknown name, wrong number of values, or a value of the wrong kind."""


@dataclass(frozen=True, slots=True)
class Action:
    """Base of all clicks. The fields of a subclass are `int` or `str`."""

    name: ClassVar[str] = ""

    def encode(self) -> str:
        """The string for the button. Raises `ActionError` when it would be too long."""
        if not self.fits():
            raise ActionError(f"action too long: {self.name}")
        return self._packed()

    def fits(self) -> bool:
        """Whether it can be put on a button."""
        return len(self._packed()) <= MAX_BYTES

    def _packed(self) -> str:
        values = (quote(str(getattr(self, f.name)), safe="") for f in fields(self))
        return ":".join((self.name, *values))

    @classmethod
    def unpack(cls, values: list[str]) -> Self:
        kinds = get_type_hints(cls)
        names = [f.name for f in fields(cls)]
        if len(values) != len(names):
            raise ActionError(f"{cls.name}: {len(values)} values, {len(names)} expected")
        try:
            return cls(**{n: _read(kinds[n], unquote(v)) for n, v in zip(names, values, strict=True)})
        except ValueError as error:
            raise ActionError(f"{cls.name}: {error}") from error


def _read(kind: type[int | str], text: str) -> int | str:
    """Raises `ValueError` for a number that no row of ours can have."""
    if kind is str:
        return text
    number = int(text)
    if not 0 <= number < _IDS_BELOW:
        raise ValueError("number out of range")
    return number


def decode(packed: str) -> Action:
    """The click that `encode` packed. Raises `ActionError` for anything else."""
    name, *values = packed.split(":")
    kind = _ACTIONS.get(name)
    if kind is None:
        raise ActionError(f"unknown action: {name[:40]}")
    return kind.unpack(values)


@dataclass(frozen=True, slots=True)
class NoteConfirm(Action):
    """The record is right."""

    name: ClassVar[str] = "note_ok"
    note_id: int


@dataclass(frozen=True, slots=True)
class NoteEdit(Action):
    """Show the record's inputs."""

    name: ClassVar[str] = "note_edit"
    note_id: int


@dataclass(frozen=True, slots=True)
class NoteSave(Action):
    """Take the record's inputs as the truth."""

    name: ClassVar[str] = "note_save"
    note_id: int


@dataclass(frozen=True, slots=True)
class NoteUndo(Action):
    """Take the record and all it caused back."""

    name: ClassVar[str] = "note_undo"
    note_id: int


@dataclass(frozen=True, slots=True)
class NoteShow(Action):
    """Leave the inputs: show the record as it is."""

    name: ClassVar[str] = "note_show"
    note_id: int


@dataclass(frozen=True, slots=True)
class NoteCustomer(Action):
    """The record is about this customer; `0` stands for the new one that was heard."""

    name: ClassVar[str] = "note_cust"
    note_id: int
    customer_id: int


@dataclass(frozen=True, slots=True)
class TodoDone(Action):
    name: ClassVar[str] = "todo_done"
    todo_id: int


@dataclass(frozen=True, slots=True)
class TodoSnooze(Action):
    """Ring again later: `minutes` from now, or tomorrow morning when 0."""

    name: ClassVar[str] = "todo_snooze"
    todo_id: int
    minutes: int

    def __post_init__(self) -> None:
        if self.minutes > _YEAR_MINUTES:
            raise ActionError(f"{self.name}: later than in a year")


@dataclass(frozen=True, slots=True)
class TodoHandOver(Action):
    """Give the to-do to the colleague chosen in the card's `assignee` input."""

    name: ClassVar[str] = "todo_give"
    todo_id: int


@dataclass(frozen=True, slots=True)
class HotLeadAccept(Action):
    name: ClassVar[str] = "hot_take"
    hot_lead_id: int


@dataclass(frozen=True, slots=True)
class HotLeadPass(Action):
    name: ClassVar[str] = "hot_pass"
    hot_lead_id: int


@dataclass(frozen=True, slots=True)
class AlertRemind(Action):
    """The manager asks the rep to act now."""

    name: ClassVar[str] = "alert_remind"
    alert_id: int


@dataclass(frozen=True, slots=True)
class AlertExtend(Action):
    """Give the step more time: until the day in the card's `until` input."""

    name: ClassVar[str] = "alert_extend"
    alert_id: int


@dataclass(frozen=True, slots=True)
class AlertReassign(Action):
    """Give the lead to the colleague chosen in the card's `assignee` input."""

    name: ClassVar[str] = "alert_assign"
    alert_id: int


@dataclass(frozen=True, slots=True)
class AlertDismiss(Action):
    name: ClassVar[str] = "alert_drop"
    alert_id: int


@dataclass(frozen=True, slots=True)
class ForecastSubmit(Action):
    """The rep's numbers for one week (ISO `2026-W10`), from the card's inputs."""

    name: ClassVar[str] = "fc_submit"
    week: str


@dataclass(frozen=True, slots=True)
class CommitmentKept(Action):
    name: ClassVar[str] = "promise_kept"
    commitment_id: int


@dataclass(frozen=True, slots=True)
class CommandRun(Action):
    """Run a slash command, as typed: the nearest ones offered for an unknown command."""

    name: ClassVar[str] = "run"
    text: str


_ACTIONS: dict[str, type[Action]] = {kind.name: kind for kind in Action.__subclasses__()}
