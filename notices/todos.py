"""To-dos as those see them who have to do them."""

from __future__ import annotations

from datetime import datetime

from bot.config import Settings
from bot.outgoing import SendCard, ToUser
from cards.todos import TodoView, reminder_card
from sales.todos import Ringing
from storage.crm import Todo


def subject(todo: Todo) -> str:
    """By which the cards of a to-do are found again."""
    return f"todo:{todo.id}"


def view_of(todo: Todo, customer: str | None, now: datetime) -> TodoView:
    return TodoView(todo.id, todo.title, todo.owner, customer, todo.due_at, now, todo.remind_at)


def reminder(ringing: Ringing, at: datetime, settings: Settings) -> SendCard:
    """The card of a to-do whose time has come, to the one who has it."""
    view = view_of(ringing.todo, ringing.customer, at)
    card = reminder_card(view, ringing.colleagues, settings.reminders.snooze_minutes)
    return SendCard(ToUser(ringing.todo.assignee_id), card, subject(ringing.todo))
