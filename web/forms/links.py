"""The links that lead to a form, the session they are exchanged for, and the ticket of one submission."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from bot.clock import Clock
from bot.events import Chat
from cards.actions import Action
from storage.people import User
from web.forms.seal import NotOurs, Sealer

SESSION = timedelta(minutes=30)
"""How long a form may stay open."""

_LINK, _SESSION, _TICKET = "link", "session", "ticket"


@dataclass(frozen=True, slots=True)
class Grant:
    """Whose form it is, in which direct chat (`person` is their id there), and which action opens its inputs."""

    user_id: int
    platform: str
    person: str
    action: str

    @property
    def chat(self) -> Chat:
        return Chat(self.platform, self.person)


@dataclass(frozen=True, slots=True)
class Session:
    """A browser that came by a link. `id` ties its submissions to it."""

    id: str
    grant: Grant


class FormLinks:
    """Signs and reads links, sessions and tickets, on wall time.

    `public_url` is the product's address in the users' browsers, `life` how long a link is good for.
    """

    def __init__(self, sealer: Sealer, clock: Clock, public_url: str, life: timedelta) -> None:
        self._sealer = sealer
        self._clock = clock
        self._base = public_url.rstrip("/")
        self._life = life

    @property
    def path(self) -> str:
        """Where browsers find the form, below any path that a proxy puts before ours."""
        return f"{urlsplit(self._base).path}/f"

    @property
    def https(self) -> bool:
        return self._base.startswith("https:")

    def form(self, user: User, chat: Chat, action: Action) -> str:
        """Where `user` fills in what `action` would open on a card. Who has the link can use it until it is over."""
        return f"{self._base}/f/{self._seal(_LINK, self._life, str(user.id), chat.platform, chat.id, action.encode())}"

    def grant_of(self, token: str) -> Grant:
        """What a link allows. Raises `NotOurs` or `Expired`."""
        return _grant(self._open(_LINK, token))

    def new_session(self, grant: Grant) -> str:
        """The cookie of a browser that came by a link."""
        who = (str(grant.user_id), grant.platform, grant.person, grant.action)
        return self._seal(_SESSION, SESSION, secrets.token_urlsafe(12), *who)

    def session_of(self, cookie: str) -> Session:
        """The session that a cookie stands for. Raises `NotOurs` or `Expired`."""
        session_id, *who = self._open(_SESSION, cookie)
        return Session(session_id, _grant(who))

    def new_ticket(self, session: Session) -> str:
        """What a form carries to show that it is from our page in this session; another one each time."""
        return self._seal(_TICKET, SESSION, session.id, secrets.token_urlsafe(12))

    def number_of(self, ticket: str, session: Session) -> str:
        """What tells this ticket from all others. Raises `NotOurs` for one of another session, or `Expired`."""
        session_id, number = self._open(_TICKET, ticket)
        if not hmac.compare_digest(session_id, session.id):
            raise NotOurs
        return number

    def _seal(self, purpose: str, life: timedelta, *values: str) -> str:
        return self._sealer.seal(purpose, values, self._clock.epoch() + life.total_seconds())

    def _open(self, purpose: str, sealed: str) -> list[str]:
        return self._sealer.open(purpose, sealed, self._clock.epoch())


def _grant(values: list[str]) -> Grant:
    user_id, platform, person, action = values
    return Grant(int(user_id), platform, person, action)
