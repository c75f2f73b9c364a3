"""A record as JSON and back, for the note that keeps it."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from intents.model import Record

_RECORD: TypeAdapter[Record] = TypeAdapter(Record)


def to_json(record: Record) -> dict[str, Any]:
    dumped: dict[str, Any] = _RECORD.dump_python(record, mode="json")
    return dumped


def from_json(data: dict[str, Any]) -> Record:
    """The record that `to_json` wrote: equal to it, its times with fixed offsets."""
    return _RECORD.validate_python(data)
