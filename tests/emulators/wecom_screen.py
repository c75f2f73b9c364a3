"""What a member of the enterprise sees, and what they can press."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.emulators.wecom_cards import INTERACTIVE
from tests.emulators.wecom_push import Fields

Kind = Literal["text", "card"]
PER_MINUTE, PER_HOUR = 30, 1000


@dataclass(eq=False, slots=True)
class Shown:
    """A message on a screen. A card changes in place: `updates` counts how often; `closed` is its grey button."""

    user: str
    kind: Kind
    text: str = ""
    card: dict[str, Any] = field(default_factory=dict)
    task_id: str = ""
    updates: int = 0
    closed: str = ""

    @property
    def title(self) -> str:
        return str(self.card["main_title"]["title"])

    @property
    def note(self) -> str:
        return str(self.card["main_title"].get("desc", ""))

    @property
    def body(self) -> str:
        return str(self.card.get("sub_title_text", ""))

    @property
    def fields(self) -> dict[str, str]:
        return {item["keyname"]: item["value"] for item in self.card.get("horizontal_content_list", [])}

    @property
    def buttons(self) -> list[str]:
        """What can be pressed and calls back."""
        return list(_keys(self))

    @property
    def interactive(self) -> bool:
        return self.card.get("card_type") in INTERACTIVE


class Screen:
    """One member's chat with the app."""

    def __init__(self) -> None:
        self.messages: list[Shown] = []
        self._times: deque[float] = deque(maxlen=PER_HOUR)
        self._unread: dict[Kind, deque[Shown]] = {"text": deque(), "card": deque()}
        self._bell = asyncio.Event()

    def add(self, shown: Shown, now: float) -> bool:
        """Show it; False when the member gets too much already."""
        minute = sum(1 for at in self._times if at > now - 60)
        if minute >= PER_MINUTE or (len(self._times) == PER_HOUR and self._times[0] > now - 3600):
            return False
        self._times.append(now)
        self.messages.append(shown)
        self._unread[shown.kind].append(shown)
        self._tell()
        return True

    def replace(self, shown: Shown, card: dict[str, Any] | None, button: str | None) -> None:
        """Change a card in place: all of it, or only its buttons into a grey one."""
        if card is not None:
            shown.card = card
        shown.closed = button or shown.card.get("replace_text", "")
        shown.updates += 1
        self._tell()

    async def next(self, kind: Kind, timeout: float) -> Shown:  # noqa: ASYNC109 - reads better in tests
        """The oldest message of `kind` nobody asked for yet. Raises `TimeoutError`."""
        await self._until(lambda: bool(self._unread[kind]), timeout)
        return self._unread[kind].popleft()

    async def changed(self, shown: Shown, updates: int = 1, timeout: float = 20) -> None:  # noqa: ASYNC109
        """Until a card was changed that often. Raises `TimeoutError`."""
        await self._until(lambda: shown.updates >= updates, timeout)

    async def _until(self, ready: Callable[[], bool], timeout: float) -> None:  # noqa: ASYNC109 - as above
        async with asyncio.timeout(timeout):
            while not ready():
                await self._bell.wait()

    def _tell(self) -> None:
        self._bell.set()
        self._bell = asyncio.Event()


def pressed(shown: Shown, label: str) -> str:
    """The key of the button `label`. Raises `AssertionError` when there is nothing of that name to press."""
    keys = _keys(shown)
    assert label in keys, f"no button {label!r} on {shown.title!r}, only {list(keys)} (closed: {shown.closed!r})"
    return keys[label]


def selected_items(shown: Shown, form: Mapping[str, str]) -> list[Fields]:
    """The choices that go along with a click: `form`, else what is selected at first."""
    questions = _questions(shown.card)
    unknown = set(form) - {question["question_key"] for question in questions}
    assert not unknown, f"no such selection on {shown.title!r}: {unknown}"
    return [
        {
            "SelectedItem": [
                {"QuestionKey": question["question_key"]},
                {"OptionIds": [{"OptionId": _choice(question, form.get(question["question_key"]))}]},
            ]
        }
        for question in questions
    ]


def _keys(shown: Shown) -> dict[str, str]:
    if shown.closed:
        return {}
    if "submit_button" in shown.card:
        return {shown.card["submit_button"]["text"]: shown.card["submit_button"]["key"]}
    return {b["text"]: b["key"] for b in shown.card.get("button_list", []) if b.get("type", 0) == 0}


def _questions(card: Mapping[str, Any]) -> list[dict[str, Any]]:
    one = [card["button_selection"]] if "button_selection" in card else []
    return [*one, *card.get("select_list", [])]


def _choice(question: Mapping[str, Any], wanted: str | None) -> str:
    ids = [option["id"] for option in question["option_list"]]
    assert wanted is None or wanted in ids, f"no option {wanted!r}, only {ids}"
    chosen: str = wanted or question.get("selected_id") or ids[0]
    return chosen
