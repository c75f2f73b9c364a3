"""Employees, their teams and their ids on the messengers."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.people import Identity, Role, Team, User


class Users:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, user_id: int) -> User | None:
        return await self._session.get(User, user_id)

    async def by_identity(self, platform: str, external_id: str) -> User | None:
        """The active employee with this id on a messenger."""
        return await self._session.scalar(
            select(User)
            .join(Identity, Identity.user_id == User.id)
            .where(Identity.platform == platform, Identity.external_id == external_id, User.active)
        )

    async def by_name(self, name: str) -> User | None:
        return await self._session.scalar(select(User).where(User.name == name, User.active))

    async def active(self) -> Sequence[User]:
        """All active employees, by name."""
        return (await self._session.scalars(select(User).where(User.active).order_by(User.name))).all()

    async def names(self) -> Sequence[str]:
        """The names of all active employees."""
        return (await self._session.scalars(select(User.name).where(User.active).distinct())).all()

    async def team(self, team_id: int) -> Team | None:
        return await self._session.get(Team, team_id)

    async def of_team(self, team_id: int, *roles: Role) -> Sequence[User]:
        """Active members of a team, of these roles if any are named."""
        wanted = select(User).where(User.team_id == team_id, User.active)
        if roles:
            wanted = wanted.where(User.role.in_(roles))
        return (await self._session.scalars(wanted.order_by(User.id))).all()

    async def with_role(self, *roles: Role) -> Sequence[User]:
        return (
            await self._session.scalars(select(User).where(User.role.in_(roles), User.active).order_by(User.id))
        ).all()

    async def managed_teams(self, user_id: int) -> Sequence[int]:
        """Ids of the teams this person answers for."""
        return (await self._session.scalars(select(Team.id).where(Team.manager_id == user_id))).all()

    async def managers_of(self, team_id: int | None, about: int | None = None) -> Sequence[User]:
        """Who is to hear of a team's trouble: its manager, else the directors, else the admins.

        The person `about` whose work it is hears of it only where there is nobody else.
        """
        team = await self.team(team_id) if team_id is not None else None
        manager = await self.get(team.manager_id) if team and team.manager_id else None
        ranks: list[Sequence[User]] = [[manager] if manager is not None and manager.active else []]
        ranks += [await self.with_role(Role.DIRECTOR), await self.with_role(Role.ADMIN)]
        others = ([user for user in rank if user.id != about] for rank in ranks)
        return next(filter(None, others), None) or next(filter(None, ranks), [])

    async def bind(self, user_id: int, platform: str, external_id: str) -> None:
        """Make an id on a messenger this employee's, whoever's it was before."""
        known = await self._session.scalar(
            select(Identity).where(Identity.platform == platform, Identity.external_id == external_id)
        )
        if known is None:
            self._session.add(Identity(platform=platform, external_id=external_id, user_id=user_id))
        else:
            known.user_id = user_id
        await self._session.flush()

    async def add(self, user: User) -> User:
        """A new employee, with an id."""
        self._session.add(user)
        await self._session.flush()
        return user

    async def owner_of(self, platform: str, external_id: str) -> User | None:
        """Whose id this is on a messenger, active or not."""
        return await self._session.scalar(
            select(User)
            .join(Identity, Identity.user_id == User.id)
            .where(Identity.platform == platform, Identity.external_id == external_id)
        )

    async def named(self, name: str) -> Sequence[User]:
        """All active employees of exactly this name."""
        return (await self._session.scalars(select(User).where(User.name == name, User.active))).all()

    async def any_at_all(self) -> bool:
        """Whether somebody is on file, active or not."""
        return (await self._session.scalar(select(User.id).limit(1))) is not None
