"""One call of the API: what an operation is, what it gets, and how it fails."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from pydantic import BaseModel
from sqlalchemy import ColumnElement
from sqlalchemy.orm import QueryableAttribute

from bot.config import Settings
from bot.outgoing import Reply
from sales.rights import Scope
from sales.visibility import visible_users
from storage.people import User
from storage.repositories import listing
from storage.repositories.listing import Listed
from storage.uow import UnitOfWork
from web.api.models import ErrorDetail, FieldFault, Paging

_Model = TypeVar("_Model", bound=BaseModel)


class ApiError(Exception):
    """The answer is this error."""

    def __init__(self, status: int, code: str, message: str, fields: Sequence[FieldFault] = ()) -> None:
        super().__init__(code)
        self.status = status
        self.detail = ErrorDetail(code=code, message=message, fields=list(fields) or None)


def missing() -> ApiError:
    """What is not there and what may not be seen look the same."""
    return ApiError(404, "not_found", "没有找到，或您无权查看")


def forbidden(message: str) -> ApiError:
    return ApiError(403, "forbidden", message)


def conflict(message: str) -> ApiError:
    return ApiError(409, "conflict", message)


def invalid(name: str, message: str) -> ApiError:
    return ApiError(422, "invalid", "提交的内容有误", [FieldFault(name=name, message=message)])


def matching(*wanted: tuple[QueryableAttribute[Any], Any]) -> list[ColumnElement[bool]]:
    """The filters that a query names: each column that has a wanted value."""
    return [column == value for column, value in wanted if value is not None]


@dataclass(frozen=True, slots=True)
class Call:
    """A call by `user`. `replies` collects what is to be shown in chat because of it."""

    user: User
    scope: Scope
    uow: UnitOfWork
    now: datetime
    settings: Settings
    row_id: int
    query: BaseModel | None
    body: BaseModel | None
    replies: list[Reply] = field(default_factory=list)

    def asked(self, kind: type[_Model]) -> _Model:
        """The query, which the operation declared to be of this kind."""
        if not isinstance(self.query, kind):
            raise TypeError(f"no query of {kind.__name__}")
        return self.query

    def given(self, kind: type[_Model]) -> _Model:
        """The body, which the operation declared to be of this kind."""
        if not isinstance(self.body, kind):
            raise TypeError(f"no body of {kind.__name__}")
        return self.body

    async def page(
        self, table: type[Listed], where: Sequence[ColumnElement[bool]]
    ) -> tuple[Sequence[Listed], int | None]:
        """The page that the query asks for."""
        asked = self.asked(Paging)
        return await listing.page(self.uow.session, table, where, asked.cursor, asked.limit)

    async def one(self, table: type[Listed], visible: ColumnElement[bool]) -> Listed:
        """The row that the path names, if the caller may see it."""
        return await self._one(table, visible, lock=False)

    async def one_to_change(self, table: type[Listed], visible: ColumnElement[bool]) -> Listed:
        """The same, and nobody else changes it meanwhile."""
        return await self._one(table, visible, lock=True)

    async def _one(self, table: type[Listed], visible: ColumnElement[bool], *, lock: bool) -> Listed:
        found = await listing.one(self.uow.session, table, self.row_id, visible, lock=lock)
        if found is None:
            raise missing()
        return found

    async def colleague(self, user_id: int, name: str) -> User:
        """An active colleague the caller may give work to; `name` is the field that says so."""
        found = await listing.one(self.uow.session, User, user_id, visible_users(self.user, self.scope))
        if found is None or not found.active:
            raise invalid(name, "没有这位同事，或不在您的团队")
        return found

    async def recipient(self, user_id: int | None, name: str) -> User:
        """Who gets new work: the caller, or a colleague of whose team the caller is in charge."""
        if user_id is None or user_id == self.user.id:
            return self.user
        found = await self.colleague(user_id, name)
        if not self.scope.manages(found.team_id):
            raise forbidden("只有主管可以把工作分给别人")
        return found

    def local(self, at: datetime) -> datetime:
        """A time of the database in the installation's zone."""
        return at.astimezone(self.now.tzinfo)

    def audit(self, action: str, subject: str, **detail: str | int | None) -> None:
        self.uow.audit.add(self.now, self.user.id, action, subject, **detail, by="api")


@dataclass(frozen=True, slots=True)
class Operation:
    """One method on one path (`{id}` stands for the row). The OpenAPI document tells just what stands here."""

    method: str
    path: str
    name: str
    summary: str
    run: Callable[[Call], Awaitable[BaseModel]]
    answer: type[BaseModel]
    query: type[BaseModel] | None = None
    body: type[BaseModel] | None = None
    status: int = 200

    @property
    def writes(self) -> bool:
        return self.method != "GET"
