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
        ("金额改成五十万", Decimal(500000), AmountKind.BUDGET),
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


@pytest.mark.parametrize(
    ("text", "customer"),
    [
        ("客户搞错了，是昊天机电", "昊天机电"), ("我说的是昊天机电", "昊天机电"), ("昊天机电", "昊天机电"),
        ("是昊天机电那家", "昊天机电"), ("是昊天机电不是浩天光电", "昊天机电"),
    ],
)  # fmt: skip
def test_the_customer_changes_only_when_that_is_said(record: Record, text: str, customer: str) -> None:
    assert amended(record, text).customer == customer


@pytest.mark.parametrize(
    "text",
    [
        "我把合同寄给昊天机电了", "把样品寄给明辉照明的罗主任", "应该给昊天机电报个价了", "是明慧教育的杜总来电",
        "第二个客户明慧教育要样品", "明天去昊天机电", "把明辉照明的报价改到下周三", "钱总电话没打通", "付款方式要月结",
        "让小陈明天把设备清单整理一下", "提前联系一下钱总", "把评审会改到下周三",
    ],
)  # fmt: skip
def test_a_new_note_is_no_correction(record: Record, text: str) -> None:
    assert amend(record, text, LEXICON, NOW) is None
    assert amend(record, text, LEXICON, NOW, asked=True) is None


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("报价不用了", ["05-31 18:00"]), ("第二个删掉", ["05-31 18:00"]), ("取消报价", ["05-31 18:00"]),
        ("设备清单那条不要了", ["05-13 14:00"]), ("全部取消", []),
    ],
)  # fmt: skip
def test_to_dos_are_taken_off(record: Record, text: str, left: list[str]) -> None:
    assert dues(amended(record, text)) == left


@pytest.mark.parametrize(
    ("text", "moved"),
    [
        ("推迟一天", ["06-01 18:00", "05-13 14:00"]), ("报价往后推两天", ["05-31 18:00", "05-15 14:00"]),
        ("两个都推迟一周", ["06-07 18:00", "05-20 14:00"]), ("第一个提前半天", ["05-31 12:00", "05-13 14:00"]),
        ("报价延后一小时", ["05-31 18:00", "05-13 15:00"]), ("第二个推迟半天", ["05-31 18:00", "05-14 12:00"]),
    ],
)  # fmt: skip
def test_relative_moves(record: Record, text: str, moved: list[str]) -> None:
    assert dues(amended(record, text)) == moved


def test_an_earlier_reminder_moves_no_appointment(record: Record) -> None:
    changed = amended(record, "第二个提前两小时提醒我")
    assert dues(changed) == dues(record)
    assert changed.todos[1].remind_at == NOW.replace(hour=12)


def test_work_is_handed_over(record: Record) -> None:
    assert amended(record, "报价让小陈去做").todos[1].assignee == "小陈"
    assert amended(record, "第一个由周晓跟进").todos[0].assignee == "周晓"


def test_a_to_do_is_added(record: Record) -> None:
    changed = amended(record, "再加一条：周五前寄样品")
    assert [todo.title for todo in changed.todos[2:]] == ["寄样品"]
    assert dues(changed) == [*dues(record), "05-15 18:00"]


@pytest.mark.parametrize(
    ("text", "contacts"),
    [
        ("联系人是高工不是钱总", ("高工",)), ("还有一个联系人叫李敏", ("钱总", "李敏")), ("钱总改成全总", ("全总",)),
    ],
)  # fmt: skip
def test_contacts_are_replaced_and_added(record: Record, text: str, contacts: tuple[str, ...]) -> None:
    assert amended(record, text).contacts == contacts


def test_an_answer_that_is_waited_for_may_be_a_name_alone(record: Record) -> None:
    assert amend(record, "张总", LEXICON, NOW) is None
    changed = amend(record, "张总", LEXICON, NOW, asked=True)
    assert changed is not None
    assert changed.contacts == ("张总",)


def test_what_an_amount_stands_for(record: Record) -> None:
    changed = amended(record, "不是预算，是成交价")
    assert (changed.amount, changed.amount_kind) == (record.amount, AmountKind.DEAL)


def test_several_corrections_at_once(record: Record) -> None:
    changed = amended(record, "第二个改到周五，预算改成九十万")
    assert (dues(changed), changed.amount) == (["05-31 18:00", "05-15 14:00"], Decimal(900000))


def test_words_of_a_title(record: Record) -> None:
    assert amended(record, "正式报价改成技术方案").todos[1].title == "出技术方案"
