"""What is wrong with a request, field by field, in Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from web.api.models import FieldFault

_SAID: Mapping[str, str] = {
    "missing": "必填",
    "extra_forbidden": "没有这个字段",
    "string_type": "应为文字",
    "string_too_short": "太短，至少 {min_length} 个字",
    "string_too_long": "太长，最多 {max_length} 个字",
    "too_long": "太多，最多 {max_length} 项",
    "list_type": "应为列表",
    "literal_error": "只能是 {expected}",
    "int_type": "应为整数",
    "int_parsing": "应为整数",
    "int_from_float": "应为整数",
    "greater_than_equal": "不能小于 {ge}",
    "less_than_equal": "不能大于 {le}",
    "timezone_aware": "时间须带时区，如 2026-03-05T14:30:00+08:00",
    "model_type": "应为 JSON 对象",
    "model_attributes_type": "应为 JSON 对象",
}
_TIME = "应为 ISO 8601 时间，如 2026-03-05T14:30:00+08:00"


def explained(error: ValidationError) -> list[FieldFault]:
    """Each fault with the field's name (`aliases.0`) and a sentence."""
    faults = error.errors(include_url=False, include_input=False)
    return [FieldFault(name=_name(fault["loc"]), message=_message(fault["type"], fault.get("ctx"))) for fault in faults]


def _name(place: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in place)


def _message(kind: str, context: Mapping[str, Any] | None) -> str:
    if kind.startswith("datetime"):
        return _TIME
    return _SAID.get(kind, "值不对").format_map(dict(context or {}))
