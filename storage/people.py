"""Who there is: teams, employees, the ids they have on each messenger, and their rights to the API."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, BigInt, Id, UtcDateTime, When


class Role(StrEnum):
    REP = "rep"
    MANAGER = "manager"
    DIRECTOR = "director"
    DELIVERY = "delivery"
    DELIVERY_DIRECTOR = "delivery_director"
    LEGAL = "legal"
    FINANCE = "finance"
    HR = "hr"
    ADMIN = "admin"


class Team(Base):
    """`manager_id` answers for the team; one person may answer for several."""

    __tablename__ = "teams"
    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(100), unique=True)
    manager_id: Mapped[int | None] = mapped_column(BigInt)


class User(Base):
    """An employee. `preferred` is the platform they are written to first."""

    __tablename__ = "users"
    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(100), index=True)
    role: Mapped[str] = mapped_column(String(20))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"), index=True)
    mobile: Mapped[str | None] = mapped_column(String(30))
    preferred: Mapped[str | None] = mapped_column(String(20))
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[When]


class Identity(Base):
    """A user's id on one messenger."""

    __tablename__ = "identities"
    id: Mapped[Id]
    platform: Mapped[str] = mapped_column(String(20))
    external_id: Mapped[str] = mapped_column(String(200))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    __table_args__ = (UniqueConstraint("platform", "external_id"),)


class BindCode(Base):
    """A one-time code that makes its sender somebody: `user_id`, or the first admin. Only a hash is kept."""

    __tablename__ = "bind_codes"
    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    role: Mapped[str] = mapped_column(String(20))
    user_id: Mapped[int | None] = mapped_column(BigInt)
    expires_at: Mapped[When]
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ApiToken(Base):
    """A key to the REST API with its owner's rights. Only a hash is kept."""

    __tablename__ = "api_tokens"
    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[When]
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class GroupChat(Base):
    """A customer group the bot listens to."""

    __tablename__ = "group_chats"
    id: Mapped[Id]
    platform: Mapped[str] = mapped_column(String(20))
    chat_id: Mapped[str] = mapped_column(String(200))
    title: Mapped[str] = mapped_column(String(200), default="")
    customer_id: Mapped[int | None] = mapped_column(BigInt)
    team_id: Mapped[int | None] = mapped_column(BigInt)
    __table_args__ = (UniqueConstraint("platform", "chat_id"),)


class GroupMember(Base):
    """Who is in a group: an employee (`user_id`) or a person of the customer (`name`)."""

    __tablename__ = "group_members"
    id: Mapped[Id]
    group_id: Mapped[int] = mapped_column(ForeignKey("group_chats.id"))
    external_id: Mapped[str] = mapped_column(String(200))
    name: Mapped[str] = mapped_column(String(100))
    user_id: Mapped[int | None] = mapped_column(BigInt)
    __table_args__ = (UniqueConstraint("group_id", "external_id"),)
