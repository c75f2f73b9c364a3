"""Corrections of a record in words: what they change, and that they leave the rest alone."""

from __future__ import annotations

from decimal import Decimal

import pytest

from intents.amend import amend
from intents.model import AmountKind, Owner, Record, Stage
from tests.intents.support import LEXICON, NOW, record_of

NOTE = "浩天光电的钱总承诺月底前把设备清单给我，我周三下午两点出正式报价，预算一百二十万。"


@pytest.fixture
def record() -> Record:
    """Two to-dos: the customer's list by the end of the month, our offer on Wednesday at two."""
    return record_of(NOTE)


def amended(record: Record, text: str) -> Record:
    """The record after a correction that must be one."""
    changed = amend(record, text, LEXICON, NOW)
    assert changed is not None, text
    return changed


def dues(record: Record) -> list[str]:
    return [f"{todo.due:%m-%d %H:%M}" for todo in record.todos if todo.due]


def test_the_record_that_is_corrected(record: Record) -> None:
    assert dues(record) == ["05-31 18:00", "05-13 14:00"]
    assert (record.customer, record.amount, record.amount_kind) == ("浩天光电", Decimal(1200000), AmountKind.BUDGET)


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("不对，是周四", "05-14 15:00"),
        ("改到周五", "05-15 15:00"),
        ("推迟到下周二上午十点", "05-19 10:00"),
        ("应该是四点半", "05-13 16:30"),
        ("周五", "05-15 15:00"),
        ("說錯了，是下週四", "05-21 15:00"),
    ],
)
def test_a_day_keeps_the_hour_and_an_hour_keeps_the_day(text: str, due: str) -> None:
    one = record_of("罗主任让我们周三下午三点之前给报价")
    assert dues(one) == ["05-13 15:00"]
    assert dues(amended(one, text)) == [due]


def test_a_to_do_without_an_hour_stays_without_one() -> None:
    one = record_of("罗主任让我们周五之前给报价")
    assert dues(amended(one, "不对，是周四")) == ["05-14 18:00"]


def test_the_numbered_one_is_changed(record: Record) -> None:
    assert dues(amended(record, "第二个改到周五下午三点")) == ["05-31 18:00", "05-15 15:00"]
    assert dues(amended(record, "第1个改到25号")) == ["05-25 18:00", "05-13 14:00"]


def test_the_one_named_by_its_words_is_changed(record: Record) -> None:
    assert dues(amended(record, "报价改到下周一")) == ["05-31 18:00", "05-18 14:00"]


def test_the_reminder_moves_with_the_due_time(record: Record) -> None:
    changed = amended(record, "第二个改到周五下午三点")
    assert changed.todos[1].remind_at is not None
    assert f"{changed.todos[1].remind_at:%m-%d %H:%M}" == "05-15 14:00"


@pytest.mark.parametrize(
    ("text", "amount", "kind"),
    [
        ("金额改成五十万", Decimal(500000), AmountKind.DEAL),
        ("不对，预算是八十万", Decimal(800000), AmountKind.BUDGET),
        ("改成一百五十万", Decimal(1500000), AmountKind.BUDGET),
    ],
)
def test_amounts(record: Record, text: str, amount: Decimal, kind: AmountKind) -> None:
    changed = amended(record, text)
    assert (changed.amount, changed.amount_kind) == (amount, kind)
    assert changed.todos == record.todos


@pytest.mark.parametrize(
    "text", ["客户是昊天机电", "不对，是昊天机电", "客户名称改成昊天机电", "不是浩天光电，是昊天机电", "客户是昊天鸡电"]
)
def test_customers(record: Record, text: str) -> None:
    changed = amended(record, text)
    assert (changed.customer, changed.candidates) == ("昊天机电", ())
    assert dues(changed) == dues(record)


def test_a_customer_that_is_not_on_file(record: Record) -> None:
    changed = amended(record, "客户是卓越包装")
    assert (changed.customer, changed.new_customer) == (None, "卓越包装")


def test_contacts(record: Record) -> None:
    assert amended(record, "联系人是孙总监").contacts == ("孙总监",)
    assert amended(record, "不是钱总，是全总").contacts == ("全总",)


def test_stage_owner_and_title(record: Record) -> None:
    assert amended(record, "阶段改成签约准备").stage == Stage.CLOSING_PREP
    assert amended(record, "第一个是我们来做").todos[0].owner == Owner.US
    assert amended(record, "第二个内容改成寄样品").todos[1].title == "寄样品"


@pytest.mark.parametrize(
    "text",
    [
        "", "好的", "昊天机电现在什么进展", "今天拜访了昊天机电，聊了报价，他们周五给答复", "收到，谢谢",
        "我答应周五给他们发资料",
    ],
)  # fmt: skip
def test_what_is_no_correction(record: Record, text: str) -> None:
    assert amend(record, text, LEXICON, NOW) is None
