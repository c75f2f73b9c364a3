"""What WeCom refuses about a template card, with its own codes (documents 90236, 94888 and 90313).

Lengths of texts are advice at WeCom: longer ones are cut on the screen. Here they are refused (40058), so that a
card which would not be readable fails a test.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

Card = dict[str, Any]
Fault = tuple[int, str]

INTERACTIVE = ("button_interaction", "vote_interaction", "multiple_interaction")
TYPES = ("text_notice", "news_notice", *INTERACTIVE)
TASK_ID = re.compile(r"[0-9A-Za-z_\-@]{1,128}")
TOO_LONG = 40058


def first_fault(card: Card, *, update: bool = False) -> Fault | None:
    """The code and message WeCom would answer with, or None for a good card. Updates carry no `task_id`."""
    return next(_faults(card, update), None)


def _faults(card: Card, update: bool) -> Iterator[Fault]:
    kind = card.get("card_type")
    if kind not in TYPES:
        yield 42031, "Template_Card.CardType invalid"
        return
    if kind in INTERACTIVE and not update and not TASK_ID.fullmatch(str(card.get("task_id", ""))):
        yield 42014, "task_id invalid"
    yield from _common(card)
    if kind in ("text_notice", "news_notice"):
        yield from _notice(card)
    elif kind == "button_interaction":
        yield from _buttons(card)
    else:
        yield from _form(card, kind)


def _common(card: Card) -> Iterator[Fault]:
    title = card.get("main_title", {})
    if card["card_type"] != "text_notice" and not title.get("title"):
        yield TOO_LONG, "main_title.title missing"
    yield from _length(title, title=36, desc=44)
    yield from _length(card.get("source", {}), desc=20)
    yield from _length(card, sub_title_text=160)
    yield from _fields(card.get("horizontal_content_list", []))
    yield from _jumps(card.get("jump_list", []))


def _fields(fields: list[Card]) -> Iterator[Fault]:
    if len(fields) > 6:
        yield 42035, "horizontal_content_list length"
    for field in fields:
        if not field.get("keyname"):
            yield 42027, "horizontal_content_list.keyname missing"
        if field.get("type") == 1 and not field.get("url"):
            yield 42028, "url missing"
        yield from _length(field, keyname=5, value=30)


def _jumps(jumps: list[Card]) -> Iterator[Fault]:
    if len(jumps) > 3:
        yield 42042, "jump_list length"
    for jump in jumps:
        if not jump.get("title"):
            yield 42033, "title missing"
        if jump.get("type") == 1 and not jump.get("url"):
            yield 42028, "url missing"
        yield from _length(jump, title=18)


def _notice(card: Card) -> Iterator[Fault]:
    action = card.get("card_action", {})
    if action.get("type") not in (1, 2):
        yield 42045, "card_action missing"
    if action.get("type") == 1 and not action.get("url"):
        yield 42028, "url missing"
    if card["card_type"] == "text_notice" and not (card.get("main_title") or card.get("sub_title_text")):
        yield TOO_LONG, "neither main_title nor sub_title_text"
    if card["card_type"] == "news_notice" and not (card.get("card_image") or card.get("image_text_area")):
        yield 42044, "card_image missing"
    if len(card.get("vertical_content_list", [])) > 4:
        yield 42036, "vertical_content_list length"


def _buttons(card: Card) -> Iterator[Fault]:
    buttons = card.get("button_list", [])
    if not 1 <= len(buttons) <= 6:
        yield 42038, "button_list length"
    keys = [button.get("key") for button in buttons if button.get("type", 0) == 0]
    if len(set(keys)) < len(keys):
        yield 42051, "key conflict"
    for button in buttons:
        yield from _button(button)
    if "button_selection" in card:
        yield from _select(card["button_selection"])


def _button(button: Card) -> Iterator[Fault]:
    if not button.get("text"):
        yield 42038, "button_list.text missing"
    if button.get("type", 0) == 0 and not 1 <= len(str(button.get("key", "")).encode()) <= 1024:
        yield 42039, "button_list.key missing"
    if button.get("type") == 1 and not button.get("url"):
        yield 42028, "url missing"
    yield from _length(button, text=10)


def _form(card: Card, kind: str) -> Iterator[Fault]:
    submit = card.get("submit_button", {})
    if not submit.get("key"):
        yield 42046, "submit_button.key missing"
    if not submit.get("text"):
        yield 42049, "submit_button.text missing"
    yield from _length(submit, text=10)
    if kind == "vote_interaction":
        yield from _options(card.get("checkbox", {}), most=20)
        return
    selects = card.get("select_list", [])
    if not 1 <= len(selects) <= 3:
        yield 42047, "select_list length"
    for select in selects:
        yield from _select(select)


def _select(select: Card) -> Iterator[Fault]:
    yield from _options(select, most=10)


def _options(question: Card, most: int) -> Iterator[Fault]:
    options = question.get("option_list", [])
    if not question.get("question_key"):
        yield 42043, "question_key missing"
    if not 1 <= len(options) <= most:
        yield 42037, "option_list length"
    if len({option.get("id") for option in options}) < len(options):
        yield 42040, "option_list.id not unique"
    for option in options:
        if not 1 <= len(str(option.get("id", "")).encode()) <= 128:
            yield 42040, "option_list.id missing or too long"
        if not option.get("text"):
            yield 42041, "option_list.text missing"
        yield from _length(option, text=17)


def _length(part: Card, **most: int) -> Iterator[Fault]:
    for name, limit in most.items():
        if len(str(part.get(name, ""))) > limit:
            yield TOO_LONG, f"{name} longer than {limit}"
