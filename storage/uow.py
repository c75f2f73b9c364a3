"""A unit of work: the repositories on one transaction. Who opens the transaction commits it."""

from __future__ import annotations

from functools import cached_property

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.audit import AuditLog
from storage.repositories.alerts import Alerts
from storage.repositories.commitments import Commitments
from storage.repositories.customers import Customers
from storage.repositories.forecasts import Forecasts
from storage.repositories.groups import Groups
from storage.repositories.leads import Leads
from storage.repositories.notes import Notes
from storage.repositories.steps import Steps
from storage.repositories.todos import Todos
from storage.repositories.users import Users
from storage.spine import Conversation


class UnitOfWork:
    """Repositories by aggregate, all on `session`. Nothing here commits."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session
        self._conversations: dict[str, Conversation] = {}

    @cached_property
    def users(self) -> Users:
        return Users(self.session)

    @cached_property
    def customers(self) -> Customers:
        return Customers(self.session)

    @cached_property
    def leads(self) -> Leads:
        return Leads(self.session)

    @cached_property
    def steps(self) -> Steps:
        return Steps(self.session)

    @cached_property
    def notes(self) -> Notes:
        return Notes(self.session)

    @cached_property
    def todos(self) -> Todos:
        return Todos(self.session)

    @cached_property
    def commitments(self) -> Commitments:
        return Commitments(self.session)

    @cached_property
    def alerts(self) -> Alerts:
        return Alerts(self.session)

    @cached_property
    def groups(self) -> Groups:
        return Groups(self.session)

    @cached_property
    def forecasts(self) -> Forecasts:
        return Forecasts(self.session)

    @cached_property
    def audit(self) -> AuditLog:
        return AuditLog(self.session)

    async def conversation(self, key: str) -> Conversation:
        """The chat's row, with the context that its next message may refer to."""
        row = self._conversations.get(key) or await self._locked(key)
        if row is None:
            row = Conversation(key=key, context={})
            self.session.add(row)
        self._conversations[key] = row
        return row

    async def _locked(self, key: str) -> Conversation | None:
        """A click holds its card's conversation, not the chat's, so the row is locked before it is read."""
        await self.session.flush()
        wanted = select(Conversation).where(Conversation.key == key).with_for_update(key_share=True)
        return await self.session.scalar(wanted.execution_options(populate_existing=True))
