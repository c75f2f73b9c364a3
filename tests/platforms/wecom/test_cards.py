"""Cards as templates: within every limit, whatever the card; nothing lost in silence."""

from __future__ import annotations

import string
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cards.model import Button, Card, CardState, Field, Input, InputKind, Link, Option, Severity, Style
from cards.render.text import plain, render, shorten, split
from cards.render.wecom import render as render_wecom
from cards.render.wecom import render_update
from tests.emulators.wecom_cards import first_fault

OK = Button("确认", "note_ok:1", Style.PRIMARY)
LINK = Link("打开", "https://gendan.example/n/1")
words = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=60)
names = st.text(string.ascii_lowercase, min_size=1, max_size=8)
option = st.builds(Option, st.just("") | names, words)
options = st.lists(option, max_size=14, unique_by=lambda made: made.value).map(tuple)
cards = st.builds(
    Card,
    title=words,
    severity=st.sampled_from(Severity),
    fields=st.lists(st.builds(Field, words, words), max_size=9).map(tuple),
    markdown=st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=300),
    buttons=st.lists(st.builds(Button, words, names), max_size=8, unique_by=lambda button: button.action).map(tuple),
    inputs=st.lists(
        st.builds(Input, names, words, st.sampled_from(InputKind), options, names),
        max_size=5,
        unique_by=lambda entry: entry.name,
    ).map(tuple),
    links=st.lists(st.builds(Link, words, st.just("https://x.example/1")), max_size=5).map(tuple),
    state=st.sampled_from(CardState),
    note=st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=60),
)


@settings(deadline=None)
@given(cards, st.sampled_from(["", "https://gendan.example"]))
def test_every_card_is_within_the_limits(card: Card, home_url: str) -> None:
    messages = render_wecom(card, home_url)
    assert messages
    for message in messages:
        if message["msgtype"] == "template_card":
            assert first_fault(message["template_card"] | {"task_id": "gendan-a-1"}) is None
        else:
            assert message["text"]["content"].strip()


@settings(deadline=None)
@given(cards)
def test_every_update_is_within_the_limits(card: Card) -> None:
    assert first_fault(render_update(card), update=True) is None


def strings(part: object) -> Iterator[str]:
    """Every text in the messages."""
    if isinstance(part, str):
        yield part
    elif isinstance(part, dict):
        for value in part.values():
            yield from strings(value)
    elif isinstance(part, list):
        for value in part:
            yield from strings(value)


@settings(deadline=None)
@given(cards)
def test_nothing_is_lost_in_silence(card: Card) -> None:
    shown = "\n".join(strings(render_wecom(card)))
    labels = [button.label for button in card.buttons] if card.state is CardState.OPEN else []
    wanted = [card.title, plain(card.markdown), card.note, *labels, *(link.label for link in card.links)]
    wanted += [part for field in card.fields for part in (field.name, field.value)]
    assert not [text for text in wanted if text not in shown]


def test_what_fits_is_one_card() -> None:
    card = Card("华昌", fields=(Field("客户", "华昌科技"),), markdown="要样品", buttons=(OK,), note="王磊 10:00")
    [message] = render_wecom(card)
    assert message["template_card"] == {
        "card_type": "button_interaction",
        "source": {"desc": "跟单", "desc_color": 0},
        "main_title": {"title": "华昌", "desc": "王磊 10:00"},
        "sub_title_text": "要样品",
        "horizontal_content_list": [{"keyname": "客户", "value": "华昌科技"}],
        "button_list": [{"text": "确认", "style": 1, "key": "note_ok:1"}],
    }


def test_fields_too_long_for_the_table_go_into_the_text() -> None:
    fields = (Field("客户", "华昌"), Field("原话", "值" * 31), Field("1. 给华昌报价", "周四"), Field("多行", "a\nb"))
    [message] = render_wecom(Card("题", fields=fields, markdown="要点", buttons=(OK,)))
    template = message["template_card"]
    assert template["horizontal_content_list"] == [{"keyname": "客户", "value": "华昌"}]
    assert template["sub_title_text"] == f"要点\n原话：{'值' * 31}\n1. 给华昌报价：周四\n多行：a\nb"


@pytest.mark.parametrize(
    "card",
    [
        Card("题" * 37, buttons=(OK,)),
        Card("题", markdown="字" * 161, buttons=(OK,)),
        Card("题", fields=(Field("原话", "值" * 158),), buttons=(OK,)),
        Card("题", fields=tuple(Field(f"项{n}", "值" * 30) for n in range(12)), buttons=(OK,)),
        Card("题", links=(LINK,) * 6, buttons=(OK,)),
        Card("题", buttons=(Button("一二三四五六七八九十十一", "a:1"),)),
        Card("题", buttons=tuple(Button(f"客户{n}", f"note_cust:1:{n}") for n in range(7))),
    ],
)
def test_what_does_not_fit_is_said_in_words_first(card: Card) -> None:
    text, template = render_wecom(card)
    assert text["text"]["content"].startswith(card.title)
    shown = "\n".join(strings([text, template]))
    assert all(button.label in shown for button in card.buttons)
    assert first_fault(template["template_card"] | {"task_id": "t"}) is None


