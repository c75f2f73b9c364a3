"""The weekly forecast: the card that asks a rep, what they answered, and the team's table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cards.actions import ForecastSubmit
from cards.model import Button, Card, CardState, Field, Input, InputKind, Severity, Style

_SHOWN = 8


@dataclass(frozen=True, slots=True)
class DealView:
    """One open opportunity; amounts in words."""

    customer: str
    amount: str
    stage: str
    probability: int


@dataclass(frozen=True, slots=True)
class ForecastView:
    """`week` is ISO (`2026-W10`); `expected` and `commit` are the rep's own numbers so far, in words or empty."""

    week: str
    deals: Sequence[DealView]
    total: str
    weighted: str
    expected: str = ""
    commit: str = ""


def ask_card(view: ForecastView) -> Card:
    """Asks for the rep's numbers, next to what the pipeline says."""
    return Card(
        title=f"本周预测（{view.week}）",
        fields=_sums(view),
        markdown=_deals(view),
        buttons=(Button("提交预测", ForecastSubmit(view.week).encode(), Style.PRIMARY),),
        inputs=(
            Input("expected", "预计签约（万元）", InputKind.NUMBER),
            Input("commit", "确保签约（万元）", InputKind.NUMBER),
        ),
        note="也可以直接发：/forecast 80万",
    )


def answered_card(view: ForecastView, note: str) -> Card:
    """The rep's numbers as they stand."""
    return Card(
        title=f"本周预测（{view.week}）",
        severity=Severity.SUCCESS,
        fields=(*_own(view), *_sums(view)),
        markdown=_deals(view),
        state=CardState.DONE,
        note=note,
    )


def team_card(week: str, rows: Sequence[tuple[str, ForecastView]], sums: Sequence[tuple[str, str]]) -> Card:
    """For a manager: a line each rep, and the sums."""
    lines = [
        Field(name, f"预计 {view.expected or '未填'} · 确保签约 {view.commit or '未填'} · 加权 {view.weighted}")
        for name, view in rows
    ]
    return Card(title=f"团队预测（{week}）", fields=(*lines, *(Field(name, value) for name, value in sums)))


def _own(view: ForecastView) -> tuple[Field, ...]:
    shown = (("预计签约", view.expected), ("确保签约", view.commit))
    return tuple(Field(name, value) for name, value in shown if value)


def _sums(view: ForecastView) -> tuple[Field, ...]:
    return (
        Field("在谈商机", f"{len(view.deals)} 个，共 {view.total}"),
        Field("加权预测", view.weighted),
    )


def _deals(view: ForecastView) -> str:
    lines = [f"- {deal.customer} {deal.amount}（{deal.stage} {deal.probability}%）" for deal in view.deals[:_SHOWN]]
    if len(view.deals) > _SHOWN:
        lines.append(f"- 还有 {len(view.deals) - _SHOWN} 个")
    return "\n".join(lines)
