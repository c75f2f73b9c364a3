"""Corrections of a record in words: "不对，是周四", "客户是恒瑞机械", "金额改成五十万"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from intents.customers import find_mentions
from intents.heard import put_right
from intents.lexicon import Lexicon
from intents.model import AmountKind, Owner, Record, Stage, Todo
from intents.money import find_money
from intents.normal import fold, simplify
from intents.numerals import parse_int
from intents.patterns import any_of, one_of
from intents.people import contacts_of, find_people
from intents.times import find_times, resolve_like
from intents.tracing import STAGE_NAMES

MAX_CORRECTION = 60
_HESITATION = r"(?:哦|噢|啊|呃|嗯|等等|等一下|抱歉|不好意思|刚才|我|刚刚|[,，\s])*"
_MARK = re.compile(
    rf"^{_HESITATION}"
    + one_of(
        """
        不对 不是 错了 [说记写听弄搞]错 打错 更正 纠正 修正 改 应该 是 换成 调整 推迟 延 提前 把 将
        第[一二三四五\\d]个?(?:待办)?
        """
    )
)
_WHAT = one_of(
    "客户 公司 金额 总额 合同额 预算 付款 联系人 时间 日期 截止 到期 内容 标题 待办 阶段 触点 负责人"
)
_LABEL = re.compile(
    rf"{_WHAT}(?:名称?|名字|时间|日期)?(?:不对|错了|有误)?[,，]?(?:应该|改|换|调整|更正|不)?(?:是|为|成|到|叫|:)"
)
_CHANGE = any_of("改成 改为 改到 换到 换成 应该是 推迟到 延到 延期到 提前到 挪到 调到 调整到")
_SAID = r"(?:不对|错了)?[,，]?(?:应该|改|换)?(?:是|成|为|叫|:)"
_VALUE = r"[^,，。;；!?\s]"
_CUSTOMER = re.compile(rf"(?:客户|公司)(?:名称?|名字)?{_SAID}(?P<name>{_VALUE}{{2,20}})")
_CONTACT = re.compile(rf"(?:联系人|对接人){_SAID}(?P<names>{_VALUE}{{1,20}})")
_TITLE = re.compile(rf"(?:内容|标题|待办|事项){_SAID}(?P<title>[^。;；]{{2,60}})")
_NTH = re.compile(r"第(?P<n>[一二三四五六七八九\d])(?:个|条|项)")
_BY_US = re.compile(r"(?:由|是|归)(?:我们?|我方|我司)(?:来|去)?(?:负责|做|办|给|发|提供)")
_BY_CUSTOMER = re.compile(r"(?:由|是|归)(?:客户|对方|他们)(?:来|去)?(?:负责|做|办|给|发|提供)")
_KINDS = {
    "预算": AmountKind.BUDGET, "付款": AmountKind.PAYMENT, "回款": AmountKind.PAYMENT,
    "金额": AmountKind.DEAL, "总额": AmountKind.DEAL, "合同额": AmountKind.DEAL,
}  # fmt: skip
_REPORT = re.compile(r"拜访|聊了|沟通了|通完|演示(?:完|了)|刚(?:跟|从|去)|今天(?:去|跟)|答应|承诺")


def amend(record: Record, text: str, lexicon: Lexicon, now: datetime) -> Record | None:
    """The record with the one thing (or the things) changed that `text` corrects; None if it is no correction.

    What a correction does not name stays: "不对，是周四" keeps the hour. With several to-dos, the one is changed
    that is numbered ("第二个改到周五") or named by its words, else the first that has a due time.
    """
    text = put_right(simplify(text.strip()), lexicon)
    folded = fold(text)
    if not _looks_like_one(folded, lexicon, now):
        return None
    changed = record
    for change in (_customer, _contacts, _amount, _stage, _owner, _title, _due):
        changed = change(changed, text, folded, lexicon, now)
    return changed if changed != record else None


def _looks_like_one(folded: str, lexicon: Lexicon, now: datetime) -> bool:
    if not folded or len(folded) > MAX_CORRECTION or _REPORT.search(folded):
        return False
    if _MARK.search(folded) or _LABEL.search(folded) or _CHANGE.search(folded):
        return True
    spans = find_times(folded, now, lexicon.calendar)
    return len(spans) == 1 and spans[0].end - spans[0].start >= len(folded.rstrip("。.!吧前之")) - 1


def _customer(record: Record, text: str, folded: str, lexicon: Lexicon, now: datetime) -> Record:
    mentions = [mention for mention in find_mentions(folded, lexicon) if not mention.denied]
    labelled = _CUSTOMER.search(folded)
    if labelled:
        inside = [mention for mention in mentions if mention.start >= labelled.start("name")]
        if not inside:
            start, end = labelled.span("name")
            return replace(record, customer=None, candidates=(), new_customer=text[start:end])
        mentions = inside
    if not mentions:
        return record
    last = mentions[-1]
    return replace(record, customer=last.customer, candidates=last.candidates, new_customer=None)


def _contacts(record: Record, text: str, folded: str, lexicon: Lexicon, now: datetime) -> Record:
    labelled = _CONTACT.search(folded)
    if labelled:
        start, end = labelled.span("names")
        names = tuple(filter(None, re.split(r"[、和跟及]", text[start:end])))
        return replace(record, contacts=names) if names else record
    taken = [(mention.start, mention.end) for mention in find_mentions(folded, lexicon)]
    taken += [(span.start, span.end) for span in find_times(text, now, lexicon.calendar)]
    people = find_people(text, folded, lexicon, taken)
    named = contacts_of([person for person in people if not _denied(folded, person.start)])
    if not named:
        return record
    wrong = set(contacts_of([person for person in people if _denied(folded, person.start)]))
    kept = () if len(record.contacts) <= 1 else tuple(name for name in record.contacts if name not in wrong)
    return replace(record, contacts=tuple(dict.fromkeys((*kept, *named))))


def _denied(folded: str, start: int) -> bool:
    return folded[max(0, start - 2) : start] == "不是"


def _amount(record: Record, text: str, folded: str, lexicon: Lexicon, now: datetime) -> Record:
    money = find_money(folded)
    if not money:
        return record
    kind = next((kind for word, kind in _KINDS.items() if word in folded), None)
    return replace(record, amount=money[-1].yuan, amount_kind=kind or record.amount_kind or money[-1].kind)


def _stage(record: Record, text: str, folded: str, lexicon: Lexicon, now: datetime) -> Record:
    if not re.search(r"阶段|触点", folded):
        return record
    found: Stage | None = next((stage for stage, name in STAGE_NAMES.items() if name in folded), None)
    return replace(record, stage=found) if found else record


def _owner(record: Record, text: str, folded: str, lexicon: Lexicon, now: datetime) -> Record:
    owner = Owner.US if _BY_US.search(folded) else Owner.CUSTOMER if _BY_CUSTOMER.search(folded) else None
    if owner is None or not record.todos:
        return record
    at = _which(record.todos, folded)
    promise = record.todos[at].is_promise and owner == Owner.US
    return _with_todo(record, at, replace(record.todos[at], owner=owner, is_promise=promise))


def _title(record: Record, text: str, folded: str, lexicon: Lexicon, now: datetime) -> Record:
    found = _TITLE.search(folded)
    if not found or not record.todos or find_times(found["title"], now, lexicon.calendar):
        return record
    start, end = found.span("title")
    at = _which(record.todos, folded)
    return _with_todo(record, at, replace(record.todos[at], title=text[start:end].strip()))


def _due(record: Record, text: str, folded: str, lexicon: Lexicon, now: datetime) -> Record:
    if not record.todos or not find_times(text, now, lexicon.calendar):
        return record
    at = _which(record.todos, folded)
    todo = record.todos[at]
    span = resolve_like(text, todo.due, now, lexicon.calendar) if todo.due else None
    span = span or find_times(text, now, lexicon.calendar)[-1]
    return _with_todo(record, at, replace(todo, due=span.due, remind_at=span.remind_at))


def _which(todos: Sequence[Todo], folded: str) -> int:
    """The to-do that is meant: by number, by its words, else the first with a due time."""
    numbered = _NTH.search(folded)
    number = parse_int(numbered["n"]) if numbered else None
    if number and number <= len(todos):
        return number - 1
    shared = [_shared_pairs(fold(todo.title), folded) for todo in todos]
    if max(shared) > 0:
        return shared.index(max(shared))
    return next((i for i, todo in enumerate(todos) if todo.due), 0)


def _shared_pairs(title: str, folded: str) -> int:
    return sum(title[i : i + 2] in folded for i in range(len(title) - 1))


def _with_todo(record: Record, at: int, todo: Todo) -> Record:
    return replace(record, todos=(*record.todos[:at], todo, *record.todos[at + 1 :]))
