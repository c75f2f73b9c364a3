"""To-dos ring, are done, snoozed and handed over; the list."""

from __future__ import annotations

from datetime import timedelta

from bot.outgoing import Reply
from cards import wording
from cards.actions import TodoDone, TodoHandOver, TodoSnooze
from cards.model import Card, CardState, Severity
from notices.todos import reminder
from sales.todos import ring_due
from storage.uow import UnitOfWork
from tests.handlers.conftest import Office

QUOTE = "答应华昌周五下午三点前把报价发给张总"


async def ring(office: Office) -> list[Reply]:
    """What the timed job does."""
    async with office.db.write() as session:
        rung = await ring_due(UnitOfWork(session), office.now, 50)
        replies: list[Reply] = [reminder(each, office.now, office.settings) for each in rung]
        await office.delivers(session, replies)
    return replies


async def ringing(office: Office) -> Card:
    """A to-do of wang's whose reminder is on the screen."""
    await office.says("wang", QUOTE)
    [todo] = await office.todos()
    assert todo.remind_at is not None
    office.now = todo.remind_at.astimezone(office.now.tzinfo)
    await ring(office)
    return await office.card("wang", "todo:")


async def test_it_rings_once_at_its_time(office: Office) -> None:
    await office.says("wang", QUOTE)
    [todo] = await office.todos()
    async with office.db.read() as session:
        assert await UnitOfWork(session).todos.next_ring(office.now) == todo.remind_at
    office.now = todo.remind_at or office.now
    office.later(seconds=-1)
    assert await ring(office) == []
    office.later(seconds=1)
    assert len(await ring(office)) == 1
    assert await ring(office) == []


async def test_done_keeps_the_promise_and_answers_the_second_click(office: Office) -> None:
    card = await ringing(office)
    assert [button.label for button in card.buttons] == ["完成", "1小时后", "明早", "转给…"]

    assert (await office.presses("wang", card, "完成")).startswith("已完成")
    assert [promise.state for promise in await office.promises()] == ["kept"]
    done = await office.card("wang", "todo:")
    assert (done.state, done.note) == (CardState.DONE, "王磊 已完成")
    assert await office.presses("wang", card, "完成") == "这条待办王磊 已完成。"
    assert await office.presses("chen", card, "完成") == "这条待办王磊 已完成。"


async def test_the_manager_may_do_it_and_the_rep_is_told_who_was_first(office: Office) -> None:
    card = await ringing(office)
    await office.presses("chen", card, "完成")

    assert await office.presses("wang", card, "完成") == "这条待办陈静 已完成。"
    assert (await office.card("wang", "todo:")).note == "陈静 已完成"


async def test_snoozed_it_rings_again(office: Office) -> None:
    card = await ringing(office)
    assert "再提醒" in await office.presses("wang", card, "1小时后")
    assert await ring(office) == []
    office.later(hours=1)
    assert len(await ring(office)) == 1


async def test_what_rings_at_its_very_time_is_not_late(office: Office) -> None:
    await office.says("wang", QUOTE)
    [todo] = await office.todos()
    assert todo.due_at is not None
    office.now = todo.due_at.astimezone(office.now.tzinfo)
    await ring(office)
    card = await office.card("wang", "todo:")
    assert (card.severity, "已过期" in {f.name: f.value for f in card.fields}["时间"]) == (Severity.INFO, False)

    office.later(minutes=2)
    await office.says("wang", "/todo")
    listed = await office.card("wang", "todos:")
    assert "已过期" in listed.fields[0].value
    assert "将于 明天 09:00 再提醒" in await office.presses("wang", card, "明早")
    listed = await office.card("wang", "todos:")
    assert "将于 明天 09:00 再提醒" in listed.fields[0].value
    assert "已过期" not in listed.fields[0].value
    snoozed = await office.card("wang", "todo:")
    assert "已过期" not in "".join(field.value for field in snoozed.fields)
    assert snoozed.note == "将于 明天 09:00 再提醒"


async def test_tomorrow_morning_is_the_configured_hour(office: Office) -> None:
    card = await ringing(office)
    await office.presses("wang", card, "明早")

    [todo] = await office.todos()
    assert office.local(todo.remind_at) == "03-07 09:00"


