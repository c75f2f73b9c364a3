"""From an event to the handler of its topic: who sent it, what kind it is, what it asks for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from bot.config import Settings
from bot.events import Chat, ChatKind, Click, Entered, Event, MediaKind, MediaMessage, TextMessage, Unsupported
from bot.outgoing import Handler, Reply, SendText, Toast
from bot.platform import Limits
from cards import wording
from cards.actions import Action, ActionError, CommandRun, decode
from cards.model import Card
from handlers import (
    alerts,
    commands,
    commitments,
    files,
    forecasts,
    groups,
    leads,
    note_edit,
    notes,
    people,
    records,
    todos,
)
from handlers.context import ClickHandler, CommandHandler, Ctx, FormHandler, Links
from handlers.notes import Said
from intents.commands import Unknown, parse_command
from storage.people import User
from storage.uow import UnitOfWork

_TOPICS = (notes, note_edit, todos, leads, records, commands, groups, alerts, forecasts, commitments)
CLICKS: dict[type[Action], ClickHandler] = {
    kind: handler for topic in _TOPICS for kind, handler in topic.CLICKS.items()
}
COMMANDS: dict[str, CommandHandler] = {
    name: handler for topic in _TOPICS for name, handler in topic.COMMANDS.items()
}
FORMS: dict[type[Action], FormHandler] = note_edit.FORMS

InputsOf = Callable[[User, Chat, str, UnitOfWork, datetime], Awaitable[Card | str]]
"""The card with the inputs that an encoded action opens for this user, or the sentence why there are none."""


def build_handler(settings: Settings, limits: Mapping[str, Limits], links: Links | None = None) -> Handler:
    """The one handler that `bot.dispatch` calls. `limits` of each platform in use, by its name."""
    return _Router(settings, limits, links)


def build_forms(settings: Settings) -> InputsOf:
    """What pages ask for the inputs they show. It changes nothing: to submit them is a click like any other."""

    async def inputs_of(user: User, chat: Chat, packed: str, uow: UnitOfWork, now: datetime) -> Card | str:
        try:
            action = decode(packed)
        except ActionError:
            return wording.EXPIRED
        handler = FORMS.get(type(action))
        ctx = Ctx(user, chat, uow, now, settings, card_inputs=True)
        return await handler(ctx, action) if handler else wording.EXPIRED

    return inputs_of


@dataclass(frozen=True, slots=True)
class _Router:
    settings: Settings
    limits: Mapping[str, Limits]
    links: Links | None

    async def __call__(self, event: Event, uow: UnitOfWork, now: datetime) -> list[Reply]:
        if isinstance(event, Unsupported):
            return []
        if event.chat.kind is ChatKind.GROUP and not isinstance(event, Click):
            return await groups.on_group_message(event, uow, now, self.settings)
        user = await uow.users.by_identity(event.chat.platform, event.sender.id)
        if user is None or event.sender.external:
            return await people.on_stranger(event, uow, now, self.settings)
        return await _on_colleague(event, self._ctx(event, user, uow, now))

    def _ctx(self, event: Event, user: User, uow: UnitOfWork, now: datetime) -> Ctx:
        inputs = self.limits[event.chat.platform].card_inputs
        return Ctx(user, event.chat, uow, now, self.settings, inputs, links=self.links)


async def _on_colleague(event: Event, ctx: Ctx) -> list[Reply]:
    match event:
        case Click():
            return await _on_click(event, replace(ctx, form=event.form))
        case TextMessage():
            return await _on_text(ctx, Said(event.text.strip()))
        case MediaMessage():
            return await _on_media(event, ctx)
        case Entered():
            return await commands.greet(ctx)
        case Unsupported():
            return []


async def _on_click(event: Click, ctx: Ctx) -> list[Reply]:
    try:
        action = decode(event.action)
    except ActionError:
        return [Toast(wording.EXPIRED)]
    if isinstance(action, CommandRun):
        return await _on_text(ctx, Said(action.text))
    handler = CLICKS.get(type(action))
    return await handler(ctx, action) if handler else [Toast(wording.EXPIRED)]


async def _on_media(event: MediaMessage, ctx: Ctx) -> list[Reply]:
    prepared = event.prepared
    if prepared is None:
        return [SendText(ctx.chat, "这个文件我没收到内容，麻烦重发一次。")]
    if prepared.failure is not None:
        return [SendText(ctx.chat, prepared.failure)]
    if event.media.kind is not MediaKind.VOICE:
        return await files.keep(ctx, event.media, prepared)
    if not (prepared.text or "").strip():
        return [SendText(ctx.chat, "这条语音没听清，请靠近话筒再说一遍，或直接打字。")]
    return await _on_text(ctx, Said((prepared.text or "").strip(), prepared.sha256))


async def _on_text(ctx: Ctx, said: Said) -> list[Reply]:
    """The answer to the card on screen, or a command; else a correction of the last record; else a new record."""
    if not said.text:
        return [SendText(ctx.chat, "收到一条空消息，没有内容可记。发一句话或一段语音给我就行。")]
    if await notes.drops_edit(ctx, said.text):
        return [SendText(ctx.chat, "好的，不改了。")]
    answered = await todos.on_reply(ctx, said.text)
    if answered is not None:
        return answered
    command = parse_command(said.text)
    if isinstance(command, Unknown):
        return commands.unknown(ctx, command)
    if command is not None:
        return await COMMANDS[command.name](ctx, command.args)
    answered = await alerts.on_reply(ctx, said.text) or await notes.acknowledged(ctx, said.text)
    if answered is not None:
        return answered
    return await notes.corrected(ctx, said) or await notes.recorded(ctx, said)
