"""Cards of to-dos: one that rings, one that was handed over, and the list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cards import wording
from cards.actions import CommandRun, TodoDone, TodoHandOver, TodoSnooze
from cards.model import Button, Card, CardState, Field, Input, InputKind, Option, Severity, Style

_GRACE = timedelta(minutes=1)
_FIRST = "说一句“明天下午三点给客户发报价”就能建一条"


@dataclass(frozen=True, slots=True)
class TodoView:
    """What the card shows, at `now`. `owner` is us or customer: what the customer has to do, we chase.

    `rings_at`: when it rings next.
    """

    todo_id: int
    title: str
    owner: str
    customer: str | None
    due_at: datetime | None
    now: datetime
    rings_at: datetime | None = None

    @property
    def due(self) -> str:
        return wording.when(self.due_at, self.now) if self.due_at else ""

    @property
    def overdue(self) -> bool:
        """More than a minute late: a reminder that rings at its very time is not, nor is what was put off."""
        return self.due_at is not None and self.due_at < self.now - _GRACE and not self.again

    @property
    def again(self) -> str:
        """When it rings again, where it was put off beyond its time; else empty."""
        if self.rings_at is None or self.rings_at <= max(self.now, self.due_at or self.now):
            return ""
        return f"将于 {wording.soon(self.rings_at, self.now)} 再提醒"

    @property
    def by_customer(self) -> bool:
        return self.owner == "customer"


def reminder_card(
    view: TodoView, colleagues: Sequence[tuple[int, str]], snooze_minutes: int, *, heading: str = "待办提醒"
) -> Card:
    """A to-do that asks for attention. `colleagues` (id, name) are those it can be handed to."""
    buttons = [
        Button("完成", TodoDone(view.todo_id).encode(), Style.PRIMARY),
        Button(_later(snooze_minutes), TodoSnooze(view.todo_id, snooze_minutes).encode()),
        Button("明早", TodoSnooze(view.todo_id, 0).encode()),
    ]
    if colleagues:
        buttons.append(Button("转给…", TodoHandOver(view.todo_id).encode()))
    return Card(
        title=f"{heading}：{view.title}",
        severity=Severity.WARNING if view.overdue else Severity.INFO,
        fields=_fields(view),
        buttons=tuple(buttons),
        inputs=_assignees(colleagues),
    )


def settled_card(view: TodoView, outcome: str, *, success: bool = True) -> Card:
    """A to-do that needs nothing more from its reader; `outcome` says why."""
    return Card(
        title=f"待办：{view.title}",
        severity=Severity.SUCCESS if success else Severity.INFO,
        fields=_fields(view),
        state=CardState.DONE,
        note=outcome,
    )


def list_card(views: Sequence[TodoView], hidden: int) -> Card:
    """Open to-dos, numbered; `hidden` more are not shown."""
    if not views:
        return Card(title="没有未完成的待办", severity=Severity.SUCCESS, note=_FIRST)
    return Card(
        title=f"我的待办（{len(views) + hidden}）",
        severity=Severity.WARNING if any(view.overdue for view in views) else Severity.INFO,
        fields=tuple(Field(f"{number}. {view.title}", _line(view)) for number, view in enumerate(views, 1)),
        buttons=tuple(
            Button(f"完成 {number}", TodoDone(view.todo_id).encode()) for number, view in enumerate(views, 1)
        ),
        note=f"还有 {hidden} 条没列出，发 /todo 全部 看全部" if hidden else "",
    )


def list_text(views: Sequence[TodoView], hidden: int) -> str:
    """Open to-dos in plain lines, numbered as in the list; `hidden` more are not shown."""
    lines = [f"{number}. {view.title}（{_line(view)}）" for number, view in enumerate(views, 1)]
    rest = [f"还有 {hidden} 条没列出"] if hidden else []
    return "\n".join([f"我的待办（{len(views) + hidden}）", *lines, *rest])


def choice_card(question: str, commands: Sequence[tuple[str, str]]) -> Card:
    """A question that is answered by running a command: (label, command) each."""
    runs = ((label, CommandRun(text)) for label, text in commands)
    return Card(title=question, buttons=tuple(Button(label, run.encode()) for label, run in runs if run.fits()))


def _later(minutes: int) -> str:
    return f"{minutes // 60}小时后" if minutes % 60 == 0 else f"{minutes}分钟后"


def _fields(view: TodoView) -> tuple[Field, ...]:
    shown = (
        ("客户", view.customer or ""),
        ("时间", view.due + ("（已过期）" if view.overdue else "")),
        ("提醒", view.again),
        ("责任方", "客户，请跟催" if view.by_customer else ""),
    )
    return tuple(Field(name, value) for name, value in shown if value)


def _line(view: TodoView) -> str:
    marks = ("已过期" if view.overdue else view.again, "等客户" if view.by_customer else "")
    parts = (view.customer, view.due or "未定时间", *marks)
    return " · ".join(filter(None, parts))


def _assignees(colleagues: Sequence[tuple[int, str]]) -> tuple[Input, ...]:
    options = tuple(Option(str(key), name) for key, name in colleagues)
    return (Input("assignee", "转给", InputKind.SELECT, options),) if options else ()
