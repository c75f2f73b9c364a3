"""Records change only what their author may still see, and give work only to who may see it."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from cards.actions import NoteEdit, NoteSave, NoteUndo
from handlers.notes import VISIBLE_NO_MORE
from storage.crm import Customer, Lead
from storage.people import Role, Team, User
from tests.handlers.conftest import Office


async def _taken_by_south(office: Office) -> None:
    async with office.db.write() as session:
        south = await session.scalar(select(Team.id).where(Team.name == "华南"))
        theirs = {"owner_id": office.ids["zhao"], "team_id": south}
        await session.execute(update(Customer).where(Customer.name == "华昌电子").values(theirs))
        await session.execute(update(Lead).values(theirs))


async def test_who_lost_a_customer_changes_nothing_of_it_any_more(office: Office) -> None:
    await office.says("wang", "今天和华昌电子聊了价格，答应周五下午三点前给新报价")
    [note] = await office.notes()
    await _taken_by_south(office)

    for action in (NoteEdit(note.id), NoteSave(note.id), NoteUndo(note.id)):
        assert await office.clicks("wang", action, amount="990000") == VISIBLE_NO_MORE
    await office.says("wang", "不对，是周四")
    assert (await office.texts("wang"))[-1] == VISIBLE_NO_MORE
    await office.says("wang", "/undo")
    assert (await office.texts("wang"))[-1] == VISIBLE_NO_MORE
    assert [office.local(todo.due_at)[:5] for todo in await office.todos()] == ["03-06"]


@pytest.mark.parametrize(("name", "role", "reached"), [("冯涛", Role.MANAGER, False), ("周敏", Role.LEGAL, True)])
async def test_work_goes_to_no_other_teams_manager(office: Office, name: str, role: Role, reached: bool) -> None:
    async with office.db.write() as session:
        south = await session.scalar(select(Team.id).where(Team.name == "华南"))
        session.add(User(name=name, role=role, team_id=south, created_at=office.now))
    await office.says("wang", f"刚从华昌电子回来，让{name}周四上午十点前把合同寄给华昌电子")

    [todo] = await office.todos()
    assert (todo.assignee_id != office.ids["wang"]) is reached
