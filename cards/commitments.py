"""Cards of promises to customers: the warning before a deadline, the alert after it, and the list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cards.actions import AlertDismiss, AlertRemind, CommitmentKept
from cards.model import Button, Card, CardState, Field, Severity, Style


@dataclass(frozen=True, slots=True)
class PromiseView:
    """What the card shows. `due` in words; `left` is the countdown: 还剩 5 小时, 已超时 15 分钟."""

    commitment_id: int
    title: str
    customer: str | None
    rep: str
    due: str
    left: str
    late: bool = False


def promise_card(view: PromiseView) -> Card:
    """A promise just given: it counts down from now on."""
    return Card(title=f"承诺：{view.title}", fields=_fields(view), buttons=(_kept(view),))


def warning_card(view: PromiseView) -> Card:
    """For the rep, shortly before the deadline."""
    return Card(
        title=f"承诺快到期：{view.title}", severity=Severity.WARNING, fields=_fields(view), buttons=(_kept(view),)
    )


def late_card(view: PromiseView) -> Card:
    """For the rep, once the deadline is over."""
    return Card(title=f"承诺超时：{view.title}", severity=Severity.DANGER, fields=_fields(view), buttons=(_kept(view),))


def alert_card(view: PromiseView, alert_id: int) -> Card:
    """For the manager, once the deadline is over."""
    return Card(
        title=f"承诺超时：{view.title}",
        severity=Severity.DANGER,
        fields=(Field("销售", view.rep), *_fields(view)),
        buttons=(
            Button("提醒", AlertRemind(alert_id).encode(), Style.PRIMARY),
            Button("忽略", AlertDismiss(alert_id).encode()),
        ),
    )


def closed_card(view: PromiseView, note: str, *, kept: bool = True) -> Card:
    """A promise that needs nothing more from its reader."""
    return Card(
        title=f"承诺：{view.title}",
        severity=Severity.SUCCESS if kept else Severity.INFO,
        fields=(Field("销售", view.rep), *_fields(view, closed=True)),
        state=CardState.DONE,
        note=note,
    )


def list_card(views: Sequence[PromiseView], hidden: int) -> Card:
    """Open promises, the soonest due first; `hidden` more are not shown."""
    if not views:
        return Card(title="没有未兑现的承诺", severity=Severity.SUCCESS, note="例如：/promise 72小时内给华昌发方案")
    return Card(
        title=f"未兑现的承诺（{len(views) + hidden}）",
        severity=Severity.WARNING if any(view.late for view in views) else Severity.INFO,
        fields=tuple(Field(f"{number}. {view.title}", _line(view)) for number, view in enumerate(views, 1)),
        buttons=tuple(_kept(view, f"兑现 {number}") for number, view in enumerate(views, 1)),
        note=f"还有 {hidden} 条没列出" if hidden else "",
    )


def _kept(view: PromiseView, label: str = "承诺已兑现") -> Button:
    return Button(label, CommitmentKept(view.commitment_id).encode(), Style.PRIMARY)


def _fields(view: PromiseView, *, closed: bool = False) -> tuple[Field, ...]:
    shown = (("客户", view.customer or ""), ("期限", view.due), ("倒计时", "" if closed else view.left))
    return tuple(Field(name, value) for name, value in shown if value)


def _line(view: PromiseView) -> str:
    return " · ".join(filter(None, (view.customer, view.rep, view.due, view.left)))
