"""A card as WeCom messages (official document 90236): pure, and within the limits of every template.

Only cards with something to press become interactive templates. WeCom has no text, number or date inputs: these are
left out, and `Limits.card_inputs` tells the handlers to ask in words. A field too long for a template's table goes into
its running text. What that is too small for is sent as a text before the card, so that nothing gets lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cards.model import Button, Card, CardState, Field, Input, InputKind, Link, Severity, Style
from cards.render import text
from cards.render.text import shorten

Message = dict[str, Any]
Template = dict[str, Any]

TITLE, DESC, BODY = 36, 44, 160
FIELDS, NAME, VALUE = 6, 5, 30
BUTTONS, LABEL = 6, 10
JUMPS, JUMP_TITLE = 3, 18
SELECTS, OPTIONS, OPTION_TEXT, SELECT_TITLE = 3, 10, 16, 12
ABOVE = "全文见上一条消息"
EMPTY = "(empty)"
"""Stands for the option with an empty value: WeCom wants an id for each."""

_SOURCE = {
    Severity.INFO: ("跟单", 0),
    Severity.SUCCESS: ("跟单 · 完成", 3),
    Severity.WARNING: ("跟单 · 请留意", 2),
    Severity.DANGER: ("跟单 · 紧急", 2),
}
_STYLE = {Style.PRIMARY: 1, Style.DEFAULT: 2, Style.DANGER: 3}


def render(card: Card, home_url: str = "") -> list[Message]:
    """The messages that show `card`, in order. Template cards still lack the `task_id` that sending gives them.

    `home_url` is where a card without links leads when it is pressed; without either it is sent as text.
    """
    if _buttons(card) and card.state is CardState.OPEN:
        template = _interactive(card)
        before = _overflow(card, template)
        if before and len(_body(card)) > BODY:
            template["sub_title_text"] = ABOVE
        return [*before, _card_message(template)]
    url = card.links[0].url if card.links else home_url
    short = len(card.links) <= JUMPS and all(len(link.label) <= JUMP_TITLE for link in card.links)
    if url and _fits(card) and short:
        return [_card_message(_notice(card, url))]
    return [text_message(text.render(card))]


def render_update(card: Card) -> Template:
    """The template that takes an interactive card's place (document 94888): a closed one shows a grey button."""
    if card.state is CardState.OPEN and _buttons(card):
        return _interactive(card)
    done = "已处理" if card.state is CardState.DONE else "已更新"
    closed = [{"text": done, "style": 2, "key": "closed"}]
    template = _base(card, "button_interaction") | {"button_list": closed, "replace_text": done}
    return template | ({"card_action": {"type": 1, "url": card.links[0].url}} if card.links else {})


def _interactive(card: Card) -> Template:
    selects = [entry for entry in card.inputs if entry.kind is InputKind.SELECT and entry.options]
    if len(selects) > 1 and len(card.buttons) == 1:
        return _form(card, selects[:SELECTS], card.buttons[0])
    template = _base(card, "button_interaction")
    if selects:
        template["button_selection"] = _select(selects[0])
    template["button_list"] = _buttons(card)
    return template


def _form(card: Card, selects: Sequence[Input], submit: Button) -> Template:
    """Several selections and one button; this template has no room for anything but a title."""
    return {
        "card_type": "multiple_interaction",
        "source": _source(card),
        "main_title": _title(card),
        "select_list": [_select(entry) for entry in selects],
        "submit_button": {"text": shorten(submit.label, LABEL), "key": submit.action},
    }


def _notice(card: Card, url: str) -> Template:
    jumps = [{"type": 1, "title": shorten(link.label, JUMP_TITLE), "url": link.url} for link in card.links]
    template = _base(card, "text_notice") | {"card_action": {"type": 1, "url": url}}
    return template | ({"jump_list": jumps} if jumps else {})


def _base(card: Card, card_type: str) -> Template:
    template: Template = {"card_type": card_type, "source": _source(card), "main_title": _title(card)}
    if body := _body(card):
        template["sub_title_text"] = shorten(body, BODY)
    if table := _table(card):
        template["horizontal_content_list"] = [{"keyname": field.name, "value": field.value} for field in table]
    return template


def _table(card: Card) -> list[Field]:
    """The fields that fit into the table, as many as it takes."""
    short = [f for f in card.fields if len(f.name) <= NAME and len(f.value) <= VALUE and "\n" not in f.value]
    return short[:FIELDS]


def _source(card: Card) -> dict[str, str | int]:
    label, color = _SOURCE[card.severity]
    return {"desc": label, "desc_color": color}


def _title(card: Card) -> dict[str, str]:
    title = {"title": shorten(card.title, TITLE)}
    return title | ({"desc": shorten(card.note, DESC)} if card.note else {})


def _body(card: Card) -> str:
    """The running text; the note first where the title has no room for all of it, then what the table did not take."""
    table = _table(card)
    parts = [
        card.note if len(card.note) > DESC else "",
        text.plain(card.markdown),
        *(f"{field.name}：{field.value}" for field in card.fields if field not in table),
    ]
    return "\n".join(part for part in parts if part)


def _buttons(card: Card) -> list[dict[str, Any]]:
    """Buttons that call back, then links in the places left over."""
    calls = [
        {"text": shorten(button.label, LABEL), "style": _STYLE[button.style], "key": button.action}
        for button in card.buttons[:BUTTONS]
    ]
    room = BUTTONS - len(calls) if calls else 0
    return calls + [
        {"type": 1, "text": shorten(link.label, LABEL), "style": 2, "url": link.url} for link in _links(card)[:room]
    ]


def _links(card: Card) -> list[Link]:
    image = [Link("查看图片", card.image)] if card.image and card.image.startswith("http") else []
    return [*card.links, *image]


def _select(entry: Input) -> dict[str, Any]:
    options = [
        {"id": option.value or EMPTY, "text": shorten(option.label, OPTION_TEXT)}
        for option in entry.options[:OPTIONS]
    ]
    select = {"question_key": entry.name, "title": shorten(entry.label, SELECT_TITLE), "option_list": options}
    selected = entry.value or EMPTY
    return select | ({"selected_id": selected} if any(option["id"] == selected for option in options) else {})


def _overflow(card: Card, template: Template) -> list[Message]:
    """The whole card as a text where the template shows less than all of it."""
    if template["card_type"] == "multiple_interaction":
        complete = not card.fields and not _body(card) and len(card.title) <= TITLE and not _links(card)
    else:
        complete = _fits(card) and len(card.buttons) + len(_links(card)) <= BUTTONS
    labels = [button.label for button in card.buttons]
    cut = len(labels) > BUTTONS or any(len(label) > LABEL for label in labels)
    if complete and not cut and all(len(link.label) <= LABEL for link in _links(card)):
        return []
    return [text_message(text.render(card) + (f"\n按钮：{' / '.join(labels)}" if cut else ""))]


def _fits(card: Card) -> bool:
    return len(card.title) <= TITLE and len(_body(card)) <= BODY


def text_message(content: str) -> Message:
    """A text; the sender sees to its length."""
    return {"msgtype": "text", "text": {"content": content}}


def _card_message(template: Template) -> Message:
    return {"msgtype": "template_card", "template_card": template}