async def test_handed_over_the_colleague_has_it(office: Office) -> None:
    card = await ringing(office)
    assert "先在" in await office.presses("wang", card, "转给…")
    assert "先在" in await office.presses("wang", card, "转给…", assignee=str(office.ids["zhao"]))

    assert await office.presses("wang", card, "转给…", assignee=str(office.ids["li"])) == "已转给李娜"
    given = await office.card("li", "todo:")
    assert given.title.startswith("王磊转给您：")
    assert (await office.card("wang", "todo:")).note == "已转给李娜"
    [promise] = await office.promises()
    assert promise.user_id == office.ids["li"]

    assert await office.presses("wang", card, "完成") == "这条待办现在由李娜负责。"
    assert (await office.presses("li", given, "完成")).startswith("已完成")
    assert (await office.card("wang", "todo:")).note == "李娜 已完成"


async def test_another_teams_rep_cannot_touch_it(office: Office) -> None:
    await office.says("wang", QUOTE)
    [todo] = await office.todos()

    for action in (TodoDone(todo.id), TodoSnooze(todo.id, 60), TodoHandOver(todo.id)):
        assert await office.clicks("zhao", action, assignee=str(office.ids["zhao"])) == "这条待办不在您名下。"
    assert await office.clicks("wang", TodoDone(999)) == wording.EXPIRED
    assert [row.state for row in await office.todos()] == ["open"]


async def test_words_after_a_reminder_move_that_to_do(office: Office) -> None:
    await office.says("wang", "周四上午十点给华昌寄样品，周五下午三点前把报价发给张总")
    office.now = office.now.replace(day=6, hour=14, minute=0)
    assert len(await ring(office)) == 2
    await office.says("wang", "改到下周一上午十点")

    assert [office.local(todo.due_at) for todo in await office.todos()] == ["03-05 10:00", "03-09 10:00"]
    office.now = office.now.replace(day=9, hour=9)
    assert len(await ring(office)) == 1


# --- commands ----------------------------------------------------------------------------------------------------


async def test_the_list_is_numbered_and_kept_up_to_date(office: Office) -> None:
    await office.says("wang", "明天上午十点给华昌发样品")
    await office.says("wang", QUOTE)
    await office.says("wang", "待办")
    card = await office.card("wang", "todos:")
    assert card.title == "我的待办（2）"
    assert [button.label for button in card.buttons] == ["完成 1", "完成 2"]

    await office.presses("wang", card, "完成 1")
    assert (await office.card("wang", "todos:")).title == "我的待办（1）"
    await office.says("wang", "/done 1")
    assert [todo.state for todo in await office.todos()] == ["done", "done"]
    await office.says("wang", "/todo")
    assert (await office.card("wang", "todos:")).title == "没有未完成的待办"


async def test_a_to_do_is_made_by_command(office: Office) -> None:
    await office.says("wang", "/todo 明天下午三点给华昌发报价")
    await office.says("wang", "/todo 华昌的样品")

    first, second = await office.todos()
    assert (office.local(first.due_at), first.customer_id) == ("03-05 15:00", office.customers["华昌电子"])
    assert (second.title, second.due_at) == ("华昌的样品", None)
    assert await office.lead("华昌电子") is not None


async def test_all_are_listed_in_words(office: Office) -> None:
    for number in range(10):
        await office.says("wang", f"/todo 明天上午十点给华昌寄第{number + 1}箱样品")
    await office.says("wang", "/todo")
    assert "/todo 全部" in (await office.card("wang", "todos:")).note
    for words in ("全部", "更多"):
        await office.says("wang", f"/todo {words}")
        lines = (await office.texts("wang"))[-1].splitlines()
        assert lines[0] == "我的待办（10）"
        assert [line.partition(".")[0] for line in lines[1:]] == [str(number) for number in range(1, 11)]


async def test_a_bare_number_shows_that_to_do(office: Office) -> None:
    await office.says("wang", "/todo 明天上午十点给华昌寄样品")
    await office.says("wang", "/todo 1")
    assert "寄样品" in (await office.card("wang", "todo:")).title
    await office.says("wang", "/todo 3")
    assert "没有第 3 条" in (await office.texts("wang"))[-1]
    assert len(await office.todos()) == 1


async def test_done_by_words(office: Office) -> None:
    await office.says("wang", "/todo 明天上午十点给华昌寄样品")
    await office.says("wang", "/todo 后天上午十点给恒锐激光发合同")
    await office.says("wang", "/done 发合同")
    assert [todo.state for todo in await office.todos()] == ["open", "done"]

    await office.says("wang", "/done 订机票")
    assert any("没找到" in text for text in await office.texts("wang"))
    await office.says("wang", "/done 7")
    assert [todo.state for todo in await office.todos()] == ["open", "done"]


async def test_what_is_late_says_so(office: Office) -> None:
    await office.says("wang", "/todo 明天上午十点给华昌寄样品")
    office.now += timedelta(days=2)
    await office.says("wang", "/todo")
    assert "已过期" in (await office.card("wang", "todos:")).fields[0].value
