"""Whole notes: intent, to-dos, needs, stage, and never a failure."""

from __future__ import annotations

import time
from datetime import datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intents.calendar import WorkCalendar
from intents.lexicon import CustomerName, Lexicon
from intents.model import AmountKind, Intent, Stage, record_to_json
from intents.notes import understand
from tests.intents.support import LEXICON, NOW, record_of, todos_of


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("上午跑了一趟昊天机电，聊了一个多小时", Intent.NOTE),
        ("记得后天下午四点去明慧教育送合同", Intent.TODO),
        ("把江南造船厂的回访改到下周二上午", Intent.TODO),
        ("周五前给昊天机电送报价", Intent.TODO),
        ("昊天机电现在到哪一步了", Intent.QUERY),
        ("下周有哪些客户要拜访？", Intent.QUERY),
        ("给我列一下这个月要签的单子", Intent.QUERY),
        ("江南造船厂六月底能签，大概三百二十万", Intent.FORECAST),
        ("明辉照明的合同预计下周签", Intent.FORECAST),
        ("盛泰纺织签了！合同额一百零八万", Intent.WON),
        ("嘉和地产中标了", Intent.WON),
        ("正大饲料那单黄了，预算被砍了", Intent.LOST),
        ("博远环保丢了，输在价格上", Intent.LOST),
        ("圣泰医药最后选了另外一家", Intent.LOST),
        ("验收报告客户已经签字了", Intent.NOTE),
        ("保密协议签了", Intent.NOTE),
        ("合同签了以后再付首款", Intent.NOTE),
        ("怕单子丢了，我明天再去一趟", Intent.NOTE),
    ],
)
def test_intents(text: str, intent: Intent) -> None:
    assert record_of(text).intent == intent


@pytest.mark.parametrize(
    ("text", "todos"),
    [
        ("我答应罗主任周五下班前出一个初步方案", [("us", "05-15 18:00")]),
        ("答应罗主任周五下班前给回复", [("us", "05-15 18:00")]),
        ("跟罗主任说好周五下班前给意见", [("us", "05-15 18:00")]),
        ("罗主任答应周五下班前给回复", [("customer", "05-15 18:00")]),
        ("罗主任让我们周四之前给一个新报价", [("us", "05-14 18:00")]),
        ("钱总承诺月底前把设备清单给我，我六月五号前出报价", [("customer", "05-31 18:00"), ("us", "06-05 18:00")]),
        ("他们内部讨论，下周一给我们结论", [("customer", "05-18 18:00")]),
        ("首付三成十五万，签完合同五天内付", [("customer", "05-18 18:00")]),
        ("他们财务说要到月底才能付", [("customer", "05-31 18:00")]),
        ("等他们周四把清单发过来我再报价", [("customer", "05-14 18:00")]),
        ("约好周四上午十点，不对，改成周四下午三点了，去看样板间", [("us", "05-14 15:00")]),
        ("他要到十号才回来", []),
        ("今天拜访了客户，聊了聊近况", []),
        ("他们下个月可能要扩产", []),
        ("样机预计后天到", []),
        ("如果客户周五不回复就算了", []),
        ("五个工作日内，把盖好章的合同寄回去", [("us", "05-20 18:00")]),
    ],
)
def test_todos(text: str, todos: list[tuple[str, str]]) -> None:
    assert todos_of(text) == todos


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ("我答应明天下午三点之前把排产计划发给他", ["把排产计划发给他"]),
        ("提醒我后天上午九点半给赵敏打电话", ["给赵敏打电话"]),
        ("罗主任让我们周四之前给一个新报价", ["给一个新报价"]),
        ("把昊天机电的评审会改到下周四下午两点半", ["把昊天机电的评审会"]),
        ("样条我来准备，周四之前寄过去", ["样条我来准备，寄过去"]),
    ],
)
def test_titles(text: str, titles: list[str]) -> None:
    assert [todo.title for todo in record_of(text).todos] == titles


def test_a_promise_is_marked_and_an_order_is_not() -> None:
    assert [todo.is_promise for todo in record_of("我跟钱总承诺七十二小时内提供测试环境").todos] == [True]
    assert [todo.is_promise for todo in record_of("提醒我明天发报价").todos] == [False]


def test_reminders_ring_when_they_were_asked_for() -> None:
    (todo,) = record_of("提醒我明天下午三点打电话").todos
    assert todo.remind_at == todo.due
    (todo,) = record_of("明天下午三点开会，提前半小时提醒我").todos
    assert todo.remind_at == datetime.fromisoformat("2026-05-14T14:30:00+08:00")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("他们最关心交期能不能压到四周", ["交期"]),
        ("钱总嫌我们账期太短，要求改成九十天", ["账期"]),
        ("客户想换一家物业系统供应商", ["物业系统"]),
        ("问能不能提供检测报告，还问保修几年", ["检测报告", "保修"]),
        ("他们要把数据接口打通，还要支持单点登录", ["接口", "单点登录"]),
        ("龙总不同意预付百分之五十", ["预付"]),
        ("丢了，输在价格上", ["价格"]),
        ("要五十套传感器", ["传感器"]),
    ],
)
def test_needs(text: str, words: list[str]) -> None:
    needs = record_of(text).needs
    assert all(any(word in need for need in needs) for word in words), needs


