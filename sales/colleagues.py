"""Which colleague is meant by a name as people say it."""

from __future__ import annotations

from collections.abc import Sequence

from sales.rights import Scope
from storage.people import Role, User
from storage.uow import UnitOfWork

_FAMILIAR = "小老阿"
_TITLES = ("经理", "总监", "主管", "工", "总", "哥", "姐")
_OF_A_TEAM = frozenset({Role.REP, Role.MANAGER})


def find_colleagues(said: str, users: Sequence[User]) -> list[User]:
    """Those whom `said` may mean: the full name wins, then the given name, then 小李 or 李工 by the surname."""
    for rule in (_full, _given, _surname):
        found = [user for user in users if rule(said.strip(), user.name)]
        if found:
            return found
    return []


def find_colleague(said: str, users: Sequence[User]) -> User | None:
    """The only one who may be meant; None when there is none or more than one."""
    found = find_colleagues(said, users)
    return found[0] if len(found) == 1 else None


def _full(said: str, name: str) -> bool:
    return said == name


def _given(said: str, name: str) -> bool:
    return len(name) > 2 and said == name[1:]


def _surname(said: str, name: str) -> bool:
    if len(said) >= 2 and said[0] in _FAMILIAR:
        return name[:1] == said[1] and len(said) == 2
    bare = next((said.removesuffix(title) for title in _TITLES if said.endswith(title)), said)
    return len(bare) == 1 and name[:1] == bare


def within_reach(user: User, everyone: Sequence[User], manager_id: int | None) -> list[User]:
    """Those whom `user` may give work: the own team, its manager, and who serves all teams.

    Reps and managers of other teams are left out: they may not see the customers that the work is about.
    """
    return [
        other
        for other in everyone
        if other.id != user.id
        and (
            other.role not in _OF_A_TEAM
            or other.id == manager_id
            or (other.team_id is not None and other.team_id == user.team_id)
        )
    ]


async def reps_under(uow: UnitOfWork, scope: Scope) -> list[User]:
    """The reps whose work this person answers for."""
    if scope.everything:
        return list(await uow.users.with_role(Role.REP))
    return [rep for team_id in sorted(scope.team_ids) for rep in await uow.users.of_team(team_id, Role.REP)]
