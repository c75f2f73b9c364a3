"""Reminders of the work at hand, and those of something else."""

from __future__ import annotations

import pytest

from intents.chasing import chases_something_else
from tests.intents.support import CALENDAR, NOW

OWN = "昊天机电方案演示"


@pytest.mark.parametrize(
    "text",
    [
        "提醒他", "催一下他", "让他抓紧", "问问什么原因", "麻烦提醒一下", "让他尽快跟进", "再催一次", "催办",
        "提醒销售", "客户着急，催一下他", "提醒他做方案演示", "催一下昊天", "提醒", "",
    ],
)  # fmt: skip
def test_the_work_at_hand(text: str) -> None:
    assert not chases_something_else(text, OWN, NOW, CALENDAR)


@pytest.mark.parametrize(
    "text", ["提醒他周五付款", "下午三点提醒他", "提醒大家交周报", "催一下款", "提醒他订酒店", "提醒开会"]
)
def test_a_time_or_an_object_of_its_own(text: str) -> None:
    assert chases_something_else(text, OWN, NOW, CALENDAR)
