"""The API's resources: reading, paging, creating, changing, and what each does in chat."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from bot.outgoing import SendCard, ToUser, UpdateCards
from storage.crm import AuditEntry, Step
from tests.web.conftest import Company


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """The rights are tested on both databases; what is here does not differ between them."""
    return sqlite_url


async def test_pages_show_everything_once(company: Company) -> None:
    seen: list[int] = []
    cursor: int | None = 0
    while cursor is not None:
        _, page = await company.call("zhao", "GET", f"/users?limit=3&cursor={cursor}")
        seen += [user["id"] for user in page["items"]]
        cursor = page["next_cursor"]
    assert sorted(seen) == seen == sorted(company.ids[name] for name in company.tokens)


async def test_filters(company: Company) -> None:
    assert [row["name"] for row in await company.listed("zhao", "/customers?q=机械")] == ["恒瑞机械"]
    assert await company.listed("zhao", "/customers?q=%25") == []
    wang = company.ids["wang"]
    assert [row["owner_id"] for row in await company.listed("zhao", f"/leads?owner_id={wang}&state=open")] == [wang]
    assert await company.listed("zhao", "/todos?state=done") == []


async def test_a_customer_is_created_and_changed(company: Company) -> None:
    status, made = await company.call("wang", "POST", "/customers", {"name": " 新光源 ", "aliases": ["新光"]})
    assert status == 201
    assert (made["name"], made["aliases"], made["owner_id"]) == ("新光源", ["新光"], company.ids["wang"])
    assert made["created_at"] == "2026-03-05T09:00:00+08:00"
    status, changed = await company.call("wang", "PATCH", f"/customers/{made['id']}", {"aliases": []})
    assert (status, changed["aliases"], changed["name"]) == (200, [], "新光源")
    assert (await company.call("wang", "GET", f"/customers/{made['id']}"))[1] == changed


async def test_a_name_is_taken_once(company: Company) -> None:
    status, body = await company.call("wang", "POST", "/customers", {"name": "华昌电子"})
    assert (status, body["error"]["code"]) == (409, "conflict")


async def test_a_new_lead_has_a_step(company: Company) -> None:
    new = {"customer_id": company.ids["华昌电子"], "stage": "needs_confirmed"}
    status, lead = await company.call("wang", "POST", "/leads", new)
    assert (status, lead["state"], lead["source"]) == (201, "open", "api")
    async with company.db.read() as session:
        step = (await session.scalars(select(Step).where(Step.lead_id == lead["id"]))).one()
    assert (step.touchpoint, step.state, step.owner_id) == ("needs_confirmed", "open", company.ids["wang"])


async def test_a_lead_moves_on_and_ends_once(company: Company) -> None:
    path = f"/leads/{company.ids['lead:华昌电子']}"
    status, lead = await company.call("wang", "PATCH", path, {"stage": "solution_demo"})
    assert (status, lead["stage"]) == (200, "solution_demo")
    assert (await company.call("wang", "PATCH", path, {"state": "won"}))[1]["state"] == "won"
    assert (await company.call("wang", "PATCH", path, {"state": "lost"}))[0] == 409
    async with company.db.read() as session:
        steps = (await session.scalars(select(Step).where(Step.lead_id == company.ids["lead:华昌电子"]))).all()
    assert [step.state for step in steps] == ["cancelled"]


async def test_a_todo_done_here_is_done_on_its_cards(company: Company) -> None:
    todo_id = company.ids["todo:华昌电子"]
    status, todo = await company.call("wang", "PATCH", f"/todos/{todo_id}", {"state": "done"})
    assert (status, todo["state"], todo["done_at"]) == (200, "done", "2026-03-05T09:00:00+08:00")
    [update] = company.shown
    assert isinstance(update, UpdateCards)
    assert (update.subject, update.card.note) == (f"todo:{todo_id}", "wang 已完成")
    status, body = await company.call("chen", "PATCH", f"/todos/{todo_id}", {"state": "cancelled"})
    assert (status, body["error"]["code"]) == (409, "conflict")


async def test_a_todo_that_is_handed_over_reaches_its_taker(company: Company) -> None:
    todo_id = company.ids["todo:华昌电子"]
    status, todo = await company.call("wang", "PATCH", f"/todos/{todo_id}", {"assignee_id": company.ids["li"]})
    assert (status, todo["assignee_id"]) == (200, company.ids["li"])
    update, card = company.shown
    assert isinstance(update, UpdateCards)
    assert update.card.note == "已转给li"
    assert isinstance(card, SendCard)
    assert (card.to, card.subject) == (ToUser(company.ids["li"]), f"todo:{todo_id}")
    assert (await company.call("wang", "GET", f"/todos/{todo_id}"))[0] == 404


async def test_a_todo_is_moved_and_its_time_taken_away(company: Company) -> None:
    path = f"/todos/{company.ids['todo:华昌电子']}"
    _, todo = await company.call("wang", "PATCH", path, {"due_at": "2026-03-06T02:00:00Z"})
    assert todo["due_at"] == todo["remind_at"] == "2026-03-06T10:00:00+08:00"
    _, todo = await company.call("wang", "PATCH", path, {"due_at": None, "title": "打电话"})
    assert (todo["due_at"], todo["remind_at"], todo["title"]) == (None, None, "打电话")


@pytest.mark.parametrize(
    ("method", "path", "body", "fields"),
    [
        ("POST", "/customers", {}, {"name": "必填"}),
        ("POST", "/customers", {"name": "x"}, {"name": "太短，至少 2 个字"}),
        ("POST", "/customers", {"name": "新光源", "vip": True}, {"vip": "没有这个字段"}),
        ("POST", "/customers", [], {"": "应为 JSON 对象"}),
        ("POST", "/leads", {"customer_id": "abc", "stage": "x"}, {"customer_id", "stage"}),
        ("POST", "/leads", {"customer_id": 999999}, {"customer_id": "没有这个客户"}),
        ("POST", "/todos", {"title": " ", "due_at": "2026-03-06T10:00:00"}, {"title", "due_at"}),
        ("POST", "/todos", {"title": "x", "due_at": "明天"}, {"due_at"}),
        ("PATCH", "/leads/{lead:华昌电子}", {"state": "open"}, {"state"}),
        ("GET", "/users?limit=0", None, {"limit": "不能小于 1"}),
        ("GET", "/users?cursor=x", None, {"cursor": "应为整数"}),
        ("GET", "/users?page=2", None, {"page": "没有这个字段"}),
    ],
)
async def test_faults_are_named(
    company: Company, method: str, path: str, body: Any, fields: dict[str, str] | set[str]
) -> None:
    for name, row_id in company.ids.items():
        path = path.replace(f"{{{name}}}", str(row_id))
    status, answer = await company.call("wang", method, path, body)
    assert (status, answer["error"]["code"]) == (422, "invalid")
    said = {fault["name"]: fault["message"] for fault in answer["error"]["fields"]}
    assert said == fields if isinstance(fields, dict) else set(said) == fields


@pytest.mark.parametrize(
    ("method", "path", "raw", "status", "code"),
    [
        ("POST", "/customers", b"{", 400, "bad_json"),
        ("POST", "/customers", b"\xff", 400, "bad_json"),
        ("POST", "/customers", b"[" * 50_000, 400, "bad_json"),
        ("POST", "/customers", b'{"name":"' + b"x" * 70_000 + b'"}', 413, "too_large"),
        ("GET", "/customers/0", None, 404, "not_found"),
        ("GET", "/customers/99999999999999999999", None, 404, "not_found"),
        ("GET", "/customers/x", None, 404, "not_found"),
        ("GET", "/orders", None, 404, "not_found"),
        ("DELETE", "/customers/1", None, 405, "method_not_allowed"),
    ],
)
async def test_other_faults(
    company: Company, method: str, path: str, raw: bytes | None, status: int, code: str
) -> None:
    found, body = await company.call("wang", method, path, raw=raw)
    assert (found, body["error"]["code"]) == (status, code)


async def test_writes_are_audited_and_refused_ones_are_not(company: Company) -> None:
    path = f"/customers/{company.ids['恒瑞机械']}"
    await company.call("wang", "PATCH", path, {"name": "改名"})
    await company.call("li", "PATCH", path, {"name": "恒瑞机械集团"})
    async with company.db.read() as session:
        wanted = select(AuditEntry).where(AuditEntry.subject.like("customer:%"))
        [entry] = (await session.scalars(wanted)).all()
    assert (entry.user_id, entry.action) == (company.ids["li"], "customer.changed")
    assert entry.detail == {"fields": "name", "by": "api"}
