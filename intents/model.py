"""What a note means: the typed record that the rest of the product works with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any


class Intent(StrEnum):
    """What the speaker wants of the bot."""

    NOTE = "note"
    TODO = "todo"
    QUERY = "query"
    FORECAST = "forecast"
    WON = "won"
    LOST = "lost"


class Owner(StrEnum):
    """Who has to do it: we, or the customer who promised it."""

    US = "us"
    CUSTOMER = "customer"


class Stage(StrEnum):
    """The touchpoint that a note shows to have happened."""

    FIRST_CONTACT = "first_contact"
    NEEDS_CONFIRMED = "needs_confirmed"
    SOLUTION_DEMO = "solution_demo"
    OBJECTION_HANDLING = "objection_handling"
    CLOSING_PREP = "closing_prep"


class AmountKind(StrEnum):
    """What an amount of money stands for; only a deal's may change an opportunity's value."""

    DEAL = "deal"
    BUDGET = "budget"
    PAYMENT = "payment"


@dataclass(frozen=True, slots=True)
class Todo:
    """One thing to do. `is_promise`: we promised it to the customer, so its deadline is watched."""

    owner: Owner
    title: str
    due: datetime | None
    remind_at: datetime | None
    assignee: str | None = None
    is_promise: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """What one note says about one customer.

    `candidates` is filled only when `customer` is None because two or more names are about as close.
    `new_customer` is a company-like name that is not on file. `amount` is in yuan. `expected_close` is the
    day on which a forecast expects the signature.
    """

    intent: Intent
    customer: str | None
    candidates: tuple[str, ...]
    contacts: tuple[str, ...]
    needs: tuple[str, ...]
    todos: tuple[Todo, ...]
    stage: Stage | None
    amount: Decimal | None
    amount_kind: AmountKind | None
    new_customer: str | None = None
    expected_close: date | None = None


@dataclass(frozen=True, slots=True)
class Understanding:
    """All records of a note (at least one; `record` is the first) and the lines that `/why` shows.

    `truncated`: the note was longer than is understood, and its end was left out.
    """

    record: Record
    records: tuple[Record, ...]
    trace: tuple[str, ...]
    truncated: bool = False


def record_to_dict(record: Record) -> dict[str, Any]:
    """The public JSON shape of a record: due times are ISO 8601 with offset, the amount a plain number."""
    return {
        "intent": record.intent.value,
        "customer": record.customer,
        "candidates": list(record.candidates),
        "contacts": list(record.contacts),
        "needs": list(record.needs),
        "todos": [_todo_to_dict(todo) for todo in record.todos],
        "stage": record.stage.value if record.stage else None,
        "amount": _plain_number(record.amount),
        "amount_kind": record.amount_kind.value if record.amount_kind else None,
    }


def record_to_json(understanding: Understanding) -> dict[str, Any]:
    """The answer of the `understand` command, without the `id` that the caller adds."""
    return {
        "record": record_to_dict(understanding.record),
        "records": [record_to_dict(record) for record in understanding.records],
    }


def _todo_to_dict(todo: Todo) -> dict[str, Any]:
    return {
        "owner": todo.owner.value,
        "title": todo.title,
        "due": todo.due.isoformat() if todo.due else None,
        "remind_at": todo.remind_at.isoformat() if todo.remind_at else None,
    }


def _plain_number(amount: Decimal | None) -> int | float | None:
    if amount is None:
        return None
    return int(amount) if amount == amount.to_integral_value() else float(amount)
