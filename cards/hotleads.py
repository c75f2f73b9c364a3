"""Cards of hot leads: the offer to a rep, what became of it, and the manager's when nobody took it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cards.actions import AlertDismiss, AlertReassign, HotLeadAccept, HotLeadPass
from cards.model import Button, Card, CardState, Field, Input, InputKind, Option, Severity, Style


@dataclass(frozen=True, slots=True)
class HotLeadView:
    """What the card shows. `asked_at` in words; `lines` are the last lines of the group, oldest first."""

    hot_lead_id: int
    customer: str
    asked_by: str
    words: str
    asked_at: str
    text: str
    lines: Sequence[str] = ()


def offer_card(view: HotLeadView, minutes: int) -> Card:
    """The offer: `minutes` is how long it stands."""
    return Card(
        title=f"热线索：{view.customer}",
        severity=Severity.DANGER,
        fields=(*_fields(view), Field("接单时限", f"{minutes} 分钟，超时自动转给下一位")),
        markdown=_context(view),
        buttons=(
            Button("接单", HotLeadAccept(view.hot_lead_id).encode(), Style.PRIMARY),
            Button("转给下一位", HotLeadPass(view.hot_lead_id).encode()),
        ),
    )


def passed_card(view: HotLeadView, note: str) -> Card:
    """For who let the offer go; it can still be taken while nobody has it."""
    return Card(
        title=f"热线索：{view.customer}",
        severity=Severity.INFO,
        fields=_fields(view),
        buttons=(Button("还是我来", HotLeadAccept(view.hot_lead_id).encode()),),
        note=note,
    )


def settled_card(view: HotLeadView, note: str, *, mine: bool) -> Card:
    """Somebody has it: `mine` is the taker's own card."""
    return Card(
        title=f"热线索：{view.customer}",
        severity=Severity.SUCCESS if mine else Severity.INFO,
        fields=_fields(view),
        markdown=_context(view) if mine else "",
        state=CardState.DONE,
        note=note,
    )


def escalated_card(view: HotLeadView, alert_id: int, tried: Sequence[str], reps: Sequence[tuple[int, str]]) -> Card:
    """For the manager: nobody of `tried` took it; `reps` (id, name) are those it can be given to."""
    options = tuple(Option(str(key), name) for key, name in reps)
    return Card(
        title=f"热线索没人接：{view.customer}",
        severity=Severity.DANGER,
        fields=(*_fields(view), Field("已问过", "、".join(tried) or "没有可派的销售")),
        markdown=_context(view),
        buttons=(
            Button("指派", AlertReassign(alert_id).encode(), Style.PRIMARY),
            Button("忽略", AlertDismiss(alert_id).encode()),
        ),
        inputs=(Input("assignee", "指派给", InputKind.SELECT, options),) if options else (),
    )


def closed_escalation_card(view: HotLeadView, tried: Sequence[str], note: str) -> Card:
    """The manager's card once it is decided."""
    return Card(
        title=f"热线索：{view.customer}",
        severity=Severity.SUCCESS,
        fields=(*_fields(view), Field("已问过", "、".join(tried) or "没有可派的销售")),
        state=CardState.DONE,
        note=note,
    )


def _fields(view: HotLeadView) -> tuple[Field, ...]:
    return (
        Field("客户", f"{view.customer} · {view.asked_by}"),
        Field("关键词", view.words),
        Field("时间", view.asked_at),
        Field("原话", view.text),
    )


def _context(view: HotLeadView) -> str:
    return "\n\n".join(f"> {line}" for line in view.lines)
