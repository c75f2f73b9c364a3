"""Cards of leads: one customer's standing, and the list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cards.actions import CommandRun
from cards.model import Button, Card, Field, Severity

_BUTTON_NAME, _BUTTONS = 12, 4


@dataclass(frozen=True, slots=True)
class LeadView:
    """What is shown of one customer; empty strings and lines are left out."""

    customer: str
    owner: str
    stage: str
    amount: str
    next_step: str
    overdue: bool
    contacts: str
    todos: tuple[str, ...]
    lately: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LeadLine:
    """One line of the list."""

    customer: str
    about: str


def lead_card(view: LeadView) -> Card:
    shown = (
        ("负责人", view.owner),
        ("阶段", view.stage),
        ("下一步", view.next_step),
        ("金额", view.amount),
        ("联系人", view.contacts),
        ("待办", "\n".join(view.todos)),
        ("最近", "\n".join(view.lately)),
    )
    return Card(
        title=view.customer,
        severity=Severity.WARNING if view.overdue else Severity.INFO,
        fields=tuple(Field(name, value) for name, value in shown if value),
    )


def leads_card(lines: Sequence[LeadLine], count: str) -> Card:
    """The first open leads of `count`, the latest touched first; a button each for the first ones."""
    if not lines:
        return Card(title="还没有线索", note="说一句“今天第一次拜访了某某公司”，或发 /lead 新建 某某公司")
    runs = [(line, CommandRun(f"/lead {line.customer}")) for line in lines[:_BUTTONS]]
    return Card(
        title=f"线索（{count}）",
        fields=tuple(Field(line.customer, line.about) for line in lines),
        buttons=tuple(Button(line.customer[:_BUTTON_NAME], run.encode()) for line, run in runs if run.fits()),
        note="" if count == str(len(lines)) else "还有没列出的，发 /lead 全部 看全部",
    )


def leads_text(lines: Sequence[LeadLine], count: str) -> str:
    """The same in plain lines."""
    rest = [] if count == str(len(lines)) else [f"只列出最近跟进的 {len(lines)} 条"]
    return "\n".join([f"线索（{count}）", *(f"{line.customer}：{line.about}" for line in lines), *rest])
