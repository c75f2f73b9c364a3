"""Where cards have no inputs, 修改 brings a link: to the one who pressed it, never into a group."""

from __future__ import annotations

from bot.config import Settings
from bot.events import Chat, ChatKind, Click, Sender
from bot.outgoing import SendText
from bot.platform import Limits
from cards import wording
from cards.actions import Action, NoteConfirm, NoteEdit
from handlers.router import FORMS, build_forms, build_handler
from storage.people import User
from storage.uow import UnitOfWork
from tests.handlers.conftest import MESSENGER, WEDNESDAY, Office

NOTE = "周五前给华昌电子发报价"
DIRECT = Chat(MESSENGER, "wang")


class Links:
    """Addresses that say what they are for."""

    def form(self, user: User, chat: Chat, action: Action) -> str:
        return f"https://x.test/{user.name}/{chat.id}/{action.encode()}"


async def pressed(office: Office, chat: Chat) -> str:
    """The answer to 修改 on a messenger without inputs."""
    handler = build_handler(Settings(), {MESSENGER: Limits(card_inputs=False)}, Links())
    click = Click(key="c1", chat=chat, sender=Sender("wang"), sent_at=WEDNESDAY, action=NoteEdit(1).encode())
    async with office.db.write() as session:
        [reply] = await handler(click, UnitOfWork(session), WEDNESDAY)
    assert isinstance(reply, SendText)
    return reply.text


async def test_the_link_names_person_chat_and_note(office: Office) -> None:
    await office.says("wang", NOTE)
    said = await pressed(office, DIRECT)
    assert said.startswith(wording.HOW_TO_AMEND)
    assert said.endswith("\nhttps://x.test/王磊/wang/note_edit:1")
    assert "1 小时内有效" in said


async def test_no_link_goes_into_a_group(office: Office) -> None:
    await office.says("wang", NOTE)
    assert "http" not in await pressed(office, Chat(MESSENGER, "g1", ChatKind.GROUP))


async def test_only_actions_that_open_inputs_have_a_form(office: Office) -> None:
    await office.says("wang", NOTE)
    inputs_of = build_forms(Settings())
    async with office.db.read() as session:
        uow = UnitOfWork(session)
        user = await uow.users.by_identity(MESSENGER, "wang")
        assert user is not None
        for packed in (NoteConfirm(1).encode(), "gone_since:1", NoteEdit(99).encode()):
            assert await inputs_of(user, DIRECT, packed, uow, WEDNESDAY) == wording.EXPIRED
        card = await inputs_of(user, DIRECT, NoteEdit(1).encode(), uow, WEDNESDAY)
    assert not isinstance(card, str)
    assert card.buttons[0].action == "note_save:1", "the first button submits"
    assert list(FORMS) == [NoteEdit]
