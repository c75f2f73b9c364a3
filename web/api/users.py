"""`/users`: colleagues."""

from __future__ import annotations

from sales.visibility import visible_users
from storage import people
from web.api.calls import Call, Operation
from web.api.models import Paging, User, UserPage


async def _list(call: Call) -> UserPage:
    rows, following = await call.page(people.User, [visible_users(call.user, call.scope)])
    return UserPage(items=[_shown(row) for row in rows], next_cursor=following)


async def _get(call: Call) -> User:
    return _shown(await call.one(people.User, visible_users(call.user, call.scope)))


def _shown(row: people.User) -> User:
    return User.model_validate(row, from_attributes=True)


OPERATIONS = (
    Operation("GET", "/users", "listUsers", "可见的同事", _list, UserPage, query=Paging),
    Operation("GET", "/users/{id}", "getUser", "一位同事", _get, User),
)
