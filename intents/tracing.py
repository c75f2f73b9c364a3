"""The lines by which `/why` explains a record: which words were taken for what."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from intents.customers import Mention
from intents.model import AmountKind, Intent, Owner, Record, Stage
from intents.money import Money
from intents.times import TimeSpan

INTENT_NAMES = {
    Intent.NOTE: "记录", Intent.TODO: "待办", Intent.QUERY: "查询",
    Intent.FORECAST: "预测", Intent.WON: "赢单", Intent.LOST: "丢单",
}  # fmt: skip
STAGE_NAMES = {
    Stage.FIRST_CONTACT: "首次接触", Stage.NEEDS_CONFIRMED: "需求确认", Stage.SOLUTION_DEMO: "方案演示",
    Stage.OBJECTION_HANDLING: "异议处理", Stage.CLOSING_PREP: "签约准备",
}  # fmt: skip
AMOUNT_NAMES = {AmountKind.DEAL: "成交金额", AmountKind.BUDGET: "预算", AmountKind.PAYMENT: "付款"}
_WEEKDAYS = "一二三四五六日"


def trace_of(
    text: str,
    mentions: Iterable[Mention],
    times: Iterable[TimeSpan],
    money: Iterable[Money],
    records: Sequence[Record],
    stage_words: str,
) -> tuple[str, ...]:
    """Chinese lines, in the order customer, times, amounts, then what the records say."""
    lines = [_mention_line(text, mention) for mention in mentions]
    lines += [_time_line(span) for span in times]
    lines += [_money_line(text, amount) for amount in money]
    for record in records:
        lines += _record_lines(record, stage_words)
    return tuple(dict.fromkeys(lines))


def _mention_line(text: str, mention: Mention) -> str:
    words = text[mention.start : mention.end]
    if mention.customer:
        return f"客户：“{words}” → {mention.customer}"
    return f"客户：“{words}” 可能是 {'、'.join(mention.candidates)}，不能确定"


def _time_line(span: TimeSpan) -> str:
    day = f"{span.due.year}年{span.due.month}月{span.due.day}日（周{_WEEKDAYS[span.due.weekday()]}）{span.due:%H:%M}"
    note = "" if span.official else "（该年官方工作日历未公布，按法定节假日推算）"
    return f"时间：“{span.text}” → {day}{note}"


def _money_line(text: str, money: Money) -> str:
    kind = AMOUNT_NAMES[money.kind] if money.kind else "金额"
    words = text[money.start : money.end]
    return f"{kind}：“{words}” → {money.yuan:,} 元" + ("" if money.counts else "（单价、差额或竞品价，不计入）")


def _record_lines(record: Record, stage_words: str) -> list[str]:
    lines = [f"类型：{INTENT_NAMES[record.intent]}"]
    if record.stage:
        lines.append(f"触点：{STAGE_NAMES[record.stage]}" + (f"（“{stage_words}”）" if stage_words else ""))
    if record.contacts:
        lines.append(f"联系人：{'、'.join(record.contacts)}")
    if record.new_customer:
        lines.append(f"未建档的客户：{record.new_customer}")
    for todo in record.todos:
        owner = "客户" if todo.owner == Owner.CUSTOMER else (todo.assignee or "我方")
        lines.append(f"待办：{todo.title}（{owner}{'，承诺' if todo.is_promise else ''}）")
    return lines