def test_buttons_are_named_in_words_only_where_they_are_cut() -> None:
    text, _ = render_wecom(Card("题", markdown="字" * 161, buttons=(OK,)))
    assert "按钮" not in text["text"]["content"]
    text, _ = render_wecom(Card("题", buttons=(OK, Button("新建客户 华昌科技有限公司", "a:1"))))
    assert text["text"]["content"].endswith("\n按钮：确认 / 新建客户 华昌科技有限公司")


def test_links_take_the_places_that_buttons_leave() -> None:
    [message] = render_wecom(Card("题", buttons=(OK,), links=(LINK,), image="https://x.example/p.png"))
    buttons = message["template_card"]["button_list"]
    assert [button["text"] for button in buttons] == ["确认", "打开", "查看图片"]
    assert buttons[1] == {"type": 1, "text": "打开", "style": 2, "url": LINK.url}


def test_without_buttons_or_website_it_is_a_text() -> None:
    assert render_wecom(Card("周报", markdown="- 3 条\n- **5** 条")) == [
        {"msgtype": "text", "text": {"content": "周报\n· 3 条\n· 5 条"}}
    ]


def test_without_buttons_its_link_makes_it_a_notice() -> None:
    [message] = render_wecom(Card("周报", links=(LINK,)))
    assert message["template_card"]["card_type"] == "text_notice"
    assert message["template_card"]["jump_list"] == [{"type": 1, "title": "打开", "url": LINK.url}]
    assert message["template_card"]["card_action"] == {"type": 1, "url": LINK.url}


def test_a_done_card_sent_anew_has_nothing_to_press() -> None:
    [message] = render_wecom(Card("题", buttons=(OK,), state=CardState.DONE, note="李娜 已接"))
    assert message == {"msgtype": "text", "text": {"content": "题\n李娜 已接"}}


def test_one_selection_goes_beside_the_buttons() -> None:
    select = Input("who", "转给", InputKind.SELECT, tuple(Option(str(n), f"同事{n}") for n in range(12)), "3")
    [message] = render_wecom(Card("题", buttons=(OK, Button("忽略", "alert_drop:1")), inputs=(select, Input("x", "y"))))
    selection = message["template_card"]["button_selection"]
    assert (selection["question_key"], selection["selected_id"], len(selection["option_list"])) == ("who", "3", 10)
    assert len(message["template_card"]["button_list"]) == 2


def test_several_selections_with_one_button_make_a_form() -> None:
    selects = tuple(Input(f"q{n}", "选", InputKind.SELECT, (Option("a", "甲"), Option("b", "乙"))) for n in range(4))
    text, message = render_wecom(Card("题", fields=(Field("客户", "华昌"),), buttons=(OK,), inputs=selects))
    assert "客户：华昌" in text["text"]["content"]
    form = message["template_card"]
    assert [select["question_key"] for select in form["select_list"]] == ["q0", "q1", "q2"]
    assert form["submit_button"] == {"text": "确认", "key": "note_ok:1"}


def test_an_update_closes_the_buttons_and_shows_the_outcome() -> None:
    card = Card("题", buttons=(OK,), links=(LINK,), state=CardState.DONE, note="李娜 已接")
    template = render_update(card)
    assert template["replace_text"] == "已处理"
    assert template["main_title"]["desc"] == "李娜 已接"
    assert template["card_action"]["url"] == LINK.url
    assert "replace_text" not in render_update(replace(card, state=CardState.OPEN))


def test_a_long_outcome_is_told_in_full() -> None:
    note = "李娜 已接；" + "原因" * 30
    assert render_update(Card("题", state=CardState.DONE, note=note))["sub_title_text"] == note


def test_a_card_as_text() -> None:
    card = Card(
        "逾期",
        severity=Severity.DANGER,
        fields=(Field("客户", "华昌"),),
        markdown="## 下一步\n> 先**报价**，见[表格](https://x.example/t)，`A-1`",
        links=(LINK,),
        image="https://x.example/p.png",
        note="王磊 已提醒",
    )
    assert render(card) == (
        "🔴 逾期\n客户：华昌\n下一步\n先报价，见表格（https://x.example/t），A-1\n"
        "图片：https://x.example/p.png\n打开：https://gendan.example/n/1\n王磊 已提醒"
    )


def test_marks_that_mean_nothing_stay() -> None:
    assert plain("2 ** 3 = 8，5*3，#1 客户，a_b_c") == "2 ** 3 = 8，5*3，#1 客户，a_b_c"


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=500), st.integers(4, 200))
def test_split_keeps_all_but_line_breaks(text: str, limit: int) -> None:
    pieces = split(text, limit)
    assert all(len(piece.encode()) <= limit for piece in pieces)
    assert "".join(pieces).replace("\n", "") == text.replace("\n", "")


def test_split_prefers_the_ends_of_lines() -> None:
    assert split("aaaa\nbbbb\ncccc", 10) == ["aaaa\nbbbb", "cccc"]
    assert split("short", 10) == ["short"]
    assert split("", 10) == [""]
    assert split("字" * 5, 7) == ["字字", "字字", "字"]


def test_shorten_shows_the_cut() -> None:
    assert (shorten("一二三", 3), shorten("一二三四", 3)) == ("一二三", "一二…")
