"""A record as JSON and back, for the note that keeps it."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from intents.model import Record

_RECORD: TypeAdapter[Record] = TypeAdapter(Record)


def to_json(record: Record) -> dict[str, Any]:
    dumped: dict[str, Any] = _RECORD.dump_python(record, mode="json")
    return dumped


def says_anything(record: Record) -> bool:
    """Whether something was understood that can be corrected."""
    return any(
        (
            record.customer, record.candidates, record.new_customer, record.contacts, record.needs, record.todos,
            record.stage, record.amount,
        )
    )  # fmt: skip


def from_json(data: dict[str, Any]) -> Record:
    """The record that `to_json` wrote: equal to it, its times with fixed offsets."""
    return _RECORD.validate_python(data)
