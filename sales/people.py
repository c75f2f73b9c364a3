"""How people get in: one-time codes, the first admin, and keys to the API.

Codes and keys are shown once; the database keeps their SHA-256 only. They are random enough (50 and 256 bits)
that a slow hash would add nothing.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

from storage.people import BindCode, Role, User
from storage.repositories.access import Access
from storage.uow import UnitOfWork

_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_CODE = re.compile(rf"(?:绑定|激活|BIND)?[:]?([{_LETTERS}]{{10}})")
_BLANKS = re.compile(r"[\s\-—_]+")


@dataclass(frozen=True, slots=True)
class Who:
    """A sender on a messenger: their id there, and the name they show."""

    platform: str
    external_id: str
    name: str | None = None


def read_code(text: str) -> str | None:
    """The one-time code in a message that is nothing but one, whatever its width, case and dashes."""
    folded = _BLANKS.sub("", unicodedata.normalize("NFKC", text)).upper()
    found = _CODE.fullmatch(folded)
    return found[1] if found else None


def hashed(secret: str) -> str:
    """What the database keeps of a code or a key."""
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()


async def first_admin_code(uow: UnitOfWork, now: datetime, hours: int) -> str | None:
    """A code that makes its sender the first admin; None when there is an active admin already."""
    if await uow.users.with_role(Role.ADMIN):
        return None
    return await _new_code(uow, Role.ADMIN, None, now, hours)


async def code_for(uow: UnitOfWork, user: User, by: int | None, now: datetime, hours: int) -> str:
    """A code that links its sender's messenger account to `user`."""
    code = await _new_code(uow, user.role, user.id, now, hours)
    uow.audit.add(now, by, "bind_code.made", f"user:{user.id}")
    return code


async def redeem(uow: UnitOfWork, code: str, who: Who, now: datetime) -> User | None:
    """Who the sender is from now on; None when the code is unknown, used, over, or no longer needed."""
    access = Access(uow.session)
    found = await access.find_code(hashed(code), now)
    if found is None or not await _still_wanted(uow, found) or not await access.spend_code(found.code_hash, now):
        return None
    user = await uow.users.get(found.user_id) if found.user_id else await _join(uow, who, found.role, now)
    if user is None:
        return None
    await uow.users.bind(user.id, who.platform, who.external_id)
    uow.audit.add(now, user.id, "identity.bound", f"user:{user.id}", platform=who.platform, by="code")
    return user


async def make_admin(uow: UnitOfWork, who: Who, now: datetime) -> tuple[User, bool]:
    """Make the owner of a messenger account an admin, and whether that changed anything.

    An account nobody has goes to the one active employee of that name, else to a new employee.
    """
    user = await uow.users.owner_of(who.platform, who.external_id)
    if user is not None and user.role == Role.ADMIN and user.active and who.name in (None, user.name):
        return user, False
    if user is None:
        user = await _namesake(uow, who.name) or await _join(uow, who, Role.ADMIN, now)
        await uow.users.bind(user.id, who.platform, who.external_id)
    user.role, user.active, user.name = Role.ADMIN, True, who.name or user.name
    uow.audit.add(now, None, "user.made_admin", f"user:{user.id}", platform=who.platform, by="command line")
    return user, True


async def new_token(uow: UnitOfWork, user: User, now: datetime) -> str:
    """A key to the API with the rights of `user`; it cannot be shown again."""
    token = f"gd_{secrets.token_urlsafe(32)}"
    await Access(uow.session).keep_token(hashed(token), user.id, now)
    uow.audit.add(now, None, "api_token.made", f"user:{user.id}", by="command line")
    return token


async def revoke_tokens(uow: UnitOfWork, user: User, now: datetime) -> int:
    """End all API keys of `user`; how many there were."""
    ended = await Access(uow.session).revoke_tokens(user.id, now)
    if ended:
        uow.audit.add(now, None, "api_token.revoked", f"user:{user.id}", count=ended, by="command line")
    return ended


async def _new_code(uow: UnitOfWork, role: str, user_id: int | None, now: datetime, hours: int) -> str:
    code = "".join(secrets.choice(_LETTERS) for _ in range(10))
    await Access(uow.session).keep_code(hashed(code), role, user_id, now + timedelta(hours=hours))
    return f"{code[:5]}-{code[5:]}"


async def _still_wanted(uow: UnitOfWork, code: BindCode) -> bool:
    """The first admin's code only until there is one; a colleague's while they are active."""
    if code.user_id is None:
        return not await uow.users.with_role(Role.ADMIN)
    user = await uow.users.get(code.user_id)
    return user is not None and user.active


async def _join(uow: UnitOfWork, who: Who, role: str, now: datetime) -> User:
    user = User(name=who.name or who.external_id, role=role, preferred=who.platform, active=True, created_at=now)
    await uow.users.add(user)
    uow.audit.add(now, user.id, "user.created", f"user:{user.id}", role=role)
    return user


async def _namesake(uow: UnitOfWork, name: str | None) -> User | None:
    found = await uow.users.named(name) if name else []
    return found[0] if len(found) == 1 else None
