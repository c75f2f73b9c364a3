"""One-time codes and API tokens: only their hashes are here."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage.people import ApiToken, BindCode, User


class Access:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def keep_code(self, code_hash: str, role: str, user_id: int | None, expires_at: datetime) -> None:
        self._session.add(BindCode(code_hash=code_hash, role=role, user_id=user_id, expires_at=expires_at))
        await self._session.flush()

    async def find_code(self, code_hash: str, now: datetime) -> BindCode | None:
        """A code that is known, not used and not over."""
        return await self._session.scalar(
            select(BindCode).where(
                BindCode.code_hash == code_hash, BindCode.used_at.is_(None), BindCode.expires_at > now
            )
        )

    async def spend_code(self, code_hash: str, now: datetime) -> bool:
        """Use a code up. False when somebody else was first, or it is over."""
        spent = await self._session.scalar(
            update(BindCode)
            .where(BindCode.code_hash == code_hash, BindCode.used_at.is_(None), BindCode.expires_at > now)
            .values(used_at=now)
            .returning(BindCode.code_hash)
        )
        return spent is not None

    async def keep_token(self, token_hash: str, user_id: int, now: datetime) -> None:
        self._session.add(ApiToken(token_hash=token_hash, user_id=user_id, created_at=now))
        await self._session.flush()

    async def user_of_token(self, token_hash: str) -> User | None:
        """The active owner of a token that is not revoked."""
        return await self._session.scalar(
            select(User)
            .join(ApiToken, ApiToken.user_id == User.id)
            .where(ApiToken.token_hash == token_hash, ApiToken.revoked_at.is_(None), User.active)
        )

    async def revoke_tokens(self, user_id: int, now: datetime) -> int:
        """End all tokens of a person; how many there were."""
        ended = await self._session.scalars(
            update(ApiToken)
            .where(ApiToken.user_id == user_id, ApiToken.revoked_at.is_(None))
            .values(revoked_at=now)
            .returning(ApiToken.token_hash)
        )
        return len(ended.all())
