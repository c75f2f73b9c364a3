"""Keywords in customers' messages, and the replies of managers in words."""

from __future__ import annotations

from datetime import datetime

import pytest

from intents.choices import Comment, Dismiss, Extend, Reassign, Remind, parse_reply
from intents.keywords import Hit, KeywordRule, spot
from tests.intents.support import CALENDAR, NOW, moment

RULES = (KeywordRule("价格", ("价格", "报价", "多少钱")), KeywordRule("试用", ("试用", "POC", "测试账号")))


@pytest.mark.parametrize(
    ("text", "hits"),
    [
        ("你们这个多少钱？", [("价格", "多少钱")]),
        ("請發一份報價，順便開個poc", [("价格", "报价"), ("试用", "POC")]),
        ("ＰＯＣ什么时候能开", [("试用", "POC")]),
        ("不是问价格，是想试用", [("试用", "试用")]),
        ("暂不需要报价", []),
        ("the new epoch begins", []),
        ("", []),
    ],
)
def test_keywords(text: str, hits: list[tuple[str, str]]) -> None:
    assert [(hit.rule, hit.word) for hit in spot(text, RULES)] == hits


def test_positions_are_those_of_the_original_text() -> None:
    assert spot("請給報價", RULES) == [Hit("价格", "报价", 2, 4)]


def test_the_longer_of_two_overlapping_words_counts() -> None:
    rules = [KeywordRule("价格", ("价格", "价格表"))]
    assert [hit.word for hit in spot("发一份价格表", rules)] == ["价格表"]


@pytest.mark.parametrize("text", ["催一下他", "提醒他", "让他抓紧", "问问什么原因"])
def test_remind(text: str) -> None:
    assert parse_reply(text, NOW, CALENDAR) == Remind()


@pytest.mark.parametrize(
    ("text", "until"),
    [
        ("延到周五", "05-15 18:00"),
        ("再给三天", "05-16 18:00"),
        ("延期两个工作日", "05-15 18:00"),
        ("改到下周二上午十点", "05-19 10:00"),
        ("下周一之前吧", "05-18 18:00"),
    ],
)
def test_extend(text: str, until: str) -> None:
    expected: datetime = moment(until)
    assert parse_reply(text, NOW, CALENDAR) == Extend(expected)


@pytest.mark.parametrize(
    ("text", "person"), [("让小李接手", "小李"), ("转给王敏跟进", "王敏"), ("交给老周处理吧", "老周")]
)
def test_reassign(text: str, person: str) -> None:
    assert parse_reply(text, NOW, CALENDAR) == Reassign(person)


@pytest.mark.parametrize("text", ["先放一放", "不用管", "忽略", "知道了"])
def test_dismiss(text: str) -> None:
    assert parse_reply(text, NOW, CALENDAR) == Dismiss()


@pytest.mark.parametrize("text", ["不能再延了", "客户那边人事变动比较大"])
def test_anything_else_is_a_remark(text: str) -> None:
    assert parse_reply(text, NOW, CALENDAR) == Comment(text)
