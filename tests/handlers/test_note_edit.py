"""A record's inputs: what is refused, and what emptying them means."""

from __future__ import annotations

from cards.actions import NoteSave
from tests.handlers.conftest import Office

VISIT = "刚拜访完华昌，张总嫌价格高，合同大概50万，我答应周五下午三点前给他新报价"


async def test_inputs_that_cannot_be_meant_are_refused_with_the_reason(office: Office) -> None:
    await office.says("wang", VISIT)
    [note] = await office.notes()

    assert "200 个字以内" in await office.clicks("wang", NoteSave(note.id), title_1="报" * 201)
    assert "已经过去" in await office.clicks("wang", NoteSave(note.id), day_1="2026-03-02")
    assert "五年以内" in await office.clicks("wang", NoteSave(note.id), day_1="2031-03-05")
    assert "写上做什么" in await office.clicks("wang", NoteSave(note.id), title_1=" ", day_1="2026-03-06")
    [todo] = await office.todos()
    assert ("报价" in todo.title, office.local(todo.due_at)) == (True, "03-06 15:00")
    assert await office.clicks("wang", NoteSave(note.id), title_1="报" * 200, day_1="2026-03-04") == "已保存"


async def test_an_emptied_date_leaves_the_to_do_without_a_time(office: Office) -> None:
    await office.says("wang", VISIT)
    await office.presses("wang", await office.card("wang", "note:"), "修改")
    form = await office.card("wang", "note:")
    given = {entry.name: entry.value for entry in form.inputs}

    assert "清空日期" in form.note
    assert await office.presses("wang", form, "保存", **(given | {"day_1": ""})) == "已保存"
    [todo] = await office.todos()
    assert (todo.state, todo.due_at, todo.remind_at) == ("open", None, None)


async def test_a_to_do_whose_inputs_were_all_emptied_is_dropped(office: Office) -> None:
    await office.says("wang", VISIT)
    await office.presses("wang", await office.card("wang", "note:"), "修改")
    form = await office.card("wang", "note:")
    given = {entry.name: entry.value for entry in form.inputs}

    assert await office.presses("wang", form, "保存", **(given | {"title_1": "", "day_1": ""})) == "已保存"
    [todo] = await office.todos()
    assert (todo.state, todo.remind_at) == ("cancelled", None)
    assert not any(field.name.startswith("待办") for field in (await office.card("wang", "note:")).fields)
