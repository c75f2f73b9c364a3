"""Corrections of a record in words: "不对，是周四", "客户是恒瑞机械", "金额改成五十万", "第二个删掉"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from intents import amend_forms as forms
from intents.amend_forms import Shift, Words
from intents.customers import Mention, find_mentions
from intents.heard import put_right
from intents.lexicon import Lexicon
from intents.model import AmountKind, Owner, Record, Stage, Todo
from intents.money import find_money
from intents.normal import fold, simplify
from intents.notes import understand
from intents.patterns import one_of
from intents.people import contacts_of, find_people, full_person
from intents.times import find_times, resolve_like
from intents.titles import clean_title
from intents.tracing import STAGE_NAMES

MAX_CORRECTION = 60
_BY_US = re.compile(r"(?:由|是|归)(?:我们?|我方|我司)(?:来|去)?(?:负责|做|办|给|发|提供)")
_BY_CUSTOMER = re.compile(r"(?:由|是|归)(?:客户|对方|他们)(?:来|去)?(?:负责|做|办|给|发|提供)")
_DEAL_WORDS = re.compile(r"成交|合同额|合同价|签约额")
_KINDS = {"预算": AmountKind.BUDGET, "付款": AmountKind.PAYMENT, "回款": AmountKind.PAYMENT}
_ABOUT_CUSTOMER = ("客户", "公司")
_ABOUT_CONTACT = ("联系人", "对接人")
_ABOUT_TITLE = ("内容", "标题", "事项", "待办")
_LIKE_A_COMPANY = re.compile(r"(?:那|这)?(?:一?家|个)?(?:公司|客户)?$")
_MONEY_AROUND = re.compile(rf"^{one_of('大概 大约 差不多 一共 总共 约 在 是')}*$|^{one_of('左右 出头 多 吧 元 块')}*$")
_TIME_AROUND = re.compile(rf"^{one_of('在 是 到 之前 以前 前 左右 吧 了 的 才 截止 那天')}*$")
_LOOSE = 8
_GENERIC = re.compile(r"时间|日期|截止|到期|内容|待办|事项|这个|那个|它|把|将|的|第.个")
_HALF_DAY = (12, 18)


@dataclass(frozen=True, slots=True)
class _Said:
    """The correction as it was said (simplified), and what it is read against."""

    text: str
    folded: str
    lexicon: Lexicon
    now: datetime
    asked: bool


def amend(record: Record, text: str, lexicon: Lexicon, now: datetime, *, asked: bool = False) -> Record | None:
    """The record with the one thing (or the things) changed that `text` corrects; None if it is no correction.

    What a correction does not name stays: "不对，是周四" keeps the hour, "金额不对，是80万" keeps what the amount
    stands for. With several to-dos, the one is changed that is numbered ("第二个改到周五") or named by its words,
    else the first that has a due time. A text that names another customer and tells something of its own is a new
    note. `asked`: an answer is waited for, so that a contact's name alone will do.
    """
    simple = put_right(simplify(text.strip()), lexicon)
    said = _Said(forms.turned(simple), forms.turned(fold(simple)), lexicon, now, asked)
    if not said.folded or len(said.folded) > MAX_CORRECTION or forms.is_report(said.folded):
        return None
    changed = _changed(record, said)
    if changed is None and re.search(r"[,，;；。]", said.folded):
        changed = _piece_by_piece(record, said)
    return changed


def _piece_by_piece(record: Record, said: _Said) -> Record | None:
    """第二个改到周五，金额改成五十万: every piece must be a correction."""
    for piece in filter(None, re.split(r"[,，;；。\s]+", said.text)):
        changed = _changed(record, replace(said, text=piece, folded=fold(piece)))
        if changed is None:
            return None
        record = changed
    return record


def _changed(record: Record, said: _Said) -> Record | None:
    whole = _structural(record, said)
    if whole is not None:
        return whole
    for words in forms.words_of(said.folded):
        for change in (_stage, _customer, _contacts, _kind, _amount, _due, _title):
            changed = change(record, words, said)
            if changed is not None and (changed != record or words.changes or words.marked):
                return changed
    return None


# --- who it is about --------------------------------------------------------------------------------------------


def _customer(record: Record, words: Words, said: _Said) -> Record | None:
    """Only when it is labelled, contrasted, or the value is the name and nothing else."""
    mention = _name_alone(words, said)
    labelled = words.label in _ABOUT_CUSTOMER and words.contrast is None
    if labelled and (words.changes or words.marked):
        if mention is None:
            name = said.text[words.start : words.end].strip(" ，,")
            return replace(record, customer=None, candidates=(), new_customer=name) if 2 <= len(name) <= 20 else None
        return _of(record, mention)
    if mention is not None and not (words.label and words.label not in _ABOUT_CUSTOMER):
        return _of(record, mention)
    return _sibling(record, words, said)


def _of(record: Record, mention: Mention) -> Record:
    return replace(record, customer=mention.customer, candidates=mention.candidates, new_customer=None)


def _name_alone(words: Words, said: _Said) -> Mention | None:
    """The customer that is all of the value, but for 那家 and the like."""
    value = said.folded[words.start : words.end]
    mention = next((found for found in find_mentions(value, said.lexicon) if found.start == 0), None)
    return mention if mention and _LIKE_A_COMPANY.fullmatch(value[mention.end :]) else None


def _sibling(record: Record, words: Words, said: _Said) -> Record | None:
    """是机电那家不是机床: the customer on file whose name differs in just that."""
    if not record.customer or not words.contrast or words.contrast not in fold(record.customer):
        return None
    value = re.sub(r"那?(?:一?家|个)$", "", said.folded[words.start : words.end])
    name = fold(record.customer).replace(words.contrast, value)
    found = next((other.name for other in said.lexicon.customers if fold(other.name) == name), None)
    return replace(record, customer=found, candidates=(), new_customer=None) if found else None


def _contacts(record: Record, words: Words, said: _Said) -> Record | None:
    value = said.text[words.start : words.end]
    if words.label in _ABOUT_CONTACT and (words.changes or words.marked):
        names = tuple(filter(None, re.split(r"[、和跟及]", value)))
        return replace(record, contacts=names) if names and max(map(len, names)) <= 8 else None
    if not full_person(fold(value), said.lexicon) or find_times(value, said.now, said.lexicon.calendar):
        return None
    old = words.contrast or (words.what if words.what in record.contacts else None)
    if not (old or words.marked or said.asked or words.changes):
        return None
    if old is None or len(record.contacts) <= 1:
        return replace(record, contacts=(value,))
    kept = tuple(value if name == old else name for name in record.contacts)
    return replace(record, contacts=tuple(dict.fromkeys((*kept, value))))


# --- how much, how far ------------------------------------------------------------------------------------------


def _kind(record: Record, words: Words, said: _Said) -> Record | None:
    """不是预算，是成交价: what the amount stands for."""
    value = said.folded[words.start : words.end]
    if record.amount is None or not words.changes or find_money(value):
        return None
    kind = _kind_said(value) if words.contrast or "金额" in words.what else None
    return replace(record, amount_kind=kind) if kind else None


def _kind_said(words: str) -> AmountKind | None:
    if _DEAL_WORDS.search(words):
        return AmountKind.DEAL
    return next((kind for word, kind in _KINDS.items() if word in words), None)


def _amount(record: Record, words: Words, said: _Said) -> Record | None:
    value = said.folded[words.start : words.end]
    money = find_money(value)
    if not money:
        return None
    last = money[-1]
    alone = _MONEY_AROUND.match(value[: last.start]) and _MONEY_AROUND.match(value[last.end :])
    if not alone and not words.label:
        return None
    label = words.what + words.label
    fallback = AmountKind.DEAL if "金额" in label else last.kind
    kind = _kind_said(label) or record.amount_kind or fallback
    return replace(record, amount=last.yuan, amount_kind=kind)


def _stage(record: Record, words: Words, said: _Said) -> Record | None:
    if words.label not in ("阶段", "触点"):
        return None
    value = said.folded[words.start : words.end]
    found: Stage | None = next((stage for stage, name in STAGE_NAMES.items() if name in value), None)
    return replace(record, stage=found) if found else None


# --- to-dos -----------------------------------------------------------------------------------------------------


def _due(record: Record, words: Words, said: _Said) -> Record | None:
    value = said.text[words.start : words.end]
    spans = find_times(value, said.now, said.lexicon.calendar)
    if not record.todos or not spans or _names_another(record, said):
        return None
    rest = fold(value[: spans[0].start] + "|" + value[spans[-1].end :])
    before, _, after = rest.partition("|")
    alone = _TIME_AROUND.fullmatch(before) and _TIME_AROUND.fullmatch(after)
    loose = words.changes or words.marked or bool(_meant(record.todos, before))
    if not alone and not (loose and len(rest) <= _LOOSE):
        return None
    about = words.what + before
    if not _fits(record, about, said.lexicon):
        return None
    at = _which(record.todos, about + after)
    todo = record.todos[at]
    span = resolve_like(value, todo.due, said.now, said.lexicon.calendar) if todo.due else None
    span = span or spans[-1]
    return _with_todo(record, at, replace(todo, due=span.due, remind_at=span.remind_at))


def _fits(record: Record, about: str, lexicon: Lexicon) -> bool:
    """会议改到周五 is about a record that has a meeting to do; without a name it may be about any."""
    named = about
    for mention in sorted(find_mentions(about, lexicon), key=lambda found: -found.start):
        named = named[: mention.start] + named[mention.end :]
    named = _GENERIC.sub("", named)
    for span in (*record.contacts, *(person for person in _people_in(named, lexicon))):
        named = named.replace(span, "")
    titles = "".join(fold(todo.title) for todo in record.todos)
    has_time = bool(re.search(r"[\d一二三四五六日号点周月天]", named))
    return len(named) < 2 or has_time or bool(set(named) & set(titles))


def _people_in(words: str, lexicon: Lexicon) -> tuple[str, ...]:
    return contacts_of(find_people(words, words, lexicon, []))


def _names_another(record: Record, said: _Said) -> bool:
    mentions = [mention for mention in find_mentions(said.folded, said.lexicon) if not mention.denied]
    return any(record.customer is None or mention.customer != record.customer for mention in mentions)


def _title(record: Record, words: Words, said: _Said) -> Record | None:
    """第二个内容改成寄样品; 报价单改成技术方案 changes just these words of the title."""
    value = clean_title(said.text[words.start : words.end])
    if not record.todos or not words.changes or len(value) < 2 or _names_another(record, said):
        return None
    if words.label in _ABOUT_TITLE or (forms.number_in(words.what) and not words.contrast):
        at = _which(record.todos, words.what)
        return _with_todo(record, at, replace(record.todos[at], title=value))
    old = words.contrast or words.what
    meant = _meant(record.todos, old)
    if words.label or not meant:
        return None
    at = meant[0]
    title = record.todos[at].title
    part = _longest_shared(title, old)
    return _with_todo(record, at, replace(record.todos[at], title=title.replace(part, value)))


def _structural(record: Record, said: _Said) -> Record | None:
    """What adds, takes away, moves or hands over, and names no new value in place of an old one."""
    for change in (_added, _one_more_contact, _ring, _shifted, _removed, _handed, _owner):
        changed = change(record, said)
        if changed is not None:
            return changed
    return None


def _added(record: Record, said: _Said) -> Record | None:
    start = forms.addition_of(said.folded)
    if start is None:
        return None
    words = said.text[start:]
    todos = understand(words, said.lexicon, said.now).record.todos
    return replace(record, todos=(*record.todos, *(todos or (Todo(Owner.US, clean_title(words), None, None),))))


def _one_more_contact(record: Record, said: _Said) -> Record | None:
    span = forms.one_more_contact(said.folded)
    if span is None:
        return None
    name = said.text[span[0] : span[1]].strip()
    return replace(record, contacts=tuple(dict.fromkeys((*record.contacts, name))))


def _shifted(record: Record, said: _Said) -> Record | None:
    shift = forms.shift_of(said.folded)
    if shift is None or _names_another(record, said):
        return None
    if forms.means_all(shift.what):
        moved = tuple(_moved(todo, shift) for todo in record.todos)
        return replace(record, todos=moved)
    at = _at(record, shift.what)
    return None if at is None else _with_todo(record, at, _moved(record.todos[at], shift))


def _moved(todo: Todo, shift: Shift) -> Todo:
    if todo.due is None:
        return todo
    due = _half_day_from(todo.due, later=shift.minutes > 0) if shift.half_day else _plus(todo.due, shift.minutes)
    remind = todo.remind_at + (due - todo.due) if todo.remind_at else None
    return replace(todo, due=due, remind_at=remind)


def _plus(due: datetime, minutes: int) -> datetime:
    try:
        return due + timedelta(minutes=minutes)
    except OverflowError:
        return due


def _half_day_from(due: datetime, *, later: bool) -> datetime:
    """To the end of the morning or of the afternoon that comes after, or before."""
    noon, evening = (due.replace(hour=hour, minute=0) for hour in _HALF_DAY)
    if later:
        return evening if due <= noon else _plus(noon, 1440)
    return noon if due > noon else _plus(evening, -1440)


def _ring(record: Record, said: _Said) -> Record | None:
    """The reminder alone: the appointment does not move."""
    shift = forms.ring_of(said.folded)
    at = _at(record, shift.what) if shift else None
    due = record.todos[at].due if at is not None else None
    if shift is None or at is None or due is None:
        return None
    return _with_todo(record, at, replace(record.todos[at], remind_at=_plus(due, -shift.minutes)))


def _removed(record: Record, said: _Said) -> Record | None:
    if not record.todos or _names_another(record, said):
        return None
    for what in forms.removal_of(said.folded):
        if forms.means_all(what):
            return replace(record, todos=())
        at = _named(record.todos, what)
        if at is None and len(record.todos) == 1 and _GENERIC.sub("", what) == "":
            at = 0
        if at is not None:
            return replace(record, todos=(*record.todos[:at], *record.todos[at + 1 :]))
    return None


def _handed(record: Record, said: _Said) -> Record | None:
    handing = forms.handing_of(said.folded)
    if handing is None:
        return None
    what, who = handing
    at = _named(record.todos, what)
    if at is None or not (who in said.lexicon.colleagues or full_person(who, said.lexicon)):
        return None
    return _with_todo(record, at, replace(record.todos[at], owner=Owner.US, assignee=who))


def _owner(record: Record, said: _Said) -> Record | None:
    owner = Owner.US if _BY_US.search(said.folded) else Owner.CUSTOMER if _BY_CUSTOMER.search(said.folded) else None
    at = _named(record.todos, said.folded)
    if owner is None or at is None:
        return None
    promise = record.todos[at].is_promise and owner == Owner.US
    return _with_todo(record, at, replace(record.todos[at], owner=owner, is_promise=promise))


# --- which to-do ------------------------------------------------------------------------------------------------


def _which(todos: Sequence[Todo], folded: str) -> int:
    """The to-do that is meant: by number, by its words, else the first with a due time."""
    named = _named(todos, folded)
    return named if named is not None else next((i for i, todo in enumerate(todos) if todo.due), 0)


def _at(record: Record, what: str) -> int | None:
    """The one that is named, or without a name the first with a due time; None if another thing is named."""
    if not record.todos:
        return None
    unnamed = not _GENERIC.sub("", what)
    return _which(record.todos, what) if unnamed else _named(record.todos, what)


def _named(todos: Sequence[Todo], folded: str) -> int | None:
    number = forms.number_in(folded)
    if number:
        return number - 1 if number <= len(todos) else None
    meant = _meant(todos, folded)
    return meant[0] if meant else None


def _meant(todos: Sequence[Todo], folded: str) -> list[int]:
    """The to-dos that share two characters in a row with the words, the likest first."""
    shared = [(sum(title[i : i + 2] in folded for i in range(len(title) - 1)), -at) for at, title in _titles(todos)]
    return [-at for count, at in sorted(shared, reverse=True) if count]


def _titles(todos: Sequence[Todo]) -> list[tuple[int, str]]:
    return [(at, fold(todo.title)) for at, todo in enumerate(todos)]


def _longest_shared(title: str, words: str) -> str:
    stretches = (title[a:b] for a in range(len(title)) for b in range(a + 1, len(title) + 1))
    return max((stretch for stretch in stretches if stretch in words), key=len, default=title)


def _with_todo(record: Record, at: int, todo: Todo) -> Record:
    return replace(record, todos=(*record.todos[:at], todo, *record.todos[at + 1 :]))
