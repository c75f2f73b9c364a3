"""Customers and the work on them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, BigInt, Id, Json, UtcDateTime, When, Yuan, partial_index

_OPEN = "state = 'open'"
_UNALERTED = f"{_OPEN} AND alerted_at IS NULL"


class Customer(Base):
    __tablename__ = "customers"
    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(200), unique=True)
    aliases: Mapped[list[str]] = mapped_column(JSON, default=list)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"))
    created_at: Mapped[When]
    __table_args__ = (
        Index("ix_customers_owner_id_id", "owner_id", "id"),
        Index("ix_customers_team_id_id", "team_id", "id"),
    )


class Contact(Base):
    __tablename__ = "contacts"
    id: Mapped[Id]
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    name: Mapped[str] = mapped_column(String(100))
    phone: Mapped[str | None] = mapped_column(String(40))
    __table_args__ = (UniqueConstraint("customer_id", "name"),)


class Lead(Base):
    """`state`: open, won, lost. `stage`: the touchpoint it stands at."""

    __tablename__ = "leads"
    id: Mapped[Id]
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), index=True)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    team_id: Mapped[int | None] = mapped_column(BigInt)
    stage: Mapped[str] = mapped_column(String(30))
    state: Mapped[str] = mapped_column(String(10), default="open")
    source: Mapped[str] = mapped_column(String(50), default="")
    created_at: Mapped[When]
    touched_at: Mapped[When]
    __table_args__ = (
        partial_index("ix_leads_open_customer", _OPEN, "customer_id"),
        partial_index("ix_leads_open_touched", _OPEN, "touched_at"),
        partial_index("ix_leads_open_owner_touched", _OPEN, "owner_id", "touched_at"),
        partial_index("ix_leads_open_team_touched", _OPEN, "team_id", "touched_at"),
    )


class Opportunity(Base):
    """`state`: open, won, lost. `amount` in yuan; `close_on` the day the rep expects the signature."""

    __tablename__ = "opportunities"
    id: Mapped[Id]
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), index=True)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    title: Mapped[str] = mapped_column(String(200))
    amount: Mapped[Yuan | None]
    stage: Mapped[str] = mapped_column(String(30))
    state: Mapped[str] = mapped_column(String(10), default="open")
    close_on: Mapped[date | None]
    created_at: Mapped[When]


class Step(Base):
    """One touchpoint of one lead: what is to be done by when. `state`: open, done, cancelled."""

    __tablename__ = "steps"
    id: Mapped[Id]
    lead_id: Mapped[int] = mapped_column(ForeignKey("leads.id"), index=True)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    touchpoint: Mapped[str] = mapped_column(String(30))
    due_at: Mapped[When]
    state: Mapped[str] = mapped_column(String(10), default="open")
    alerted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[When]
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    __table_args__ = (partial_index("ix_steps_unalerted_due", _UNALERTED, "due_at"),)


class Note(Base):
    """What a rep said and what was made of it.

    `record` is the understanding as JSON, `trace` its reasons. `state`: draft (shown, in force), unsure (waits for
    the customer to be chosen), confirmed, undone. `before` is what undoing has to put back, in the order of the
    changes. `part_of`: the first note of the same message, where one spoke of several customers.
    """

    __tablename__ = "notes"
    id: Mapped[Id]
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"), index=True)
    chat_key: Mapped[str] = mapped_column(String(300))
    text: Mapped[str] = mapped_column(Text)
    media_sha256: Mapped[str | None] = mapped_column(String(64))
    record: Mapped[Json]
    trace: Mapped[list[str]] = mapped_column(JSON, default=list)
    before: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    part_of: Mapped[int | None] = mapped_column(BigInt)
    state: Mapped[str] = mapped_column(String(10), default="draft")
    created_at: Mapped[When]
    __table_args__ = (Index("ix_notes_author_id_created_at", "author_id", "created_at"),)


class Interaction(Base):
    """A trace of contact with a customer: note, message, call, visit, image, file.

    `key` stops a second import of the same; `media_sha256` names the stored file.
    """

    __tablename__ = "interactions"
    id: Mapped[Id]
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    user_id: Mapped[int | None] = mapped_column(BigInt)
    kind: Mapped[str] = mapped_column(String(20))
    summary: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[When]
    note_id: Mapped[int | None] = mapped_column(BigInt, index=True)
    key: Mapped[str | None] = mapped_column(String(100), unique=True)
    media_sha256: Mapped[str | None] = mapped_column(String(64))
    __table_args__ = (Index("ix_interactions_customer_id_at", "customer_id", "at"),)


class Todo(Base):
    """`owner`: us or customer. `assignee_id` does it, or chases the customer. `state`: open, done, cancelled."""

    __tablename__ = "todos"
    id: Mapped[Id]
    title: Mapped[str] = mapped_column(Text)
    owner: Mapped[str] = mapped_column(String(10), default="us")
    assignee_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"), index=True)
    note_id: Mapped[int | None] = mapped_column(BigInt, index=True)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    remind_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(10), default="open")
    created_at: Mapped[When]
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    done_by: Mapped[int | None] = mapped_column(BigInt)
    __table_args__ = (
        partial_index("ix_todos_open_remind", _OPEN, "remind_at"),
        partial_index("ix_todos_open_assignee", _OPEN, "assignee_id", "due_at"),
    )


class Commitment(Base):
    """What we promised a customer until when. `state`: open, kept, late, cancelled.

    `warned_at`: when the rep last heard of the deadline, be it by setting one that is over already.
    """

    __tablename__ = "commitments"
    id: Mapped[Id]
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    note_id: Mapped[int | None] = mapped_column(BigInt, index=True)
    todo_id: Mapped[int | None] = mapped_column(BigInt, index=True)
    title: Mapped[str] = mapped_column(Text)
    due_at: Mapped[When]
    state: Mapped[str] = mapped_column(String(10), default="open")
    warned_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    alerted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[When]
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    __table_args__ = (
        partial_index("ix_commitments_unwarned_due", f"{_UNALERTED} AND warned_at IS NULL", "due_at"),
        partial_index("ix_commitments_unalerted_due", _UNALERTED, "due_at"),
        partial_index("ix_commitments_told_late", f"{_UNALERTED} AND warned_at > due_at", "warned_at"),
    )


class Forecast(Base):
    """One rep's number for one ISO week, in yuan, as last submitted. `week` is the week's Monday."""

    __tablename__ = "forecasts"
    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    week: Mapped[date]
    expected: Mapped[Yuan | None]
    commit: Mapped[Yuan | None]
    asked_at: Mapped[When]
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    __table_args__ = (UniqueConstraint("user_id", "week"),)


class Order(Base):
    __tablename__ = "orders"
    id: Mapped[Id]
    number: Mapped[str] = mapped_column(String(60), unique=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), index=True)
    amount: Mapped[Yuan]
    signed_on: Mapped[date]


class Payment(Base):
    __tablename__ = "payments"
    id: Mapped[Id]
    number: Mapped[str] = mapped_column(String(60), unique=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)
    amount: Mapped[Yuan]
    paid_on: Mapped[date]


RULES_BETWEEN = "、"


class HotLead(Base):
    """A customer's keywords in a group, and who may answer them.

    `rule`: the rules they belong to, with `RULES_BETWEEN` between them.
    `state`: open (offered to `offered_to` until `offer_until`), taken, escalated. `tried`: users already asked.
    """

    __tablename__ = "hot_leads"
    id: Mapped[Id]
    group_id: Mapped[int] = mapped_column(ForeignKey("group_chats.id"), index=True)
    customer_id: Mapped[int | None] = mapped_column(BigInt, index=True)
    rule: Mapped[str] = mapped_column(String(200))
    words: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    asked_by: Mapped[str] = mapped_column(String(100))
    asked_at: Mapped[When]
    state: Mapped[str] = mapped_column(String(10), default="open")
    offered_to: Mapped[int | None] = mapped_column(BigInt)
    offer_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    tried: Mapped[list[int]] = mapped_column(JSON, default=list)
    taken_by: Mapped[int | None] = mapped_column(BigInt)
    taken_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[When]
    __table_args__ = (partial_index("ix_hot_leads_open_until", _OPEN, "offer_until"),)


class GroupMessage(Base):
    """A line of a customer group: the context of a hot lead, and what response times are measured from."""

    __tablename__ = "group_messages"
    id: Mapped[Id]
    group_id: Mapped[int] = mapped_column(ForeignKey("group_chats.id"))
    sender: Mapped[str] = mapped_column(String(100))
    user_id: Mapped[int | None] = mapped_column(BigInt)
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[When]
    answered: Mapped[bool] = mapped_column(default=False)
    __table_args__ = (
        Index("ix_group_messages_group_id_id", "group_id", "id"),
        partial_index("ix_group_messages_answered", "answered", "group_id", "id", sqlite="answered = 1"),
    )


class Response(Base):
    """How long a customer waited for a rep: from the customer's message to the rep's first answer."""

    __tablename__ = "responses"
    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    group_id: Mapped[int | None] = mapped_column(BigInt)
    seconds: Mapped[float]
    at: Mapped[When]
    __table_args__ = (
        Index("ix_responses_user_id_at", "user_id", "at"),
        Index("ix_responses_group_id_at", "group_id", "at"),
    )


class Alert(Base):
    """Something a manager is to decide. `subject` names the rung, so that it is raised once.

    `state`: open, closed, or reminded: closed by a reminder that is still to have an effect. `outcome` says in Chinese
    what was decided; `closed_by` who was first.
    """

    __tablename__ = "alerts"
    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(String(30))
    subject: Mapped[str] = mapped_column(String(100), unique=True)
    step_id: Mapped[int | None] = mapped_column(BigInt, index=True)
    commitment_id: Mapped[int | None] = mapped_column(BigInt, index=True)
    user_id: Mapped[int | None] = mapped_column(BigInt)
    team_id: Mapped[int | None] = mapped_column(BigInt, index=True)
    state: Mapped[str] = mapped_column(String(10), default="open")
    outcome: Mapped[str] = mapped_column(Text, default="")
    closed_by: Mapped[int | None] = mapped_column(BigInt)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[When]
    __table_args__ = (partial_index("ix_alerts_reminded_closed", "state = 'reminded'", "closed_at"),)


class AuditEntry(Base):
    """Who did what to which row. Ids only; no names, no texts. Never changed, never deleted."""

    __tablename__ = "audit"
    id: Mapped[Id]
    at: Mapped[When]
    user_id: Mapped[int | None] = mapped_column(BigInt)
    action: Mapped[str] = mapped_column(String(50))
    subject: Mapped[str] = mapped_column(String(100), index=True)
    detail: Mapped[Json] = mapped_column(default=dict)


class AuditSeal(Base):
    """The hash chain over the audit entries, written by one job after they are committed."""

    __tablename__ = "audit_seals"
    position: Mapped[Id]
    entry_id: Mapped[int] = mapped_column(BigInt, unique=True)
    digest: Mapped[str] = mapped_column(String(64))
