"""Notes on one customer build on each other: any of them can be taken back or changed, in any order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.events import MediaKind
from bot.outgoing import Reply
from cards.actions import NoteSave, NoteUndo
from cards.model import Card, CardState
from scheduler.jobs import all_jobs
from scheduler.runner import Runner
from storage.crm import Alert, Contact, Customer, Interaction
from storage.people import GroupChat
from tests.handlers.conftest import WEDNESDAY, Office

FIRST = "今天第一次拜访了华昌电子"
NEEDS = "华昌电子需求确认了，周五下午三点前给报价"
DEMO = "华昌电子方案演示做完了，效果不错"
MONDAY = WEDNESDAY + timedelta(days=5)


def fields(card: Card) -> dict[str, str]:
    return {field.name: field.value for field in card.fields}


async def tick(office: Office) -> None:
    """Fire what is due."""

    async def post(session: AsyncSession, replies: Sequence[Reply], now: object) -> None:
        await office.delivers(session, list(replies))

    clock = Clock(lambda: office.now)
    await Runner(office.db, clock, all_jobs(office.settings), office.settings, post).run_due(office.now)


async def alerts(office: Office) -> list[tuple[str, str]]:
    async with office.db.read() as session:
        rows = await session.scalars(select(Alert).order_by(Alert.id))
        return [(row.state, row.outcome) for row in rows]


async def contacts(office: Office) -> Sequence[str]:
    async with office.db.read() as session:
        return (await session.scalars(select(Contact.name))).all()


async def pictures(office: Office) -> Sequence[int]:
    """The customers that have one."""
    async with office.db.read() as session:
        wanted = select(Interaction.customer_id).where(Interaction.kind == "image")
        return (await session.scalars(wanted)).all()


async def touchpoints(office: Office) -> list[tuple[str, str]]:
    return [(step.touchpoint, step.state) for step in await office.steps("华昌电子")]


async def says_all(office: Office, *texts: str) -> list[int]:
    """One after the other, an hour apart; the ids of the notes."""
    for text in texts:
        await office.says("wang", text)
        office.later(hours=1)
    return [note.id for note in await office.notes()]


async def amount(office: Office) -> Decimal | None:
    deal = await office.opportunity("华昌电子")
    return deal.amount if deal is not None and deal.state == "open" else None


async def stage(office: Office) -> str:
    lead = await office.lead("华昌电子")
    assert lead is not None
    return lead.stage


# --- an older note ----------------------------------------------------------------------------------------------


async def test_an_older_note_leaves_the_later_ones_in_force(office: Office) -> None:
    first, second, third = await says_all(office, FIRST, NEEDS, DEMO)
    assert await touchpoints(office) == [
        ("needs_confirmed", "done"), ("solution_demo", "done"), ("objection_handling", "open"),
    ]  # fmt: skip

    await office.clicks("wang", NoteUndo(second))
    assert await touchpoints(office) == [("needs_confirmed", "done"), ("objection_handling", "open")]
    assert await stage(office) == "solution_demo"

    await office.clicks("wang", NoteUndo(third))
    assert await touchpoints(office) == [("needs_confirmed", "open")]
    assert await stage(office) == "first_contact"
    lead, [step] = await office.lead("华昌电子"), await office.steps("华昌电子")
    assert lead is not None
    assert (office.local(lead.touched_at), step.done_at) == ("03-04 10:00", None)

    await office.clicks("wang", NoteUndo(first))
    assert await office.lead("华昌电子") is None


async def test_the_first_note_passes_the_lead_on(office: Office) -> None:
    first, second = await says_all(office, FIRST, NEEDS)
    await office.clicks("wang", NoteUndo(first))
    assert await stage(office) == "needs_confirmed"
    assert ("solution_demo", "open") in await touchpoints(office)

    await office.clicks("wang", NoteUndo(second))
    assert await office.lead("华昌电子") is None


async def test_an_older_note_that_is_changed_does_not_touch_the_lead_again(office: Office) -> None:
    _, second, _ = await says_all(office, FIRST, NEEDS, DEMO)
    before = [(step.id, step.state, step.due_at) for step in await office.steps("华昌电子")]

    assert await office.clicks("wang", NoteSave(second), amount="500000") == "已保存"
    assert await amount(office) == Decimal(500000)
    assert [(step.id, step.state, step.due_at) for step in await office.steps("华昌电子")] == before

    assert await office.clicks("wang", NoteSave(second), stage="first_contact") == "已保存"
    assert [state for _, state in await touchpoints(office)].count("open") == 1
    assert await stage(office) == "solution_demo"


async def test_a_step_taken_by_hand_is_newer_than_the_note(office: Office) -> None:
    _, second = await says_all(office, FIRST, NEEDS)
    await office.says("chen", "/stage 华昌电子 签约准备")
    await office.clicks("wang", NoteUndo(second))

    assert await stage(office) == "closing_prep"
    assert [state for _, state in await touchpoints(office)].count("open") == 1


async def test_amounts_go_with_the_notes_that_stated_them(office: Office) -> None:
    first, second = await says_all(office, "华昌电子这单金额五十万", "华昌电子又涨了，这单金额六十万")
    await office.clicks("wang", NoteUndo(first))
    assert await amount(office) == Decimal(600000)
    await office.clicks("wang", NoteUndo(second))
    assert await amount(office) is None
    assert await office.opportunity("华昌电子") is None


async def test_an_amount_is_corrected_in_its_place(office: Office) -> None:
    first, second = await says_all(office, "华昌电子这单金额五十万", "华昌电子又涨了，这单金额六十万")
    await office.clicks("wang", NoteSave(first), amount="550000")
    assert await amount(office) == Decimal(600000)
    assert await office.clicks("wang", NoteUndo(second)) == "已撤销"
    assert await amount(office) == Decimal(550000)
    await office.clicks("wang", NoteUndo(first))
    assert await office.opportunity("华昌电子") is None


async def test_a_deal_won_twice_is_not_opened_beside_the_new_one(office: Office) -> None:
    again = "华昌电子又要一批，方案演示做完了，金额三十万"
    first, _ = await says_all(office, "好消息，华昌电子合同签了，总额四十八万", again)
    await office.clicks("wang", NoteUndo(first))

    assert await amount(office) == Decimal(300000)
    assert [state for _, state in await touchpoints(office)].count("open") == 1


# --- what managers were told ------------------------------------------------------------------------------------


async def test_a_manager_decides_again_when_the_work_is_undone(office: Office) -> None:
    await office.says("wang", FIRST)
    office.now = MONDAY
    await tick(office)
    await office.says("wang", "今天又拜访了华昌电子，聊得不错")
    assert await alerts(office) == [("closed", "已跟进")]

    await office.says("wang", "/undo")
    assert await alerts(office) == [("open", "")]
    card = await office.card("chen", "alert:")
    assert card.state is CardState.OPEN
    assert await touchpoints(office) == [("needs_confirmed", "open")]
    assert await office.presses("chen", card, "忽略") == "好的，已忽略。"


async def test_an_alert_goes_on_to_the_note_that_takes_over(office: Office) -> None:
    await office.says("wang", FIRST)
    office.now = MONDAY
    await tick(office)
    _, second, third = await says_all(office, NEEDS, DEMO)
    await office.clicks("wang", NoteUndo(second))
    assert await alerts(office) == [("closed", "已跟进")]
    await office.clicks("wang", NoteUndo(third))
    assert await alerts(office) == [("open", "")]


async def test_there_is_nothing_to_decide_about_a_lead_that_never_was(office: Office) -> None:
    await office.says("wang", FIRST)
    office.now = MONDAY
    await tick(office)
    before = await office.card("chen", "alert:")
    [note] = await office.notes()
    await office.clicks("wang", NoteUndo(note.id))

    assert await alerts(office) == [("closed", "记录已撤销")]
    assert (await office.card("chen", "alert:")).state is CardState.DONE
    assert "已经处理过了" in await office.presses("chen", before, "提醒")


# --- what others use --------------------------------------------------------------------------------------------


async def _new_customer(office: Office) -> int:
    """The note that made 卓越包装."""
    await office.says("wang", "今天第一次拜访了卓越包装的刘总，聊了需求")
    await office.presses("wang", await office.card("wang", "note:"), "新建客户 卓越包装")
    [note] = await office.notes()
    assert note.customer_id is not None
    office.customers["卓越包装"] = note.customer_id
    return note.id


async def _there_is(office: Office, name: str) -> bool:
    async with office.db.read() as session:
        return await session.scalar(select(Customer.id).where(Customer.name == name)) is not None


async def test_a_new_customer_that_was_promised_something_stays(office: Office) -> None:
    made = await _new_customer(office)
    await office.says("wang", "/promise 72小时内给卓越包装发方案")
    assert await office.clicks("wang", NoteUndo(made)) == "已撤销"
    assert await _there_is(office, "卓越包装")
    [promise] = await office.promises()
    assert (promise.state, promise.customer_id) == ("open", office.customers["卓越包装"])

    await office.says("wang", "/undo")
    assert not await _there_is(office, "卓越包装")


async def test_a_new_customer_with_a_group_stays(office: Office) -> None:
    made = await _new_customer(office)
    async with office.db.write() as session:
        session.add(GroupChat(platform="test", chat_id="g", customer_id=office.customers["卓越包装"]))
    assert await office.clicks("wang", NoteUndo(made)) == "已撤销"
    assert await _there_is(office, "卓越包装")


async def test_a_contact_stays_while_a_note_names_them(office: Office) -> None:
    first, second = await says_all(office, "拜访了华昌电子的张总", "华昌电子张总又来电了，聊了交期")
    await office.clicks("wang", NoteUndo(first))
    assert await contacts(office) == ["张总"]
    await office.clicks("wang", NoteUndo(second))
    assert await contacts(office) == []


async def test_what_a_colleague_has_done_stays_done(office: Office) -> None:
    await office.says("wang", "华昌电子要报价，让李娜周五前准备好报价单")
    await office.presses("li", await office.card("li", "todo:"), "完成")
    await office.says("wang", "/undo")

    [todo] = await office.todos()
    assert (todo.state, todo.done_by) == ("done", office.ids["li"])
    assert "已经完成" in (await office.texts("wang"))[-1]
    assert "已经完成" in (await office.card("wang", "note:")).note


async def test_a_handed_over_to_do_stays_with_its_taker(office: Office) -> None:
    await office.says("wang", "华昌电子要报价，让李娜周五前准备好报价单")
    await office.presses("li", await office.card("li", "todo:"), "转给…", assignee=str(office.ids["chen"]))
    await office.says("wang", "不对，是周四")

    [todo] = await office.todos()
    assert (todo.assignee_id, office.local(todo.due_at)[:5]) == (office.ids["chen"], "03-05")


async def test_a_picture_follows_its_note(office: Office) -> None:
    await office.says("wang", "刚拜访完华昌电子，聊了交期")
    await office.file("wang", MediaKind.IMAGE, "现场.png", "b" * 64)
    await office.says("wang", "不对，客户是恒锐激光")
    assert await pictures(office) == [office.customers["恒锐激光"]]

    await office.says("wang", "/undo")
    assert await pictures(office) == []
    assert "下一条记录" in (await office.texts("wang"))[-1]
    await office.says("wang", "刚拜访完恒瑞机械，聊了交期")
    assert await pictures(office) == [office.customers["恒瑞机械"]]


# --- a lost deal -------------------------------------------------------------------------------------------------


async def test_a_lost_deal_takes_its_promises_along(office: Office) -> None:
    await says_all(office, "答应华昌电子周五下午三点前给报价", "提醒我周四给华昌电子打电话")
    await office.says("wang", "华昌电子这单丢了，客户选了别家")

    assert [promise.state for promise in await office.promises()] == ["cancelled"]
    assert [todo.state for todo in await office.todos()] == ["cancelled", "open"]
    card = await office.card("wang", "note:")
    assert fields(card)["已取消的承诺"] == "给报价"
    assert fields(card)["其他待办"] == "还有 1 条，仍会提醒"

    await office.says("wang", "/undo")
    [promise], [fulfils, _] = await office.promises(), await office.todos()
    assert (promise.state, promise.closed_at, fulfils.state) == ("open", None, "open")
    assert fulfils.remind_at is not None
    lead = await office.lead("华昌电子")
    assert lead is not None
    assert lead.state == "open"


async def test_what_the_bad_news_itself_promises_is_kept(office: Office) -> None:
    await office.says("wang", "华昌电子这单丢了，答应客户周五下午三点前把样品取回来")
    assert [promise.state for promise in await office.promises()] == ["open"]


# --- what the card shows -------------------------------------------------------------------------------------------


async def test_a_card_shows_only_a_stage_that_holds(office: Office) -> None:
    await office.says("wang", "华昌电子方案演示做完了")
    assert fields(await office.card("wang", "note:1"))["阶段"] == "方案演示"
    await office.says("wang", "/stage 华昌电子 签约准备")
    await office.says("wang", "华昌电子需求确认了")
    assert "阶段" not in fields(await office.card("wang", "note:2"))


async def test_a_forecast_does_not_show_a_stage_it_does_not_set(office: Office) -> None:
    await office.says("wang", FIRST)
    await office.says("wang", "华昌电子这个单子我预计三月二十二号签，金额八十六万五，合同草案已经发过去了，法务还在审")
    assert "阶段" not in fields(await office.card("wang", "note:2"))
    assert await stage(office) == "first_contact"


async def test_a_change_is_named(office: Office) -> None:
    await office.says("wang", "刚拜访完华昌电子，张总嫌价格高，答应周五下午三点前给他新报价")
    await office.says("wang", "不对，是周四")
    told = (await office.texts("wang"))[-1]
    assert told.startswith("改好了：待办 ")
    assert "3月5日 15:00" in told
    assert "张总" not in told
    assert "阶段" not in told


# --- a promise is a note ---------------------------------------------------------------------------------------------


async def test_a_promise_can_be_corrected_and_taken_back(office: Office) -> None:
    await office.says("wang", "刚拜访完华昌电子，答应周五下午三点前给新报价")
    await office.says("wang", "/promise 72小时内给恒锐激光发方案")
    await office.says("wang", "不对，是48小时内")
    assert [office.local(promise.due_at) for promise in await office.promises()] == ["03-06 15:00", "03-06 10:00"]

    await office.says("wang", "/undo")
    assert [promise.state for promise in await office.promises()] == ["open", "cancelled"]
    assert [todo.state for todo in await office.todos()] == ["open", "cancelled"]


async def test_a_promise_asks_whom_it_was_made_to(office: Office) -> None:
    await office.says("wang", "/promise 72小时内给卓越包装发方案")
    card = await office.card("wang", "note:")
    await office.presses("wang", card, "新建客户 卓越包装")
    [promise], [note] = await office.promises(), await office.notes()
    assert promise.customer_id == note.customer_id is not None
