"""The local messenger from code: scenario tests that read like conversations.

    async with LocalClient(url, "wang") as wang:
        await wang.say("刚和华昌电子王总通完电话，答应周五之前发新报价")
        await wang.idle()
        await wang.click("确认")
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import aiohttp

from cards.model import Card, CardState, from_json

IDLE_S = 30.0
_SHOWN = 30


class NotShown(LookupError):
    """What the test looks for is not on the screen; the message shows the conversation."""


class StillBusy(TimeoutError):
    """The product did not come to rest in time; the message shows the conversation."""


class ApiError(Exception):
    """The messenger refused; `status` is HTTP's and `sentence` what the user would read."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(f"{status}: {sentence}")
        self.status = status
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class ShownCard:
    """A card as it stands on the screen now, in the message `message_id`."""

    message_id: str
    card: Card

    @property
    def title(self) -> str:
        return self.card.title

    @property
    def is_open(self) -> bool:
        return self.card.state is CardState.OPEN

    @property
    def labels(self) -> list[str]:
        """What stands on its buttons."""
        return [button.label for button in self.card.buttons]

    def field(self, name: str) -> str:
        """The value beside `name`. Raises `NotShown`."""
        for field in self.card.fields:
            if field.name == name:
                return field.value
        raise NotShown(f"card {self.title!r} has no field {name!r}, only {[f.name for f in self.card.fields]}")

    def text(self) -> str:
        """All that can be read on it, for assertions and error messages."""
        card = self.card
        lines = [card.title, *(f"{field.name}：{field.value}" for field in card.fields), card.markdown]
        lines += [f"<{entry.label}: {entry.value}>" for entry in card.inputs]
        lines += [" ".join(f"[{label}]" for label in self.labels), card.note]
        return "\n".join(line for line in lines if line)


class LocalClient:
    """One person in one chat: their chat with the bot, or `chat` (a group). Use it as a context manager."""

    def __init__(self, base_url: str, user: str, chat: str | None = None, *, token: str = "") -> None:
        self.user = user
        self.chat = chat or user
        self._base = base_url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def say(self, text: str, *, message_id: str | None = None) -> str:
        """Send a text; returns the event's key once it is accepted. With `message_id`, twice is once."""
        body = {"from": self.user, "chat": self.chat, "text": text, "id": message_id}
        return str((await self._post("/local/messages", body))["event_key"])

    async def voice(self, path: Path) -> str:
        """Send a voice note; what it is, is seen from its content."""
        return await self.file(path)

    async def photo(self, path: Path) -> str:
        return await self.file(path)

    async def file(self, path: Path) -> str:
        """Upload a file of any kind; returns the event's key."""
        form = aiohttp.FormData({"from": self.user, "chat": self.chat}, quote_fields=False)
        form.add_field("file", BytesIO(await asyncio.to_thread(path.read_bytes)), filename=path.name)
        return str((await self._request("POST", "/local/messages", data=form))["event_key"])

    async def click(
        self, label: str, form: Mapping[str, str] | None = None, *, card: ShownCard | None = None
    ) -> str | None:
        """Press a button of `card`, else of the newest open card that has it. Inputs not in `form` stay as they are.

        Returns the toast. Raises `NotShown` where there is no such button or input.
        """
        shown = card or await self._open_card_with(label)
        action = next((button.action for button in shown.card.buttons if button.label == label), None)
        if action is None:
            raise NotShown(f"no button {label!r} on this card:\n{shown.text()}")
        values = {entry.name: entry.value for entry in shown.card.inputs}
        if unknown := set(form or {}) - set(values):
            raise NotShown(f"no inputs {sorted(unknown)} on this card, only {sorted(values)}:\n{shown.text()}")
        return await self.press(shown.message_id, action, values | dict(form or {}))

    async def press(self, message_id: str, action: str, form: Mapping[str, str] | None = None) -> str | None:
        """A click as the page sends it, whatever the card shows by now."""
        body = {"from": self.user, "message_id": message_id, "action": action, "form": dict(form or {})}
        toast = (await self._post("/local/actions", body)).get("toast")
        return None if toast is None else str(toast)

    async def messages(self, after: int = 0) -> list[dict[str, Any]]:
        """All messages of the chat behind `after`, in the JSON of the API."""
        found: list[dict[str, Any]] = []
        while page := await self._get(f"/local/chats/{self.chat}/messages", {"after": str(after)}):
            found += page
            after = page[-1]["seq"]
        return found

    async def cards(self) -> list[ShownCard]:
        """Every card of the chat as it is shown now, oldest first."""
        return [ShownCard(row["id"], from_json(row["card"])) for row in await self.messages() if row["card"]]

    async def last_card(self, containing: str = "") -> ShownCard:
        """The newest card on which `containing` can be read. Raises `NotShown`."""
        for shown in reversed(await self.cards()):
            if containing in shown.text():
                return shown
        raise NotShown(await self._told(f"no card{f' with {containing!r}' if containing else ''}"))

    async def texts(self) -> list[str]:
        """What the bot wrote, oldest first."""
        return [row["text"] for row in await self.messages() if row["from"] == "bot" and row["kind"] == "text"]

    async def last_text(self) -> str:
        """Raises `NotShown` when the bot wrote none."""
        texts = await self.texts()
        if not texts:
            raise NotShown(await self._told("no text of the bot"))
        return texts[-1]

    async def idle(self, timeout_s: float = IDLE_S) -> None:
        """Wait until the product has nothing left to do. Raises `StillBusy`."""
        try:
            await self._get("/local/idle", {"timeout": str(timeout_s)})
        except ApiError as error:
            if error.status != 503:
                raise
            raise StillBusy(await self._told(f"still busy after {timeout_s:g} s")) from error

    async def advance(self, duration: str) -> None:
        """Let time pass (`PT2H`); returns when all that fell due is done."""
        await self._post("/local/clock", {"advance": duration})

    async def set_clock(self, at: str) -> None:
        """Make it that instant (ISO 8601)."""
        await self._post("/local/clock", {"set": at})

    async def transcript(self) -> str:
        """The conversation's newest lines, for a person to read."""
        rows = (await self.messages())[-_SHOWN:]
        return "\n".join(_line(row) for row in rows) or "(nothing)"

    async def _open_card_with(self, label: str) -> ShownCard:
        for shown in reversed(await self.cards()):
            if shown.is_open and label in shown.labels:
                return shown
        raise NotShown(await self._told(f"no open card with a button {label!r}"))

    async def _told(self, what: str) -> str:
        return f"{what}; {self.user} sees in {self.chat}:\n{await self.transcript()}"

    async def _get(self, path: str, params: Mapping[str, str]) -> Any:
        return await self._request("GET", path, params=dict(params))

    async def _post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = await self._request("POST", path, json=dict(body))
        return answer

    async def _request(self, method: str, path: str, **options: Any) -> Any:
        if self._session is None:
            self._session = aiohttp.ClientSession(headers=self._headers, timeout=aiohttp.ClientTimeout(total=600))
        async with self._session.request(method, self._base + path, **options) as response:
            body = await response.json()
            if response.status >= 400:
                raise ApiError(response.status, str(body.get("error", body)))
            return body


def _line(row: Mapping[str, Any]) -> str:
    if row["card"]:
        shown = ShownCard(row["id"], from_json(row["card"]))
        mark = "" if shown.is_open else " (done)"
        return f"  {row['from']}: card{mark} " + shown.text().replace("\n", "\n      ")
    return f"  {row['from']}: " + (f"[{row['file']['kind']} {row['file']['name']}]" if row["file"] else row["text"])
