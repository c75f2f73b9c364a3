"""Who may see and decide what: one's own work, one's team's, or everything."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement

from storage.crm import Customer
from storage.people import Role, User
from storage.repositories.reach import Reach
from storage.uow import UnitOfWork

_EVERYTHING = frozenset({Role.DIRECTOR, Role.ADMIN})


@dataclass(frozen=True, slots=True)
class Scope:
    """What a person may see. `everything` wins; else rows they own or of the teams they answer for."""

    user_id: int
    team_ids: frozenset[int]
    everything: bool

    def covers(self, owner_id: int | None, team_id: int | None) -> bool:
        """Whether a row of this owner and team may be seen and changed."""
        return self.everything or owner_id == self.user_id or (team_id is not None and team_id in self.team_ids)

    def manages(self, team_id: int | None) -> bool:
        """Whether alerts of this team are this person's to decide."""
        return self.everything or (team_id is not None and team_id in self.team_ids)


def scope_of(user: User, managed_teams: Collection[int]) -> Scope:
    """`managed_teams`: ids of the teams this person answers for."""
    return Scope(user.id, frozenset(managed_teams), user.role in _EVERYTHING)


def reach_of(user: User, scope: Scope) -> Reach:
    """What `user` may see and record work on, for the repositories."""
    return Reach(user.id, sorted(_teams(user, scope)), scope.everything)


def visible_customers(user: User, scope: Scope) -> ColumnElement[bool]:
    """The condition for customers that `user` may see and record work on.

    One's own, those of one's own team and of the teams one answers for, those whose open lead is so, and those that
    are nobody's yet.
    """
    return reach_of(user, scope).customers()


async def sees_customer(uow: UnitOfWork, user: User, scope: Scope, customer: Customer) -> bool:
    """Whether `customer` fulfils `visible_customers`."""
    return await uow.customers.sees(customer.id, visible_customers(user, scope))


def _teams(user: User, scope: Scope) -> frozenset[int]:
    return scope.team_ids | ({user.team_id} if user.team_id is not None else frozenset())
