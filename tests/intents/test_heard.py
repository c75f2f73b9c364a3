"""Slips of a speech recogniser that are put right, and what must stay as it was typed."""

from __future__ import annotations

import pytest

from intents.heard import put_right
from tests.intents.support import LEXICON, due_times, record_of


@pytest.mark.parametrize(
    ("heard", "meant"),
    [
        ("给一个新的爆价方案", "给一个新的报价方案"),
        ("要求支持分欺负款", "要求支持分期付款"),
        ("最关心叫期", "最关心交期"),
        ("跟财务合队到帐", "跟财务核对到账"),
        ("明天下五三点", "明天下午三点"),
        ("上午就点半", "上午九点半"),
        ("下周三上五十点", "下周三上午十点"),
        ("采购部流经理", "采购部刘经理"),
        ("改到下轴二上午", "改到下周二上午"),
        ("两小时候提醒我", "两小时后提醒我"),
        ("二十好之前给他", "二十号之前给他"),
        ("今湾八点吃饭", "今晚八点吃饭"),
    ],
)
def test_slips(heard: str, meant: str) -> None:
    assert put_right(heard, LEXICON) == meant


@pytest.mark.parametrize(
    "text",
    [
        "我没精力跟进，尽力而为", "样品摆放在门口", "约了到张总办公室", "以加强合作为主", "上五台设备", "下五折",
        "下午试点启动",
        "他们的副总监不同意", "客户经理换了", "化工厂的人工成本", "本月第二周开会", "二十好几个人",
        "今日头条投了广告",
        "跟佳禾食品说好了",
    ],
)  # fmt: skip
def test_what_was_typed_stays(text: str) -> None:
    assert put_right(text, LEXICON) == text


def test_the_length_never_changes() -> None:
    text = "跟佳和食品约了下五三点，带样记过去"
    assert len(put_right(text, LEXICON)) == len(text)


def test_the_record_is_made_from_what_was_meant() -> None:
    record = record_of("昊天機電的蘿主任要新的爆價,我明天下五三點之前發給他")
    assert record.customer == "昊天机电"
    assert record.contacts == ("罗主任",)
    assert [f"{todo.due:%m-%d %H:%M}" for todo in record.todos if todo.due] == ["05-14 15:00"]


def test_times_alone_are_read_as_written() -> None:
    assert due_times("明天下午三点") == ["05-14 15:00"]
