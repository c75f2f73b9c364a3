"""What a person may see, as conditions on tables: the same rules as `sales.rights`, for lists."""

from __future__ import annotations

from sqlalchemy import ColumnElement, or_, select, true

from sales.rights import Scope, visible_customers
from storage.crm import Customer, Lead, Todo
from storage.people import User


def visible_users(user: User, scope: Scope) -> ColumnElement[bool]:
    """Oneself, one's own team and the teams one answers for."""
    if scope.everything:
        return true()
    teams = scope.team_ids | ({user.team_id} if user.team_id is not None else set())
    return or_(User.id == user.id, User.team_id.in_(sorted(teams)))


def visible_leads(user: User, scope: Scope) -> ColumnElement[bool]:
    """One's own, those of the teams one answers for, and those of customers one may see."""
    if scope.everything:
        return true()
    customers = select(Customer.id).where(visible_customers(user, scope))
    return or_(
        Lead.owner_id == user.id, Lead.team_id.in_(sorted(scope.team_ids)), Lead.customer_id.in_(customers)
    )


def visible_todos(user: User, scope: Scope) -> ColumnElement[bool]:
    """One's own and those of the people one answers for."""
    if scope.everything:
        return true()
    people = select(User.id).where(User.team_id.in_(sorted(scope.team_ids)))
    return or_(Todo.assignee_id == user.id, Todo.assignee_id.in_(people))
