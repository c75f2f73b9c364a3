"""The rows of a note's to-dos stay with what they are about; a long note says what was left out."""

from __future__ import annotations

from cards.actions import TodoDone
from tests.handlers.conftest import Office
from tests.handlers.test_notes import fields

TWO = "拜访华昌张总，我周四下午两点给他发报价，周五下午四点寄样品"


async def test_deleting_the_first_leaves_the_second_as_it_is(office: Office) -> None:
    await office.says("wang", TWO)
    first, second = await office.todos()
    await office.clicks("wang", TodoDone(second.id))

    await office.says("wang", "第一个删掉")
    gone, kept = await office.todos()
    assert (gone.id, gone.title, gone.state) == (first.id, first.title, "cancelled")
    assert (kept.id, kept.title, kept.state, kept.due_at) == (second.id, second.title, "done", second.due_at)
    assert second.title in fields(await office.card("wang", "note:"))["待办"]


async def test_what_was_deleted_does_not_come_back_as_another(office: Office) -> None:
    await office.says("wang", TWO)
    first, second = await office.todos()
    await office.says("wang", "第一个删掉")
    await office.says("wang", "改到下周一上午十点")

    gone, kept = await office.todos()
    assert (gone.id, gone.state) == (first.id, "cancelled")
    assert (kept.id, kept.state, office.local(kept.due_at)) == (second.id, "open", "03-09 10:00")


async def test_a_long_note_says_how_far_it_was_understood(office: Office) -> None:
    await office.says("wang", "今天拜访华昌张总，嫌价格高。" + "他还讲了很多行业里的事。" * 400)
    assert "只理解了前 4000 字" in fields(await office.card("wang", "note:"))["注意"]


async def test_work_given_to_a_colleague_stays_with_it(office: Office) -> None:
    await office.says("wang", "拜访华昌张总，我周四下午两点给他发报价，让李娜周五下午四点寄样品")
    assert [todo.assignee_id for todo in await office.todos()] == [office.ids["wang"], office.ids["li"]]

    await office.says("wang", "第一个删掉")
    states = [(todo.state, todo.assignee_id) for todo in await office.todos()]
    assert states == [("cancelled", office.ids["wang"]), ("open", office.ids["li"])]
