"""Short words: what says nothing is no record, and what answers a reminder is done."""

from __future__ import annotations

import pytest

from bot.outgoing import SendText
from cards.wording import STAGES
from intents.tracing import STAGE_NAMES
from tests.handlers.conftest import Office
from tests.handlers.test_todos import ring

CALL = "提醒我十一点给华昌电子张总回电话"


async def rung(office: Office) -> None:
    await office.says("wang", CALL)
    office.later(hours=1)
    assert len(await ring(office)) == 1


@pytest.mark.parametrize("text", ["好的", "知道了", "收到，谢谢！", "明天再说", "嗯嗯"])
async def test_words_that_say_nothing_are_no_record(office: Office, text: str) -> None:
    await rung(office)
    [reply] = await office.says("wang", text)

    assert isinstance(reply, SendText)
    assert len(await office.notes()) == 1
    assert [todo.state for todo in await office.todos()] == ["open"]


@pytest.mark.parametrize("text", ["已完成", "做完了", "搞定了", "完成"])
async def test_done_right_after_a_reminder_is_that_to_do(office: Office, text: str) -> None:
    await rung(office)
    await office.says("wang", text)

    assert [todo.state for todo in await office.todos()] == ["done"]
    assert "已完成：给华昌电子张总回电话" in await office.texts("wang")
    assert len(await office.notes()) == 1


async def test_given_away_right_after_a_reminder(office: Office) -> None:
    await rung(office)
    await office.says("wang", "转给赵强")
    assert (await office.texts("wang"))[-1].startswith("没找到“赵强”。转给谁？")

    await office.says("wang", "转给小李")
    [todo] = await office.todos()
    assert todo.assignee_id == office.ids["li"]
    assert (await office.card("li", "todo:")).title == "王磊转给您：给华昌电子张总回电话"
    assert "已转给李娜" in await office.texts("wang")


async def test_without_a_reminder_on_screen_they_are_ordinary_words(office: Office) -> None:
    await rung(office)
    await office.says("wang", "刚拜访完明德科技")
    await office.says("wang", "做完了")
    assert [todo.state for todo in await office.todos()] == ["open"]


async def test_a_correction_reaches_past_words_without_content(office: Office) -> None:
    await office.says("wang", "答应华昌电子周五下午三点前给新报价")
    await office.says("wang", "在路上了")
    assert len(await office.notes()) == 2
    await office.says("wang", "不对，是周四")

    assert [office.local(todo.due_at)[:5] for todo in await office.todos()] == ["03-05"]
    await office.says("wang", "/undo")
    assert [note.state for note in await office.notes()] == ["draft", "undone"]


def test_stages_have_one_name() -> None:
    assert {stage.value: name for stage, name in STAGE_NAMES.items()} == STAGES
