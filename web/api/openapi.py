"""The OpenAPI 3.1 document, made from the operations and the models that check every request."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from web.api.calls import Operation
from web.api.models import Error

_REF = "#/components/schemas/"
_FAULTS = {
    400: "不是有效的 JSON",
    401: "没有有效的令牌",
    403: "看得到但无权修改",
    404: "没有，或无权查看",
    409: "与现状冲突（重名、已结束）",
    413: "请求内容过大",
    422: "字段有误，见 fields",
}
_Mode = Literal["validation", "serialization"]


def document(operations: Sequence[Operation], prefix: str) -> dict[str, Any]:
    """The whole document; `prefix` stands before each path."""
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        paths.setdefault(prefix + operation.path, {})[operation.method.lower()] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Gendan API",
            "version": "1",
            "description": "跟单助手的 REST 接口。令牌的权限与其主人在聊天里的权限相同。",
        },
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": _schemas(operations),
        },
    }


def _schemas(operations: Iterable[Operation]) -> dict[str, Any]:
    wanted: dict[tuple[type[BaseModel], _Mode], None] = {(Error, "serialization"): None}
    for operation in operations:
        wanted[operation.answer, "serialization"] = None
        if operation.body is not None:
            wanted[operation.body, "validation"] = None
    _, schema = models_json_schema(list(wanted), ref_template=_REF + "{model}")
    found: dict[str, Any] = schema["$defs"]
    return found


def _operation(operation: Operation) -> dict[str, Any]:
    answers = {str(operation.status): _answer("成功", operation.answer)}
    answers |= {str(status): _answer(_FAULTS[status], Error) for status in _possible(operation)}
    described: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "tags": [operation.path.split("/")[1]],
        "parameters": [*_in_path(operation), *_in_query(operation.query)],
        "responses": answers,
    }
    if operation.body is not None:
        described["requestBody"] = {"required": True, "content": _content(operation.body)}
    return described


def _possible(operation: Operation) -> list[int]:
    statuses = {401}
    if operation.query or operation.body:
        statuses.add(422)
    if "{id}" in operation.path:
        statuses.add(404)
    if operation.writes:
        statuses |= {400, 403, 409, 413}
    return sorted(statuses)


def _answer(description: str, model: type[BaseModel]) -> dict[str, Any]:
    return {"description": description, "content": _content(model)}


def _content(model: type[BaseModel]) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": _REF + model.__name__}}}


def _in_path(operation: Operation) -> list[dict[str, Any]]:
    if "{id}" not in operation.path:
        return []
    return [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer", "minimum": 1}}]


def _in_query(query: type[BaseModel] | None) -> list[dict[str, Any]]:
    if query is None:
        return []
    properties: dict[str, Any] = query.model_json_schema()["properties"]
    return [{"name": name, "in": "query", "required": False, "schema": schema} for name, schema in properties.items()]
