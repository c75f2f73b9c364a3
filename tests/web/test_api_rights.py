"""Who may call, see and change what."""

from __future__ import annotations

import asyncio

import pytest

from sales.people import revoke_tokens
from storage.people import User
from storage.uow import UnitOfWork
from tests.web.conftest import CONFIGURED, NOW, Company


@pytest.mark.parametrize("who", [None, "guess", "token-of-nobody", "", "华"])
async def test_no_token_no_answer(company: Company, who: str | None) -> None:
    status, body = await company.call(who, "GET", "/customers")
    assert status == 401
    assert body["error"]["code"] == "unauthorized"
    assert "令牌" in body["error"]["message"]


async def test_another_scheme_is_no_token(company: Company) -> None:
    assert company.client is not None
    headers = {"Authorization": f"Basic {company.tokens['wang']}"}
    answer = await company.client.get("/api/v1/users", headers=headers)
    assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, "Bearer")


async def test_bytes_that_are_no_text_are_no_token(company: Company) -> None:
    assert company.client is not None
    reader, writer = await asyncio.open_connection(company.client.host, company.client.port)
    writer.write(b"GET /api/v1/users HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \xff\r\nConnection: close\r\n\r\n")
    assert (await reader.readline()).split()[1] == b"401"
    writer.close()


async def test_a_stranger_keeps_no_writer_waiting(company: Company) -> None:
    """Not even while somebody else writes: on SQLite that would be for seconds, and for all."""
    async with company.db.write() as session:
        (await session.get_one(User, company.ids["wang"])).mobile = "1"
        await session.flush()
        async with asyncio.timeout(5):
            status, _ = await company.call("guess", "POST", "/todos", {"title": "x"})
    assert status == 401


async def test_a_token_of_the_configuration_has_its_users_rights(company: Company) -> None:
    assert len(await company.listed(CONFIGURED, "/customers")) == 3


async def test_a_revoked_token_and_one_of_somebody_gone_do_nothing(company: Company) -> None:
    async with company.db.write() as session:
        wang, li = await session.get(User, company.ids["wang"]), await session.get(User, company.ids["li"])
        assert wang is not None
        assert li is not None
        assert await revoke_tokens(UnitOfWork(session), wang, NOW) == 1
        li.active = False
    assert (await company.call("wang", "GET", "/users"))[0] == 401
    assert (await company.call("li", "GET", "/users"))[0] == 401


@pytest.mark.parametrize(
    ("who", "customers", "leads", "todos", "users"),
    [
        ("wang", 2, 2, 1, 3),
        ("chen", 2, 2, 2, 3),
        ("liu", 1, 1, 1, 2),
        ("zhao", 3, 3, 3, 7),
        ("root", 3, 3, 3, 7),
    ],
)
async def test_lists_show_what_their_reader_may_see(
    company: Company, who: str, customers: int, leads: int, todos: int, users: int
) -> None:
    lengths = [len(await company.listed(who, path)) for path in ("/customers", "/leads", "/todos", "/users")]
    assert lengths == [customers, leads, todos, users]


@pytest.mark.parametrize(
    ("kind", "name"),
    [("customers", "北方重工"), ("leads", "lead:北方重工"), ("todos", "todo:北方重工"), ("users", "liu")],
)
async def test_another_teams_rows_are_not_there(company: Company, kind: str, name: str) -> None:
    path = f"/{kind}/{company.ids[name]}"
    assert (await company.call("chen", "GET", path))[0] == 404
    assert (await company.call("zhao", "GET", path))[0] == 200
    if kind != "users":
        assert (await company.call("chen", "PATCH", path, {}))[0] == 404


async def test_a_colleagues_rows_are_seen_but_not_changed(company: Company) -> None:
    customer, lead = f"/customers/{company.ids['恒瑞机械']}", f"/leads/{company.ids['lead:恒瑞机械']}"
    for path in (customer, lead):
        assert (await company.call("wang", "GET", path))[0] == 200
        status, body = await company.call("wang", "PATCH", path, {"owner_id": company.ids["wang"]})
        assert (status, body["error"]["code"]) == (403, "forbidden")
    assert (await company.call("wang", "GET", f"/todos/{company.ids['todo:恒瑞机械']}"))[0] == 404


async def test_only_who_answers_for_the_team_reassigns(company: Company) -> None:
    path, taker = f"/leads/{company.ids['lead:华昌电子']}", {"owner_id": company.ids["li"]}
    assert (await company.call("wang", "PATCH", path, taker))[0] == 403
    assert (await company.call("gao", "PATCH", path, taker))[0] == 404
    status, lead = await company.call("chen", "PATCH", path, taker)
    assert (status, lead["owner_id"]) == (200, company.ids["li"])
    assert (await company.call("chen", "PATCH", path, {"owner_id": company.ids["liu"]}))[0] == 422


async def test_work_is_given_within_ones_team_by_who_answers_for_it(company: Company) -> None:
    new = {"title": "回访", "assignee_id": company.ids["li"]}
    assert (await company.call("wang", "POST", "/todos", new))[0] == 403
    assert (await company.call("chen", "POST", "/todos", new))[0] == 201
    assert (await company.call("chen", "POST", "/todos", new | {"assignee_id": company.ids["liu"]}))[0] == 422
    theirs = {"title": "回访", "customer_id": company.ids["北方重工"]}
    assert (await company.call("chen", "POST", "/todos", theirs))[0] == 422


async def test_of_twenty_who_close_a_todo_at_once_one_does(company: Company) -> None:
    path = f"/todos/{company.ids['todo:华昌电子']}"
    answers = await asyncio.gather(*(company.call("wang", "PATCH", path, {"state": "done"}) for _ in range(20)))
    assert sorted(status for status, _ in answers) == [200] + [409] * 19
