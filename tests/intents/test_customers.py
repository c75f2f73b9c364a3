"""Which customer a note speaks of: exact, short, misheard, denied, unsure, not on file."""

from __future__ import annotations

import pytest

from intents.lexicon import CustomerName, Lexicon, core_of
from intents.notes import understand
from tests.intents.support import LEXICON, NOW, record_of


@pytest.mark.parametrize(
    ("text", "customer"),
    [
        ("刚跟昊天机电的罗主任通完电话", "昊天机电"),
        ("四海那边的尾款下周三打过来", "四海国际物流"),
        ("市一医院设备科约了下周五谈条款", "第一人民医院"),
        ("云图智能的戴总说价格太高了", "深圳市云图智能科技有限公司"),
        ("提醒我明天给tcl通讯发报价", "TCL通讯"),
        ("嘉和那边说合同没问题", "嘉和地产"),
        ("今天拜访了力迅，对方想看样机", "力迅电梯"),
        ("三一重机要一百五十台", "三一重机"),
    ],
)
def test_names_as_they_are_spoken(text: str, customer: str) -> None:
    assert record_of(text).customer == customer


@pytest.mark.parametrize(
    ("text", "customer"),
    [
        ("佳和食品的贾总来电话了", "佳禾食品"),
        ("明会教育那个平台下周二培训", "明慧教育"),
        ("波远环保的方案讲完了", "博远环保"),
        ("嘉禾地产首付款到账了", "嘉和地产"),
        ("提醒我明天给正大四料送样品", "正大饲料"),
        ("今天去了江南造传厂", "江南造船厂"),
        ("立迅精蜜的何工要证书", "立讯精密"),
        ("上午跑了一趟聖泰醫藥", "圣泰医药"),
    ],
)
def test_names_as_a_recogniser_spells_them(text: str, customer: str) -> None:
    assert record_of(text).customer == customer


def test_near_homonyms_are_told_apart_by_their_spelling() -> None:
    assert record_of("盛泰那边说下周给答复").customer == "盛泰纺织"
    assert record_of("盛泰纺织签了").customer == "盛泰纺织"
    assert record_of("泊远酒店要改合同").customer == "泊远酒店"


def test_two_that_are_about_as_close_become_candidates() -> None:
    record = record_of("圣太那边说下周给答复")
    assert record.customer is None
    assert set(record.candidates) == {"圣泰医药", "盛泰纺织"}


def test_ones_own_customer_wins_a_draw() -> None:
    names = [CustomerName("圣泰医药", mine=True), CustomerName("盛泰纺织")]
    record = understand("圣太那边说下周给答复", Lexicon.build(names), NOW).record
    assert record.customer == "圣泰医药"


def test_what_was_denied_is_not_the_customer() -> None:
    assert record_of("不是圣泰医药，是盛泰纺织，他们要检测报告").customer == "盛泰纺织"
    assert record_of("昊天机电，说错了，浩天光电的样机测试通过了").customer == "浩天光电"


@pytest.mark.parametrize(
    "text", ["今天打了二十个电话", "客户想要三台设备", "佳能打印机坏了", "明天教育孩子", "正大光明地谈"]
)
def test_everyday_words_name_nobody(text: str) -> None:
    record = record_of(text)
    assert record.customer is None
    assert record.candidates == ()


def test_the_same_short_name_in_another_trade_is_another_company() -> None:
    record = record_of("昊天电器的罗主任想看样品")
    assert record.customer is None
    assert record.new_customer == "昊天电器"


def test_a_company_that_is_not_on_file_is_proposed_as_new() -> None:
    record = record_of("今天拜访了卓越包装，第一次接触")
    assert record.customer is None
    assert record.new_customer == "卓越包装"


def test_every_customer_of_a_note_has_a_record() -> None:
    text = "昊天机电周五前要报价。佳禾食品下周一给结论。"
    records = understand(text, LEXICON, NOW).records
    assert [record.customer for record in records] == ["昊天机电", "佳禾食品"]
    assert [len(record.todos) for record in records] == [1, 1]


@pytest.mark.parametrize(
    ("name", "core"),
    [("华昌电子", "华昌"), ("蓝天医疗器械", "蓝天"), ("电子科技", None), ("启明中学", "启明"), ("华为", None)],
)
def test_the_part_of_a_name_that_is_its_own(name: str, core: str | None) -> None:
    assert core_of(name) == core
