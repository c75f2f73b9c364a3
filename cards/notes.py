"""The card of a record: what was understood, to be confirmed, corrected or taken back."""

from __future__ import annotations

from dataclasses import dataclass, replace

from cards.actions import NoteConfirm, NoteCustomer, NoteEdit, NoteSave, NoteShow, NoteUndo
from cards.model import Button, Card, CardState, Field, Input, InputKind, Option, Severity, Style
from cards.wording import STAGES

MAX_EDITED = 3
TODO = "待办"
_HOW_TO_CLEAR = "清空日期就不定时间；待办和日期都清空，就去掉这条待办。"
_NOT_MADE_OUT = {True: "没听出", False: "没认出"}


@dataclass(frozen=True, slots=True)
class TodoLine:
    """A to-do as it reads: `who` does it, `due` in words (empty without a time)."""

    title: str
    who: str
    due: str


@dataclass(frozen=True, slots=True)
class NoteView:
    """What the card shows. `choices`: customers (id, name) to choose from, `said`: the words of a voice note.

    `state` is the note's: draft, unsure, confirmed, undone. `cancelled`: promises that need not be kept since the deal
    is lost, `left`: how many other to-dos the customer has. `closing`: who did what, for the card's last line.
    `cut`: that the end of a long note was left out, in words.
    """

    note_id: int
    state: str
    kind: str
    customer: str | None
    choices: tuple[tuple[int, str], ...]
    new_customer: str | None
    contacts: tuple[str, ...]
    needs: tuple[str, ...]
    todos: tuple[TodoLine, ...]
    stage: str
    amount: str
    said: str
    cancelled: tuple[str, ...] = ()
    left: int = 0
    closing: str = ""
    cut: str = ""


@dataclass(frozen=True, slots=True)
class TodoValues:
    """One to-do's inputs: ISO day, `HH:MM`."""

    title: str
    day: str
    clock: str


@dataclass(frozen=True, slots=True)
class NoteValues:
    """What stands in the inputs at first. `customers`: (id, name) to choose from."""

    customer_id: int | None
    customers: tuple[tuple[int, str], ...]
    todos: tuple[TodoValues, ...]
    amount: str
    stage: str


def note_card(view: NoteView) -> Card:
    """The record, with the buttons that fit its state."""
    if view.state in ("confirmed", "undone"):
        return _closed(view)
    unsure = view.state == "unsure"
    return Card(
        title="这条记录是哪个客户的？" if unsure else _title(view),
        severity=Severity.WARNING if unsure else Severity.INFO,
        fields=_fields(view),
        buttons=_choices(view) if unsure else _buttons(view.note_id),
        note=view.closing or _hint(view),
    )


def changes(before: NoteView, after: NoteView) -> str:
    """What reads otherwise than before, in words."""
    had, has = _fields(before), _fields(after)
    new = [f"{field.name} {field.value}" for field in has if field not in had]
    kept = {field.name for field in has}
    gone = [f"{field.name}去掉了" for field in had if field.name not in kept]
    return "；".join([*new, *gone]) or _title(after)


def edit_card(view: NoteView, values: NoteValues) -> Card:
    """The record with its inputs open."""
    return Card(
        title="修改记录",
        fields=tuple(field for field in _fields(view) if field.name in ("联系人", "需求", "原话")),
        inputs=_inputs(values),
        buttons=(
            Button("保存", NoteSave(view.note_id).encode(), Style.PRIMARY),
            Button("取消", NoteShow(view.note_id).encode()),
        ),
        note=_HOW_TO_CLEAR if values.todos else "",
    )


def _closed(view: NoteView) -> Card:
    undone = view.state == "undone"
    return Card(
        title=f"已撤销：{view.customer or view.kind}" if undone else _title(view),
        severity=Severity.INFO if undone else Severity.SUCCESS,
        fields=_fields(view),
        state=CardState.DONE,
        note=view.closing or ("已撤销，这条记录带来的改动都收回了" if undone else "已确认"),
    )


def _title(view: NoteView) -> str:
    if view.customer:
        return f"{view.kind}：{view.customer}"
    return "待办已建" if view.kind == TODO else "已记录（未关联客户）"


def _hint(view: NoteView) -> str:
    if view.customer is None and view.state == "draft":
        return f"{_NOT_MADE_OUT[bool(view.said)]}是哪个客户；需要的话直接回复“客户是某某”"
    return ""


def _fields(view: NoteView) -> tuple[Field, ...]:
    shown = [
        ("客户", view.customer or ""),
        ("联系人", "、".join(view.contacts)),
        ("需求", "；".join(view.needs)),
        *((f"待办{_number(view, i)}", _todo(todo)) for i, todo in enumerate(view.todos, 1)),
        ("阶段", view.stage),
        ("金额", view.amount),
        ("已取消的承诺", "；".join(view.cancelled)),
        ("其他待办", f"还有 {view.left} 条，仍会提醒" if view.left else ""),
        ("原话", view.said),
        ("注意", view.cut),
    ]
    return tuple(Field(name, value) for name, value in shown if value)


def _number(view: NoteView, index: int) -> str:
    return f" {index}" if len(view.todos) > 1 else ""


def _todo(todo: TodoLine) -> str:
    return " · ".join(filter(None, (todo.title, todo.who, todo.due or "未定时间")))


def _buttons(note_id: int) -> tuple[Button, ...]:
    return (
        Button("确认", NoteConfirm(note_id).encode(), Style.PRIMARY),
        Button("修改", NoteEdit(note_id).encode()),
        Button("撤销", NoteUndo(note_id).encode(), Style.DANGER),
    )


def _choices(view: NoteView) -> tuple[Button, ...]:
    known = [Button(name, NoteCustomer(view.note_id, key).encode()) for key, name in view.choices]
    if known:
        known[0] = replace(known[0], style=Style.PRIMARY)
    if view.new_customer:
        known.append(Button(f"新建客户 {view.new_customer}", NoteCustomer(view.note_id, 0).encode()))
    return (*known, Button("撤销", NoteUndo(view.note_id).encode(), Style.DANGER))


def _inputs(values: NoteValues) -> tuple[Input, ...]:
    customers = tuple(Option(str(key), name) for key, name in values.customers)
    current = str(values.customer_id or "")
    found = [Input("customer", "客户", InputKind.SELECT, customers, current)] if customers else []
    for number, todo in enumerate(values.todos[:MAX_EDITED], 1):
        mark = f" {number}" if len(values.todos) > 1 else ""
        found += [
            Input(f"title_{number}", f"待办{mark}", InputKind.TEXT, value=todo.title),
            Input(f"day_{number}", f"日期{mark}", InputKind.DATE, value=todo.day),
            Input(f"clock_{number}", f"时间{mark}（如 15:00）", InputKind.TEXT, value=todo.clock),
        ]
    stages = (Option("", "不变"), *(Option(code, name) for code, name in STAGES.items()))
    found.append(Input("stage", "阶段", InputKind.SELECT, stages, values.stage))
    found.append(Input("amount", "金额（元）", InputKind.NUMBER, value=values.amount))
    return tuple(found)
