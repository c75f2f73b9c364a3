"""The manager's card of an overdue step, open and decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cards.actions import AlertDismiss, AlertExtend, AlertReassign, AlertRemind
from cards.model import Button, Card, CardState, Field, Input, InputKind, Option, Severity, Style


@dataclass(frozen=True, slots=True)
class OverdueView:
    """What the card shows; all times in words."""

    alert_id: int
    customer: str
    rep: str
    touchpoint: str
    due: str
    late: str
    last_contact: str


def overdue_card(view: OverdueView, until: str, reps: Sequence[tuple[int, str]]) -> Card:
    """`until` is the day proposed for more time (ISO); `reps` (id, name) are those the lead can be given to."""
    buttons = [
        Button("提醒", AlertRemind(view.alert_id).encode(), Style.PRIMARY),
        Button("延期", AlertExtend(view.alert_id).encode()),
        Button("转派", AlertReassign(view.alert_id).encode()),
        Button("忽略", AlertDismiss(view.alert_id).encode()),
    ]
    return Card(
        title=f"跟进逾期：{view.customer}",
        severity=Severity.WARNING,
        fields=_fields(view),
        markdown="也可以直接回复：提醒他、延到周五、转给某某、忽略",
        buttons=tuple(buttons),
        inputs=_inputs(until, reps),
    )


def decided_card(view: OverdueView, note: str) -> Card:
    """The same card once somebody decided: `note` says who did what."""
    return Card(
        title=f"跟进逾期：{view.customer}",
        severity=Severity.SUCCESS,
        fields=_fields(view),
        state=CardState.DONE,
        note=note,
    )


def gone_card(rep: str, note: str) -> Card:
    """In its place when the step does not exist any more: `note` says why."""
    return Card(title="跟进步骤已取消", fields=(Field("销售", rep),), state=CardState.DONE, note=note)


def _fields(view: OverdueView) -> tuple[Field, ...]:
    return (
        Field("销售", view.rep),
        Field("跟进步骤", view.touchpoint),
        Field("应完成", f"{view.due}（已逾期 {view.late}）"),
        Field("最近联系", view.last_contact),
    )


def _inputs(until: str, reps: Sequence[tuple[int, str]]) -> tuple[Input, ...]:
    inputs = [Input("until", "延期到", InputKind.DATE, value=until)]
    if reps:
        options = tuple(Option(str(key), name) for key, name in reps)
        inputs.append(Input("assignee", "转派给", InputKind.SELECT, options))
    return tuple(inputs)
