"""Tables of the spine: what came in, what goes out, and what keeps N processes from doing a thing twice."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, BigInt, Id, Json, UtcDateTime, When, partial_index

PENDING, DONE, DEAD = "pending", "done", "dead"
SENDING, SENT, FAILED = "sending", "sent", "failed"
NO_PREPARE, TO_PREPARE, PREPARED = "none", "wanted", "done"


class Conversation(Base):
    """A chat, or a card's clicks. Its row is locked while one of its events is handled.

    `context` is what the next message may refer to: the last record, a question that waits for words.
    """

    __tablename__ = "conversations"
    key: Mapped[str] = mapped_column(String(300), primary_key=True)
    context: Mapped[Json] = mapped_column(default=dict)


class InboxRow(Base):
    """One event: unique by its platform's key, durable before it is acknowledged."""

    __tablename__ = "inbox"
    id: Mapped[Id]
    platform: Mapped[str] = mapped_column(String(20))
    event_key: Mapped[str] = mapped_column(String(300))
    conversation: Mapped[str] = mapped_column(String(300))
    kind: Mapped[str] = mapped_column(String(20))
    event: Mapped[str | None] = mapped_column(Text)
    raw: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    received_at: Mapped[When]
    state: Mapped[str] = mapped_column(String(10), default=PENDING)
    prepare: Mapped[str] = mapped_column(String(10), default=NO_PREPARE)
    prepared: Mapped[str | None] = mapped_column(Text)
    prepare_attempts: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[When]
    error: Mapped[str | None] = mapped_column(Text)
    answer: Mapped[str | None] = mapped_column(Text)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        UniqueConstraint("platform", "event_key"),
        partial_index("ix_inbox_pending", "state = 'pending'", "id", "conversation"),
        partial_index("ix_inbox_pending_conversation", "state = 'pending'", "conversation", "id"),
        partial_index("ix_inbox_dead", "state = 'dead'", "id"),
        Index("ix_inbox_done_at", "done_at"),
    )


class OutboxRow(Base):
    """One state change to bring about at a platform, written with the change that causes it."""

    __tablename__ = "outbox"
    id: Mapped[Id]
    platform: Mapped[str] = mapped_column(String(20))
    chat_key: Mapped[str] = mapped_column(String(300))
    chat: Mapped[Json]
    content: Mapped[str] = mapped_column(Text)
    user_id: Mapped[int | None] = mapped_column(BigInt)
    subject: Mapped[str | None] = mapped_column(String(100))
    severity: Mapped[str] = mapped_column(String(10), default="info")
    state: Mapped[str] = mapped_column(String(10), default=PENDING)
    attempts: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[When]
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    code: Mapped[str | None] = mapped_column(String(100))
    error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[When]
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        partial_index("ix_outbox_open", "state IN ('pending', 'sending')", "id", "chat_key"),
        partial_index("ix_outbox_failed", "state = 'failed'", "id"),
        Index("ix_outbox_chat_key_sent_at", "chat_key", "sent_at"),
    )


class CardMessage(Base):
    """A card somebody has on their screen: what it is about, and the right to change it."""

    __tablename__ = "card_messages"
    id: Mapped[Id]
    subject: Mapped[str] = mapped_column(String(100), index=True)
    platform: Mapped[str] = mapped_column(String(20))
    chat_key: Mapped[str] = mapped_column(String(300))
    chat: Mapped[Json]
    user_id: Mapped[int | None] = mapped_column(BigInt)
    outbox_id: Mapped[int | None] = mapped_column(BigInt, index=True)
    handle: Mapped[str | None] = mapped_column(Text)
    handle_expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    handle_uses_left: Mapped[int | None]
    created_at: Mapped[When]


class Firing(Base):
    """A job's run at an instant. Inserting the row is the claim, so N processes fire once."""

    __tablename__ = "firings"
    job: Mapped[str] = mapped_column(String(50), primary_key=True)
    scheduled_for: Mapped[When] = mapped_column(primary_key=True)
    claimed_at: Mapped[When]


class Setting(Base):
    """One value of the installation: the clock's offset, the signing key."""

    __tablename__ = "settings"
    key: Mapped[str] = mapped_column(String(100), primary_key=True)
    value: Mapped[str] = mapped_column(Text)


class Revision(Base):
    """How often the names of a kind changed, so that what was made from all of them knows when it is out of date."""

    __tablename__ = "revisions"
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    number: Mapped[int] = mapped_column(BigInt)


class PlatformToken(Base):
    """An access token, shared by all processes. `expires_at` is wall time in seconds since the epoch."""

    __tablename__ = "platform_tokens"
    name: Mapped[str] = mapped_column(String(100), primary_key=True)
    value: Mapped[str] = mapped_column(Text)
    expires_at: Mapped[float]


class MediaFile(Base):
    """Bytes kept once under `data/media/`, named by their SHA-256."""

    __tablename__ = "media"
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    mime: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]
    stored_at: Mapped[When]


class LocalMessage(Base):
    """What the local messenger shows. `id` is the sender's, so that the same message sent again has no effect.

    `rev` counts up with every change of any row, so that a page can ask what is new.
    """

    __tablename__ = "local_messages"
    seq: Mapped[Id]
    id: Mapped[str] = mapped_column(String(80), unique=True)
    chat: Mapped[str] = mapped_column(String(300))
    sender: Mapped[str] = mapped_column(String(100))
    kind: Mapped[str] = mapped_column(String(10))
    text: Mapped[str] = mapped_column(Text, default="")
    card: Mapped[str | None] = mapped_column(Text)
    file: Mapped[str | None] = mapped_column(Text)
    at: Mapped[When]
    rev: Mapped[int] = mapped_column(BigInt, index=True)

    __table_args__ = (Index("ix_local_messages_chat_seq", "chat", "seq"),)
