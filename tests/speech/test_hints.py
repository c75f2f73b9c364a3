"""Names found by sound, and which of two texts is kept."""

from __future__ import annotations

import pytest

pytest.importorskip("numpy")

from intents.speech.hints import MOST, Candidate, candidates, chosen, worth_a_second_pass

NAMES = ["华昌电子有限公司", "恒瑞机械", "恒锐激光", "蓝海医疗", "金鼎食品", "远洋物流", "李工", "赵敏"]


def names(text: str, hints: list[str] | None = None) -> list[str]:
    return [one.name for one in candidates(text, NAMES if hints is None else hints)]


@pytest.mark.parametrize(
    ("heard", "meant"),
    [
        ("刚刚跟花唱电子的理工通完电话", "华昌电子"),
        ("今天去拜访了横锐机械", "恒瑞机械"),
        ("经典食品这单丢了", "金鼎食品"),
        ("给南海医疗发报价", "蓝海医疗"),
        ("刚刚跟华昌电子的理工通完电话", "李工"),
    ],
)
def test_misheard_names_are_candidates(heard: str, meant: str) -> None:
    assert meant in names(heard)


def test_no_name_in_the_text_no_candidate() -> None:
    assert names("今天一共打了二十三个电话接通十二个") == []


def test_the_likest_come_first_and_not_too_many() -> None:
    found = candidates("恒瑞机械", [f"恒瑞机{char}" for char in "械器电床油车体关"])

    assert found[0] == Candidate("恒瑞机械", 1.0)
    assert len(found) == MOST


def test_a_part_of_a_candidate_is_no_candidate_of_its_own() -> None:
    assert names("刚刚跟花唱电子的人吃饭", ["华昌电子"]) == ["华昌电子"]
    assert names("刚刚跟花唱的人吃饭", ["华昌电子"]) == ["华昌"]


def test_a_name_written_right_needs_no_second_pass() -> None:
    likely = [Candidate("华昌电子", 1.0)]

    assert not worth_a_second_pass("华昌电子现在什么进展", likely)
    assert worth_a_second_pass("花唱电子现在什么进展", likely)


def test_the_right_one_of_two_thousand_names_in_a_long_note() -> None:
    text = "今天去拜访了横锐机械，王总说价格比同行高了百分之十，让我们周四之前给一个新的报价方案。" * 30
    many = [f"{a}{b}{c}科技有限公司" for a in "东南西北金华恒瑞蓝海" for b in "方洋鼎昌锐天丰达" for c in "大小中新明"]

    assert candidates(text, [*many, "恒瑞机械"])[0].name == "恒瑞机械"


LIKELY = [Candidate("华昌电子", 0.9), Candidate("恒瑞机械", 0.8)]


@pytest.mark.parametrize(
    ("first", "second", "kept"),
    [
        ("跟花唱电子通了电话", "跟华昌电子通了电话", 2),
        ("跟花唱电子通了电话", "跟花唱店子通了电话", 1),  # no name: the first is better
        ("跟花唱电子通了电话", "华昌电子，恒瑞机械", 1),  # the hint alone
        ("明天上午开会", "华昌电子恒瑞机械华昌电子恒瑞机械", 1),
        ("华昌电子和横瑞机械", "花唱电子和恒瑞机械", 1),  # wins one, loses one
        ("跟花唱电子通了电话", "", 1),
    ],
)
def test_which_text_is_kept(first: str, second: str, kept: int) -> None:
    assert chosen(first, second, LIKELY) == (first, second)[kept - 1]
