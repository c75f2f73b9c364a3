"""The OpenAPI document is valid, and every real answer is what it promises."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.web.conftest import Company
from web.api import OPERATIONS, PREFIX


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


async def document(company: Company) -> dict[str, Any]:
    assert company.client is not None
    answer = await company.client.get("/api/openapi.json")
    assert answer.status == 200
    found: dict[str, Any] = await answer.json()
    return found


async def test_the_document_is_valid(company: Company) -> None:
    described = await document(company)
    OpenAPIV31SpecValidator(described).validate()
    assert sum(len(methods) for methods in described["paths"].values()) == len(OPERATIONS)


async def conforms(
    company: Company,
    described: dict[str, Any],
    who: str | None,
    method: str,
    template: str,
    row_id: int,
    body: Any = None,
) -> int:
    """Make the call and hold its answer against the schema of its status."""
    status, answer = await company.call(who, method, template.replace("{id}", str(row_id)).removeprefix(PREFIX), body)
    promised = described["paths"][template.partition("?")[0]][method.lower()]["responses"][str(status)]
    schema = promised["content"]["application/json"]["schema"]
    Draft202012Validator(schema | {"components": described["components"]}).validate(answer)
    return status


async def test_every_operation_answers_as_described(company: Company) -> None:
    described = await document(company)
    bodies = {
        "createCustomer": {"name": "新光源"},
        "changeCustomer": {"aliases": ["华昌"]},
        "createLead": {"customer_id": company.ids["华昌电子"]},
        "changeLead": {"stage": "solution_demo"},
        "createTodo": {"title": "回访", "due_at": "2026-03-06T10:00:00+08:00"},
        "changeTodo": {"state": "done"},
    }
    rows = {"customers": "华昌电子", "leads": "lead:华昌电子", "todos": "todo:华昌电子", "users": "li"}
    for operation in OPERATIONS:
        row_id = company.ids[rows[operation.path.split("/")[1]]]
        template, body = PREFIX + operation.path, bodies.get(operation.name)
        assert await conforms(company, described, "wang", operation.method, template, row_id, body) == operation.status


@pytest.mark.parametrize(
    ("who", "method", "template", "body", "status"),
    [
        (None, "GET", "/customers", None, 401),
        ("wang", "GET", "/customers/{id}", None, 404),
        ("wang", "GET", "/customers?limit=x", None, 422),
        ("wang", "POST", "/customers", {}, 422),
        ("wang", "POST", "/customers", {"name": "华昌电子"}, 409),
    ],
)
async def test_faults_are_as_described(
    company: Company, who: str | None, method: str, template: str, body: Any, status: int
) -> None:
    described = await document(company)
    assert await conforms(company, described, who, method, PREFIX + template, 999_999, body) == status


async def test_what_the_document_refuses_the_server_refuses(company: Company) -> None:
    described = await document(company)
    schema = {"$ref": "#/components/schemas/CustomerNew", "components": described["components"]}
    for body in ({}, {"name": "x"}, {"name": "新光源", "vip": True}, {"name": "新光源", "aliases": "a"}):
        assert not Draft202012Validator(schema).is_valid(body)
        assert (await company.call("wang", "POST", "/customers", body))[0] == 422