@pytest.mark.parametrize("text", ["我需要主管帮忙", "采购部的蒋经理见了我", "提醒我要三份合同", "大概需要两个月"])
def test_no_needs_of_the_customer(text: str) -> None:
    assert record_of(text).needs == ()


@pytest.mark.parametrize(
    ("text", "stage"),
    [
        ("今天第一次上门，换了名片", Stage.FIRST_CONTACT),
        ("需求已经确认了，二十套工作站", Stage.NEEDS_CONFIRMED),
        ("刚给他们演示完新版系统", Stage.SOLUTION_DEMO),
        ("嫌我们实施周期太长", Stage.OBJECTION_HANDLING),
        ("不同意预付百分之五十", Stage.OBJECTION_HANDLING),
        ("合同法务审完了没问题", Stage.CLOSING_PREP),
        ("约了下周五谈商务条款", None),
        ("约了十一号演示方案", None),
        ("需求还没确认", None),
        ("客户没什么异议", None),
        ("吃了个饭，没聊什么", None),
    ],
)
def test_stages(text: str, stage: Stage | None) -> None:
    assert record_of(text).stage == stage


def test_amounts_and_their_kind() -> None:
    record = record_of("盛泰纺织签了，总额四十八万")
    assert (record.amount, record.amount_kind) == (Decimal(480000), AmountKind.DEAL)
    record = record_of("佳禾食品的预算大概一百二十万")
    assert (record.amount, record.amount_kind) == (Decimal(1200000), AmountKind.BUDGET)


def test_a_forecast_names_the_day_of_the_signature_and_no_todo() -> None:
    record = record_of("江南造船厂预计六月二十二号签，金额八十六万五")
    assert record.expected_close is not None
    assert record.expected_close.isoformat() == "2026-06-22"
    assert record.todos == ()


def test_without_punctuation() -> None:
    text = "三一重机杨部长说原则上同意就是价格还要再谈约了周五下午两点半去他办公室"
    record = record_of(text)
    assert (record.customer, record.contacts) == ("三一重机", ("杨部长",))
    assert todos_of(text) == [("us", "05-15 14:30")]


def test_the_public_json() -> None:
    answer = record_to_json(understand("提醒我明天下午三点给昊天机电发报价", LEXICON, NOW))
    assert set(answer) == {"record", "records"}
    assert answer["records"] == [answer["record"]]
    assert answer["record"] == {
        "intent": "todo", "customer": "昊天机电", "candidates": [], "contacts": [], "needs": [], "stage": None,
        "amount": None, "amount_kind": None,
        "todos": [
            {
                "owner": "us", "title": "给昊天机电发报价", "due": "2026-05-14T15:00:00+08:00",
                "remind_at": "2026-05-14T15:00:00+08:00",
            }
        ],
    }  # fmt: skip


def test_the_trace_says_what_was_taken_for_what() -> None:
    trace = understand("佳和食品周五前付首款三十万", LEXICON, NOW).trace
    assert "客户：“佳和食品” → 佳禾食品" in trace
    assert "时间：“周五” → 2026年5月15日（周五）18:00" in trace
    assert "付款：“三十万” → 300,000 元" in trace


_PIECES = st.sampled_from(
    [
        "明天", "下周三", "三点", "半", "二十", "号", "月底", "五个工作日内", "节后", "第一个工作日", "13月",
        "25:70", "99999999999万", "¥",
        "不对", "改到", "他们", "我", "要", "。", "，", "\n", "\u3000", "😀", "\ud800", "李总", "打款", "签了", "（",
        "3/40", "十一", "年", "前",
        "内", "到", "点", "亿", "٣", "½", "9999年12月31日", "三万年后", "昊天", "提前半小时提醒", "Ａ", "ﬁ", "İ",
    ]
)  # fmt: skip
_MOMENTS = st.sampled_from(
    [
        NOW,
        datetime.fromisoformat("9999-12-30T23:00:00+08:00"),
        datetime.fromisoformat("0001-01-02T00:00:00+08:00"),
        datetime.fromisoformat("2100-02-28T00:00:00+08:00"),
    ]
)


@given(st.one_of(st.text(max_size=80), st.lists(_PIECES, max_size=20).map("".join)), _MOMENTS)
@settings(max_examples=300, deadline=None)
def test_no_text_makes_it_fail(text: str, now: datetime) -> None:
    answer = understand(text, LEXICON, now)
    assert answer.record is answer.records[0]
    record_to_json(answer)


