"""The access token of one app: kept for all processes, fetched by one call at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from bot.clock import Clock
from bot.platform import PlatformError, Token, TokenStore, Transient

HOLD_OFF_S = 60

Fetch = Callable[[], Awaitable[Token]]


class AccessToken:
    """Gives a token that works, asking WeCom only when nobody else has a fresh one.

    Two processes may still ask at the same moment; WeCom then gives both the same token. After a refusal nobody
    asks again for `HOLD_OFF_S` seconds: repeated wrong secrets get the address banned for an hour (code 45009).
    """

    def __init__(self, name: str, store: TokenStore, clock: Clock, fetch: Fetch) -> None:
        self._name = name
        self._store = store
        self._clock = clock
        self._fetch = fetch
        self._token: Token | None = None
        self._turn = asyncio.Lock()
        self._refusal: PlatformError | None = None
        self._refused_until = 0.0

    async def get(self) -> str:
        """A token that should work. Raises `Transient` when there is none to be had."""
        token = self._token
        return token.value if token is not None and self._usable(token, None) else await self.replace(None)

    async def replace(self, refused: str | None) -> str:
        """Another token than `refused`; callers that wait for the same one share a single call."""
        async with self._turn:
            for known in (self._token, await self._store.load(self._name)):
                if known is not None and self._usable(known, refused):
                    self._token = known
                    return known.value
            self._token = await self._fetch_new()
            await self._store.save(self._name, self._token)
            return self._token.value

    def _usable(self, token: Token, refused: str | None) -> bool:
        return token.value != refused and self._clock.epoch() < token.expires_at

    async def _fetch_new(self) -> Token:
        wait = self._refused_until - self._clock.epoch()
        if self._refusal is not None and wait > 0:
            raise Transient(str(self._refusal), code=self._refusal.code, retry_after=wait)
        try:
            token = await self._fetch()
        except PlatformError as error:
            hold_off = error.retry_after or (0 if isinstance(error, Transient) else HOLD_OFF_S)
            self._refusal, self._refused_until = error, self._clock.epoch() + hold_off
            raise Transient(str(error), code=error.code, retry_after=hold_off) from error
        self._refusal = None
        return token
