"""Somebody the bot does not know, and how they get in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from bot.config import PeopleSettings, Settings
from bot.events import Chat, ChatKind, Click, Entered, Event, Media, MediaKind, MediaMessage, Sender, TextMessage
from bot.outgoing import Reply, SendText, Toast
from handlers.people import CUSTOMER, TOO_MANY, WRONG_CODE, on_stranger
from sales.people import Who, code_for, first_admin_code, make_admin, read_code, redeem
from storage.crm import AuditEntry
from storage.db import Database
from storage.people import BindCode, Role, User
from storage.uow import UnitOfWork

NOW = datetime(2026, 3, 5, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
SETTINGS = Settings(people=PeopleSettings(wrong_codes=5))
WRONG = "AAAAA-22222"
HOURS = 72


def said(text: str, who: str = "new", *, external: bool = False, name: str | None = "小新") -> TextMessage:
    return TextMessage(key="k", chat=Chat("x", who), sender=Sender(who, name, external), sent_at=NOW, text=text)


async def answer(uow: UnitOfWork, event: Event, now: datetime = NOW) -> str:
    """The one thing that is answered."""
    [reply] = await on_stranger(event, uow, now, SETTINGS)
    assert isinstance(reply, SendText | Toast)
    return reply.text


@pytest.fixture
async def uow(database: Database) -> AsyncIterator[UnitOfWork]:
    async with database.write() as session:
        yield UnitOfWork(session)


@pytest.mark.parametrize("text", ["你好", "华昌电子要报价", "", "AAAAA", "ABCDE-FGHJK 请看"])
async def test_one_sentence_on_how_to_be_added(uow: UnitOfWork, text: str) -> None:
    assert "您的账号 new" in await answer(uow, said(text))
    assert await uow.users.active() == []


async def test_other_kinds_of_events_get_the_same(uow: UnitOfWork) -> None:
    chat, sender = Chat("x", "new"), Sender("new")
    events: list[Event] = [
        Entered(key="k", chat=chat, sender=sender, sent_at=NOW),
        MediaMessage(key="k", chat=chat, sender=sender, sent_at=NOW, media=Media(MediaKind.VOICE, "r")),
        Click(key="k", chat=chat, sender=sender, sent_at=NOW, action="todo_done:1"),
    ]
    for event in events:
        assert "不在跟单助手的名单里" in await answer(uow, event)


async def test_in_a_group_the_bot_is_silent(uow: UnitOfWork) -> None:
    code = await first_admin_code(uow, NOW, HOURS)
    assert code is not None
    group = Chat("x", "g", ChatKind.GROUP)
    event = TextMessage(key="k", chat=group, sender=Sender("new"), sent_at=NOW, text=code)
    replies: list[Reply] = await on_stranger(event, uow, NOW, SETTINGS)
    assert replies == []
    assert await uow.users.active() == []


async def test_a_customer_is_sent_to_their_rep_and_cannot_use_a_code(uow: UnitOfWork) -> None:
    code = await first_admin_code(uow, NOW, HOURS)
    assert await answer(uow, said(str(code), external=True)) == CUSTOMER
    assert await uow.users.active() == []


async def test_the_first_admins_code_works_once(uow: UnitOfWork) -> None:
    code = await first_admin_code(uow, NOW, HOURS)
    assert "您现在是管理员" in await answer(uow, said(f" {str(code).lower()} "))
    admin = await uow.users.by_identity("x", "new")
    assert admin is not None
    assert (admin.name, admin.role, admin.preferred) == ("小新", Role.ADMIN, "x")
    assert await answer(uow, said(str(code), "other")) == WRONG_CODE
    assert await first_admin_code(uow, NOW, HOURS) is None


async def test_once_there_is_an_admin_an_unused_first_code_is_worth_nothing(uow: UnitOfWork) -> None:
    first, second = await first_admin_code(uow, NOW, HOURS), await first_admin_code(uow, NOW, HOURS)
    await answer(uow, said(str(first)))
    assert await answer(uow, said(str(second), "other")) == WRONG_CODE


async def test_a_code_ends(uow: UnitOfWork) -> None:
    code = await first_admin_code(uow, NOW, hours=1)
    late = NOW + timedelta(hours=1)
    assert await answer(uow, said(str(code)), late) == WRONG_CODE


async def test_a_colleagues_code_links_their_account(uow: UnitOfWork) -> None:
    wang = await uow.users.add(User(name="王磊", role=Role.REP, created_at=NOW))
    code = await code_for(uow, wang, None, NOW, HOURS)
    assert "王磊，欢迎" in await answer(uow, said(f"绑定 {code}"))
    linked = await uow.users.by_identity("x", "new")
    assert linked is not None
    assert (linked.id, linked.role) == (wang.id, Role.REP)


async def test_a_code_of_somebody_who_left_is_worth_nothing(uow: UnitOfWork) -> None:
    wang = await uow.users.add(User(name="王磊", role=Role.REP, created_at=NOW))
    code = await code_for(uow, wang, None, NOW, HOURS)
    wang.active = False
    await uow.session.flush()
    assert await answer(uow, said(code)) == WRONG_CODE


async def test_after_five_wrong_codes_none_is_looked_at_for_an_hour(uow: UnitOfWork) -> None:
    code = str(await first_admin_code(uow, NOW, HOURS))
    for minute in range(5):
        assert await answer(uow, said(WRONG), NOW + timedelta(minutes=minute)) == WRONG_CODE
    assert await answer(uow, said(code), NOW + timedelta(minutes=59)) == TOO_MANY
    assert await answer(uow, said(code, "other")) != TOO_MANY
    second = await uow.users.add(User(name="李娜", role=Role.REP, created_at=NOW))
    theirs = await code_for(uow, second, None, NOW, HOURS)
    assert "李娜" in await answer(uow, said(theirs), NOW + timedelta(minutes=61))


async def test_only_hashes_are_kept_and_everything_is_audited(uow: UnitOfWork) -> None:
    code = str(await first_admin_code(uow, NOW, HOURS))
    await answer(uow, said(code))
    await uow.session.flush()
    [kept] = (await uow.session.scalars(select(BindCode))).all()
    assert str(read_code(code)) not in kept.code_hash
    assert len(kept.code_hash) == 64
    actions = (await uow.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id))).all()
    assert actions == ["user.created", "identity.bound"]


async def test_of_ten_who_send_one_code_at_once_one_gets_in(database: Database) -> None:
    async with database.write() as session:
        uow = UnitOfWork(session)
        wang = await uow.users.add(User(name="王磊", role=Role.REP, created_at=NOW))
        code = str(read_code(await code_for(uow, wang, None, NOW, HOURS)))

    async def send(who: str) -> User | None:
        async with database.write() as session:
            return await redeem(UnitOfWork(session), code, Who("x", who), NOW)

    results = await asyncio.gather(*(send(str(number)) for number in range(10)))
    assert [user.name for user in results if user is not None] == ["王磊"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("ABCDE-FGHJK", "ABCDEFGHJK"),
        (" abcde fghjk ", "ABCDEFGHJK"),
        ("ＡＢＣＤＥ－ＦＧＨＪＫ", "ABCDEFGHJK"),
        ("绑定：ABCDE-FGHJK", "ABCDEFGHJK"),
        ("ABCDE-FGHJ", None),
        ("ABCDE-FGHJ1", None),
        ("好的", None),
    ],
)
def test_codes_are_read_as_people_send_them(text: str, code: str | None) -> None:
    assert read_code(text) == code


async def test_making_somebody_admin_twice_changes_nothing_more(uow: UnitOfWork) -> None:
    first, changed = await make_admin(uow, Who("x", "u1", "何帆"), NOW)
    again, changed_again = await make_admin(uow, Who("x", "u1"), NOW)
    assert (changed, changed_again) == (True, False)
    assert first.id == again.id
    assert (again.name, again.role) == ("何帆", Role.ADMIN)


async def test_an_account_nobody_has_goes_to_the_colleague_of_that_name(uow: UnitOfWork) -> None:
    wang = await uow.users.add(User(name="王磊", role=Role.REP, created_at=NOW))
    made, _ = await make_admin(uow, Who("x", "u1", "王磊"), NOW)
    assert made.id == wang.id
    assert wang.role == Role.ADMIN
