"""The `TokenStore` that platforms are given: access tokens in the database."""

from __future__ import annotations

from bot.platform import Token
from storage import tokens
from storage.db import Database


class DatabaseTokens:
    """Access tokens, shared by all processes that use `db`."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def load(self, name: str) -> Token | None:
        """The token kept under `name`, fresh or not."""
        async with self._db.read() as session:
            row = await tokens.load(session, name)
            return Token(row.value, row.expires_at) if row else None

    async def save(self, name: str, token: Token) -> None:
        """Keep it, replacing what was there."""
        async with self._db.write() as session:
            await tokens.save(session, name, token.value, token.expires_at)
