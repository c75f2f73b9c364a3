"""When something is due: the product's conventions for spoken times, by kind."""

from __future__ import annotations

from datetime import datetime

import pytest

from intents.times import find_times
from tests.intents.support import CALENDAR, NOW, due_times, moment

DAYS = {
    "明天": "05-14 18:00", "后天": "05-15 18:00", "大后天": "05-16 18:00", "周三": "05-13 18:00",
    "周一": "05-18 18:00",
    "礼拜五": "05-15 18:00", "星期天": "05-17 18:00", "下周三": "05-20 18:00", "下下周三": "05-27 18:00",
    "这周六": "05-16 18:00", "上周五": "05-08 18:00", "周末": "05-16 18:00", "下周末": "05-23 18:00",
    "十五号": "05-15 18:00", "三号": "06-03 18:00", "25日之前": "05-25 18:00", "这个月二十号": "05-20 18:00",
    "下个月十号之前": "06-10 18:00", "六月一号": "06-01 18:00", "十二月三十一日": "12-31 18:00",
    "五月二十": "05-20 18:00",
    "2026/5/20": "05-20 18:00", "2026年6月3日": "06-03 18:00", "二〇二六年六月三日": "06-03 18:00",
    "05-20": "05-20 18:00",
}  # fmt: skip
PERIODS = {
    "本周内": "05-15 18:00", "这周": "05-15 18:00", "下周": "05-22 18:00", "下礼拜": "05-22 18:00",
    "月底": "05-31 18:00",
    "下月底": "06-30 18:00", "六月份": "06-30 18:00", "下个月初": "06-01 18:00", "十月中旬": "10-20 18:00",
    "季度末": "06-30 18:00", "三季度末": "09-30 18:00", "年底之前": "12-31 18:00", "明年初": "2027-01-31 18:00",
    "明年三月": "2027-03-31 18:00",
}  # fmt: skip
HOURS = {
    "明天早上": "05-14 10:00", "明天上午": "05-14 12:00", "明天中午": "05-14 12:00", "明天下午": "05-14 18:00",
    "明天傍晚": "05-14 18:00", "今晚": "05-13 21:00", "明天凌晨": "05-14 06:00", "下班前": "05-13 18:00",
    "明早八点": "05-14 08:00", "明晚八点半": "05-14 20:30", "后天上午十点一刻": "05-15 10:15", "三点": "05-13 15:00",
    "三点半": "05-13 15:30", "下午三点二十": "05-13 15:20", "15点30分": "05-13 15:30", "星期四14:30": "05-14 14:30",
    "明天中午一点": "05-14 13:00", "晚上十二点": "05-14 00:00", "周三（20号）下午2点": "05-20 14:00",
    "下午两点到四点": "05-13 14:00", "周三上午九点": "05-20 09:00", "明天03:00": "05-14 03:00",
}  # fmt: skip
DURATIONS = {
    "48小时内": "05-15 10:00", "半小时后": "05-13 10:30", "一刻钟后": "05-13 10:15", "两个半小时后": "05-13 12:30",
    "十分钟后": "05-13 10:10", "三天内": "05-16 18:00", "两三天内": "05-16 18:00", "两周之内": "05-27 18:00",
    "半个月内": "05-28 18:00", "一个月之内": "06-13 18:00", "三个月后": "08-13 18:00", "三个工作日内": "05-18 18:00",
    "五个工作日之内": "05-20 18:00", "过三天": "05-16 18:00",
}  # fmt: skip
HOLIDAYS = {
    "端午节前": "06-18 18:00", "节前": "06-18 18:00", "国庆之前": "09-30 18:00",
    "国庆节后第一个工作日": "10-08 18:00",
    "中秋前": "09-24 18:00", "过了端午": "06-22 18:00", "双十一": "11-11 18:00", "元旦": "2027-01-01 18:00",
    "下周第一个工作日": "05-18 18:00", "月底最后一个工作日": "05-29 18:00", "十一前": "09-30 18:00",
}  # fmt: skip


@pytest.mark.parametrize(("said", "due"), [*DAYS.items(), *PERIODS.items(), *HOURS.items()])
def test_days_periods_and_hours(said: str, due: str) -> None:
    assert due_times(said) == [due]


@pytest.mark.parametrize(("said", "due"), [*DURATIONS.items(), *HOLIDAYS.items()])
def test_durations_and_holidays(said: str, due: str) -> None:
    assert due_times(said) == [due]


@pytest.mark.parametrize(
    "said",
    [
        "客户提了三点要求", "便宜一点", "早一点发", "每周五开例会", "去三号楼", "第二个方案", "两天的工作量",
        "前后花了不少钱",
        "双方都满意", "今年没预算", "库存还有十五台", "百分之十五", "一点都不急", "2015年前就合作了",
    ],
)  # fmt: skip
def test_what_is_no_time(said: str) -> None:
    assert due_times(said) == []


@pytest.mark.parametrize(
    ("said", "due"),
    [
        ("周四，不对，是周五", "05-15 18:00"),
        ("不是周四是周五", "05-15 18:00"),
        ("下午三点的会改到四点半", "05-13 16:30"),
        ("下周二上午十点，推迟到下周四", "05-21 10:00"),
        ("本来约明天下午两点，后来改成后天同一时间", "05-15 14:00"),
    ],
)
def test_the_time_agreed_last_counts(said: str, due: str) -> None:
    assert due_times(said) == [due]


def test_after_work_a_bare_weekday_is_next_weeks() -> None:
    assert due_times("周三给他", moment("05-13 18:30")) == ["05-20 18:00"]
    assert due_times("周三给他", moment("05-13 17:30")) == ["05-13 18:00"]


def test_an_hour_without_a_day_belongs_to_the_day_before_it() -> None:
    assert due_times("明天去昊天机电，下午三点到")[-1] == "05-14 15:00"
    assert due_times("下周一签合同，当天付首款")[-1] == "05-18 18:00"


def test_an_hour_that_is_gone_means_tomorrow() -> None:
    assert due_times("上午九点") == ["05-14 09:00"]


def test_the_xia_of_yixia_shifts_no_week() -> None:
    assert due_times("研究一下周五回复") == ["05-15 18:00"]


@pytest.mark.parametrize(
    ("said", "ring"),
    [
        ("明天给报价", "05-14 09:00"),
        ("明天下午给报价", "05-14 14:00"),
        ("明天晚上吃饭", "05-14 19:00"),
        ("明天下午三点开会", "05-14 14:00"),
        ("今天下班前发", "05-13 14:00"),
    ],
)
def test_when_the_bot_rings(said: str, ring: str) -> None:
    (span,) = find_times(said, NOW, CALENDAR)
    assert span.remind_at == moment(ring)


def test_the_answer_keeps_the_zone_of_now() -> None:
    (span,) = find_times("明天下午三点", NOW, CALENDAR)
    assert span.due.utcoffset() == NOW.utcoffset()
    assert (span.start, span.end, span.text) == (0, 6, "明天下午三点")


def test_years_without_an_official_calendar_are_marked() -> None:
    (span,) = find_times("三个工作日内", datetime.fromisoformat("2031-03-05T10:00:00+08:00"), CALENDAR)
    assert not span.official
    assert span.due.date().isoformat() == "2031-03-10"


def test_traditional_characters_and_full_width() -> None:
    assert due_times("下個禮拜二下午兩點半") == ["05-19 14:30"]
    assert due_times("５月２０号下午３点") == ["05-20 15:00"]
