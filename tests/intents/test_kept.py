"""What must not be lost: reminders asked for, hours before a count, promises to those named with their firm."""

from __future__ import annotations

from decimal import Decimal

import pytest

from intents.model import AmountKind
from intents.notes import MAX_NOTE, understand
from tests.intents.support import LEXICON, NOW, due_times, record_of


@pytest.mark.parametrize(
    ("text", "title", "due"),
    [
        ("两分钟后提醒我浇花", "浇花", "05-13 10:02"),
        ("后天9点提醒我", "提醒", "05-15 09:00"),
        ("提醒我后天下午", "提醒", "05-15 18:00"),
        ("记得周五遛狗", "遛狗", "05-15 18:00"),
        ("她下周二回来，提醒我联系她", "联系她", "05-19 18:00"),
    ],
)
def test_a_reminder_asked_for_is_kept(text: str, title: str, due: str) -> None:
    [todo] = record_of(text).todos
    assert (todo.title, f"{todo.due:%m-%d %H:%M}") == (title, due)


@pytest.mark.parametrize("text", ["提醒我", "提醒我一下", "周四不用提醒我了"])
def test_nothing_to_be_reminded_of(text: str) -> None:
    assert record_of(text).todos == ()


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("后天上午九点二次评审", "05-15 09:00"),
        ("周五下午4点3个人去现场", "05-15 16:00"),
        ("周五下午4点12个人去现场", "05-15 16:00"),
        ("周五下午四点十五开会", "05-15 16:15"),
        ("周五下午4点20分三个人到", "05-15 16:20"),
    ],
)
def test_an_hour_stays_before_a_count(text: str, due: str) -> None:
    assert due_times(text) == [due]


@pytest.mark.parametrize("text", ["涨了三点五个点", "大概9点5个百分点", "三点五万"])
def test_decimals_are_no_hours(text: str) -> None:
    assert due_times(text) == []


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("答应西岭塑胶林总周五上午十点前寄样品", "寄样品"),
        ("答应盛泰纺织林总周五上午十点前寄样品", "寄样品"),
        ("答应佳禾林经理周五前报价", "报价"),
    ],
)
def test_it_is_we_who_promise_them(text: str, title: str) -> None:
    [todo] = record_of(text).todos
    assert (todo.owner, todo.is_promise, todo.title) == ("us", True, title)


def test_a_new_customer_is_named_without_the_promise() -> None:
    assert record_of("答应西岭塑胶林总周五上午十点前寄样品").new_customer == "西岭塑胶"
    assert record_of("答应盛泰纺织林总周五上午十点前寄样品").customer == "盛泰纺织"


@pytest.mark.parametrize(
    "text",
    [
        "佳禾签下来了，合同32万，今天下午签的",
        "今天和佳禾食品林总开会，他提了两点意见",
        "上午和佳禾食品林总面谈，林总说交期太长",
    ],
)
def test_what_happened_today_is_nothing_to_do(text: str) -> None:
    assert record_of(text, NOW.replace(hour=16)).todos == ()
    assert record_of(text, NOW.replace(hour=11)).todos == () or "下午" in text


@pytest.mark.parametrize(
    ("text", "yuan"),
    [
        ("报价从60万降到52万8千", 528_000),
        ("价格从30万谈到28万", 280_000),
        ("合同从90万改到95万", 950_000),
        ("报价从60万到55万", 550_000),
    ],
)
def test_the_last_amount_of_a_move_counts(text: str, yuan: int) -> None:
    record = record_of(text)
    assert (record.amount, record.amount_kind) == (Decimal(yuan), AmountKind.DEAL)


def test_a_note_too_long_says_how_far_it_was_understood() -> None:
    whole = understand("拜访佳禾食品。" + "好" * (MAX_NOTE - 7), LEXICON, NOW)
    assert (whole.truncated, any("只理解了前" in line for line in whole.trace)) == (False, False)
    cut = understand("拜访佳禾食品。" + "好" * (MAX_NOTE - 6), LEXICON, NOW)
    assert cut.truncated
    assert f"只理解了前 {MAX_NOTE} 字" in cut.trace[0]