def test_a_note_is_understood_within_milliseconds_among_2000_customers() -> None:
    syllables = "华昌恒瑞远洋启明天成百川金鼎东方安泰宏康达顺新盛"
    trades = ("电子", "机械", "食品", "物流")
    names = [CustomerName(a + b + trade) for a in syllables for b in syllables for trade in trades]
    lexicon = Lexicon.build(names[:2000], calendar=WorkCalendar())
    text = "刚跟恒瑞机械的李工通完电话，他们最关心交期能不能压到四周，我答应明天下午三点之前把排产计划发给他。"
    understand(text, lexicon, NOW)
    began = time.perf_counter()
    for _ in range(20):
        understand(text, lexicon, NOW)
    assert (time.perf_counter() - began) / 20 < 0.05


def test_a_promise_names_what_was_promised_not_to_whom() -> None:
    [todo] = record_of("答应昊天机电72小时内给出解决方案").todos
    assert (todo.title, todo.is_promise) == ("给出解决方案", True)


@pytest.mark.parametrize(
    ("text", "second"),
    [
        ("佳禾食品要样品，明天寄出去。华星那边周五前要报价", (None, ("华星仪表", "华星玻璃"), None)),
        ("今天去了佳禾食品，答应周五给报价，然后拜访了天宇机械，他们要十台设备", (None, (), "天宇机械")),
    ],
)
def test_a_second_customer_has_a_part_of_its_own(
    text: str, second: tuple[str | None, tuple[str, ...], str | None]
) -> None:
    lexicon = Lexicon.build(map(CustomerName, ("佳禾食品", "华星仪表", "华星玻璃")))
    first, other = understand(text, lexicon, NOW).records
    assert first.customer == "佳禾食品"
    assert (other.customer, other.candidates, other.new_customer) == second


@pytest.mark.parametrize(
    "text",
    [
        "佳禾食品的采购说他们老板出差，这周没法定", "明天虽然是周六但是要上班", "竞争对手下周一要去佳禾食品做演示",
        "他们想在八月份上线", "项目推迟到下半年再采购", "仓库说后天能发", "他们内部下周三开会讨论",
        "要求六十天内交货", "方案都同意了，就等周一上会", "上季度的货款还没对上", "预计周五能收到样品",
        "罗主任下周一盘点不接待人",
    ],
)  # fmt: skip
def test_facts_are_nothing_to_do(text: str) -> None:
    assert todos_of(text) == []


@pytest.mark.parametrize(
    ("text", "todos"),
    [
        ("佳禾食品周五要合格证，下周一要装箱单", [("us", "合格证", "05-15"), ("us", "装箱单", "05-18")]),
        ("把资料整理一下下周二之前交给财务", [("us", "交给财务", "05-19")]),
        ("合同价八十六万五周五前到账", [("customer", "到账", "05-15")]),
        ("设备要在进场前三天送到，进场时间是五月二十五号", [("us", "设备送到", "05-22")]),
        ("佳禾食品说节后再谈，五月二十号约了见面", [("us", "约了见面", "05-20")]),
        ("罗主任十八号出差回来，我去找他签字", [("us", "去找他签字", "05-18")]),
        ("五月二十号前把图纸收齐罗姐答应明天给我", [("us", "图纸收齐", "05-20"), ("customer", "给我", "05-14")]),
        ("佳禾食品要一份检测报告，明天发给罗主任", [("us", "检测报告", "05-14")]),
        ("验收改到十八号下午两点了，原来说的是十六号", [("us", "验收", "05-18")]),
        ("节后八号上班我去汇报", [("us", "去汇报", "06-08")]),
        ("最迟五月三十号到货", [("us", "到货", "05-30")]),
        ("佳禾食品淡季不采购了，八月份再联系", [("us", "联系", "08-31")]),
    ],
)
def test_what_is_to_be_done_is_found(text: str, todos: list[tuple[str, str, str]]) -> None:
    found = record_of(text).todos
    assert [(todo.owner.value, f"{todo.due:%m-%d}") for todo in found] == [(owner, due) for owner, _, due in todos]
    assert all(words in todo.title for todo, (_, words, _) in zip(found, todos, strict=True)), found


def test_what_must_be_done_today_stays_a_to_do_in_the_evening() -> None:
    late = NOW.replace(hour=20)
    assert todos_of("今天之内必须把报价发给罗主任", late) == [("us", "05-13 23:59")]
    assert todos_of("今天把报价发给罗主任了", late) == []


def test_titles_are_short() -> None:
    text = "嘉和地产的样板间灯具要重新选他们不满意颜色我们下周二把新的色卡送过去"
    assert [todo.title for todo in record_of(text).todos] == ["把新的色卡送过去"]


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("还没签呢，别记成签了", Intent.NOTE), ("佳禾食品这个月底应该能成，九十万", Intent.FORECAST),
        ("上周一共拜访了几家客户", Intent.QUERY),
    ],
)  # fmt: skip
def test_hedged_and_unfinished(text: str, intent: Intent) -> None:
    assert record_of(text).intent == intent
