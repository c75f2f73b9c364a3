"""Amounts: their value in yuan and what they stand for."""

from __future__ import annotations

from decimal import Decimal

import pytest

from intents.model import AmountKind
from intents.money import find_money, main_amount
from intents.normal import fold
from intents.numerals import parse_number


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("二十三", "23"), ("两万五", "25000"), ("八百六", "860"), ("一百零五", "105"), ("一万零五十", "10050"),
        ("三千零十二", "3012"), ("二零二六", "2026"), ("二三十", "30"), ("3.5", "3.5"), ("三点七五", "3.75"),
        ("壹佰贰拾万", "1200000"), ("5万4千6百", "54600"), ("2.3万", "23000"), ("1,100万", "11000000"),
        ("四万万", "400000000"),
        ("负六点六", "-6.6"), ("1千零1", "1001"), ("廿三", "23"), ("八十六点五万", "865000"), ("十几万", "100000"),
    ],
)  # fmt: skip
def test_numerals(text: str, value: str) -> None:
    assert parse_number(text) == Decimal(value)


@pytest.mark.parametrize("text", ["", "万元", "点五", "三分之一", "abc", "一二x", "百分之五"])
def test_what_is_no_numeral(text: str) -> None:
    assert parse_number(text) is None


@pytest.mark.parametrize(
    ("text", "yuan"),
    [
        ("一共一百二十万", "1200000"), ("总价八十六万五", "865000"), ("3万5", "35000"), ("12万3千5", "123500"),
        ("一个亿", "100000000"),
        ("两百三十六万五千", "2365000"), ("¥12,500", "12500"), ("98000元", "98000"), ("一百八十来万", "1800000"),
        ("五六十万", "600000"), ("三十到四十万", "300000"), ("150k", "150000"), ("预算50w", "500000"),
        ("一千二百块", "1200"),
        ("一百三十五块六角七分", "135.67"), ("合同额1200000", "1200000"), ("一万半", "15000"), ("1百20万", "1200000"),
        ("伍拾万圆整", "500000"), ("二百万", "2000000"),
    ],
)  # fmt: skip
def test_amounts_in_yuan(text: str, yuan: str) -> None:
    assert [money.yuan for money in find_money(fold(text))] == [Decimal(yuan)]


@pytest.mark.parametrize(
    "text", ["五千台", "三万人", "百分之五十", "一块儿去", "三千五", "第三十万次", "两百吨", "9" * 40 + "万"]
)
def test_what_is_no_money(text: str) -> None:
    assert find_money(fold(text)) == []


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("合同金额五十万", AmountKind.DEAL), ("预算大概五十万", AmountKind.BUDGET),
        ("五十万的预算", AmountKind.BUDGET),
        ("首付款五十万", AmountKind.PAYMENT), ("五十万尾款", AmountKind.PAYMENT), ("五十万的单子", AmountKind.DEAL),
        ("五十万", None),
    ],
)  # fmt: skip
def test_what_an_amount_stands_for(text: str, kind: AmountKind | None) -> None:
    assert [money.kind for money in find_money(fold(text))] == [kind]


@pytest.mark.parametrize("text", ["每台二十八万", "单价三千块", "便宜了五千块", "竞品报了二十万", "比我们低三万"])
def test_prices_a_piece_differences_and_rivals_do_not_count(text: str) -> None:
    assert [money.counts for money in find_money(fold(text))] == [False]


@pytest.mark.parametrize(
    ("text", "yuan"),
    [
        ("要五台，每台二十八万，总共一百四十万", "1400000"),
        ("预算两百万，合同签了一百八十万", "1800000"),
        ("金额四十万，说错了，四十五万", "450000"),
        ("合同金额不是六十万，是六十八万", "680000"),
        ("首付三十万，合同总额一百万", "1000000"),
    ],
)
def test_the_amount_that_a_note_is_about(text: str, yuan: str) -> None:
    folded = fold(text)
    found = main_amount(folded, find_money(folded))
    assert found is not None
    assert found.yuan == Decimal(yuan)
