"""A note becomes a record, a card and its consequences; it is corrected, confirmed and taken back."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from bot.events import MediaKind, Prepared
from bot.outgoing import SendText
from bot.platform import Limits
from cards import wording
from cards.actions import NoteConfirm, NoteCustomer, NoteSave, NoteUndo
from cards.model import Card, CardState
from tests.handlers.conftest import Office

VISIT = "刚拜访完华昌，张总嫌价格高，合同大概50万，我答应周五下午三点前给他新报价"


def fields(card: Card) -> dict[str, str]:
    return {field.name: field.value for field in card.fields}


def labels(card: Card) -> list[str]:
    return [button.label for button in card.buttons]


# --- recording ---------------------------------------------------------------------------------------------------


async def test_a_note_becomes_a_card_with_its_consequences(office: Office) -> None:
    await office.says("wang", VISIT)

    card = await office.card("wang", "note:")
    assert card.title == "跟进记录：华昌电子"
    assert fields(card)["联系人"] == "张总"
    assert fields(card)["阶段"] == "异议处理"
    assert fields(card)["金额"] == "50万元（成交）"
    assert "周五 3月6日 15:00" in fields(card)["待办"]
    assert labels(card) == ["确认", "修改", "撤销"]
    [todo] = await office.todos()
    assert (todo.assignee_id, todo.owner, office.local(todo.due_at)) == (office.ids["wang"], "us", "03-06 15:00")
    [promise] = await office.promises()
    assert (promise.todo_id, promise.due_at) == (todo.id, todo.due_at)
    lead = await office.lead("华昌电子")
    assert lead is not None
    assert lead.stage == "objection_handling"
    [step] = await office.steps("华昌电子")
    assert (step.touchpoint, step.state) == ("closing_prep", "open")
    deal = await office.opportunity("华昌电子")
    assert deal is not None
    assert deal.amount == Decimal(500000)


async def test_a_budget_does_not_become_the_value_of_the_deal(office: Office) -> None:
    await office.says("wang", "今天和华昌的王总聊了，他们预算80万")

    assert fields(await office.card("wang", "note:"))["金额"] == "80万元（预算）"
    assert await office.opportunity("华昌电子") is None


async def test_the_stage_never_falls_back_by_itself(office: Office) -> None:
    await office.says("wang", VISIT)
    office.later(hours=1)
    await office.says("wang", "华昌今天需求确认了")

    lead = await office.lead("华昌电子")
    assert lead is not None
    assert lead.stage == "objection_handling"
    assert [step.state for step in await office.steps("华昌电子")] == ["done", "open"]


async def test_a_won_deal_closes_the_lead(office: Office) -> None:
    await office.says("wang", VISIT)
    office.later(days=1)
    await office.says("wang", "华昌签了，合同48万")

    lead, deal = await office.lead("华昌电子"), await office.opportunity("华昌电子")
    assert lead is not None
    assert deal is not None
    assert (lead.state, deal.state, deal.amount) == ("won", "won", Decimal(480000))
    assert all(step.state != "open" for step in await office.steps("华昌电子"))


async def test_what_the_customer_promised_is_chased_by_the_rep(office: Office) -> None:
    await office.says("wang", "华昌的李工答应明天上午十点前把图纸发给我们")

    [todo] = await office.todos()
    assert (todo.owner, todo.assignee_id) == ("customer", office.ids["wang"])
    assert await office.promises() == []
    assert "客户（我跟催）" in fields(await office.card("wang", "note:"))["待办"]


async def test_a_colleague_who_is_given_work_hears_of_it(office: Office) -> None:
    await office.says("wang", "刚从华昌回来，让李娜周四上午十点前把样品寄给华昌")

    [todo] = await office.todos()
    assert todo.assignee_id == office.ids["li"]
    card = await office.card("li", f"todo:{todo.id}")
    assert card.title.startswith("王磊交给您：")
    assert "李娜" in fields(await office.card("wang", "note:"))["待办"]


async def test_two_customers_in_one_note_make_a_card_each(office: Office) -> None:
    await office.says("wang", "上午拜访了华昌电子，周五把报价发过去；下午去了恒锐激光，下周一做演示")

    titles = [card.title for card in await office.cards("wang", "note:")]
    assert titles == ["跟进记录：华昌电子", "跟进记录：恒锐激光"]
    assert [note.customer_id for note in await office.notes()] == [
        office.customers["华昌电子"],
        office.customers["恒锐激光"],
    ]


async def test_a_voice_note_shows_its_words(office: Office) -> None:
    await office.voice("wang", Prepared(sha256="a" * 64, mime="audio/amr", text=VISIT))

    assert fields(await office.card("wang", "note:"))["原话"] == VISIT
    [note] = await office.notes()
    assert note.media_sha256 == "a" * 64


async def test_a_voice_note_that_gave_no_words_gets_its_sentence(office: Office) -> None:
    await office.voice("wang", Prepared(failure="没听清，请再说一遍。"))
    await office.voice("wang", Prepared(sha256="a" * 64, text="  "))

    first, second = await office.texts("wang")
    assert first == "没听清，请再说一遍。"
    assert "没听清" in second
    assert await office.notes() == []


async def test_an_empty_message_gets_a_sentence(office: Office) -> None:
    replies = await office.says("wang", "  \n ")

    assert isinstance(replies[0], SendText)
    assert "空消息" in replies[0].text


# --- which customer ----------------------------------------------------------------------------------------------


async def _unsure(office: Office) -> Card:
    async with office.db.write() as session:
        from storage.crm import Customer

        for name in ("新源科技", "新元科技"):
            customer = Customer(name=name, aliases=[], owner_id=office.ids["wang"], created_at=office.now)
            session.add(customer)
            await session.flush()
            office.customers[name] = customer.id
    await office.says("wang", "今天拜访了新圆科技，周五下午三点前把方案发过去")
    return await office.card("wang", "note:")


async def test_an_unsure_customer_is_asked_for_and_nothing_is_lost(office: Office) -> None:
    card = await _unsure(office)

    assert card.title == "这条记录是哪个客户的？"
    assert {"新源科技", "新元科技", "撤销"} <= set(labels(card))
    assert [office.local(todo.due_at) for todo in await office.todos()] == ["03-06 15:00"]
    assert await office.lead("新源科技") is None

    assert await office.presses("wang", card, "新元科技") == "已记到新元科技"
    assert (await office.card("wang", "note:")).title == "跟进记录：新元科技"
    assert await office.lead("新元科技") is not None
    assert [todo.customer_id for todo in await office.todos()] == [office.customers["新元科技"]]
    assert "已经选好" in await office.presses("wang", card, "新源科技")


async def test_an_unsure_customer_may_be_answered_in_words(office: Office) -> None:
    await _unsure(office)
    await office.says("wang", "新源科技")

    [note] = await office.notes()
    assert (note.state, note.customer_id) == ("draft", office.customers["新源科技"])


async def test_a_new_customer_is_made_by_a_click_and_taken_back_by_undo(office: Office) -> None:
    await office.says("wang", "今天第一次拜访了天宇机械的刘总，下周三上午十点给他们做演示")
    card = await office.card("wang", "note:")
    assert "新建客户 天宇机械" in labels(card)

    await office.presses("wang", card, "新建客户 天宇机械")
    [note] = await office.notes()
    assert note.customer_id is not None
    office.customers["天宇机械"] = note.customer_id
    lead = await office.lead("天宇机械")
    assert lead is not None
    assert (lead.stage, lead.owner_id) == ("first_contact", office.ids["wang"])

    await office.presses("wang", await office.card("wang", "note:"), "撤销")
    await office.says("wang", "/who 天宇机械")
    assert (await office.texts("wang"))[-1].startswith("没有找到")
    assert await office.lead("天宇机械") is None


async def test_a_name_of_another_team_is_not_taken_over(office: Office) -> None:
    await office.says("wang", "今天拜访了远安材料，聊得不错")
    card = await office.card("wang", "note:")

    assert "新建客户 远安材料" in labels(card)
    toast = await office.presses("wang", card, "新建客户 远安材料")
    assert "其他团队" in toast
    assert await office.lead("远安材料") is None
    [note] = await office.notes()
    denied = await office.clicks("wang", NoteCustomer(note.id, office.customers["远安材料"]))
    assert denied == "没有找到您能查看的这个客户。"


# --- correcting --------------------------------------------------------------------------------------------------


async def test_a_reply_amends_the_record_everywhere(office: Office) -> None:
    await office.voice("wang", Prepared(sha256="a" * 64, text=VISIT))
    await office.says("wang", "不对，是周四")

    [todo], [promise] = await office.todos(), await office.promises()
    assert (office.local(todo.due_at), office.local(todo.remind_at)) == ("03-05 15:00", "03-05 14:00")
    assert promise.due_at == todo.due_at
    card = await office.card("wang", "note:")
    assert "周四 3月5日 15:00" in fields(card)["待办"]
    assert fields(card)["联系人"] == "张总"
    assert card.note == "已按“不对，是周四”修改"
    assert len(await office.notes()) == 1
    assert "改好了" in (await office.texts("wang"))[-1]


async def test_another_customer_moves_all_of_it(office: Office) -> None:
    await office.says("wang", VISIT)
    await office.says("wang", "客户是恒锐激光")

    assert await office.lead("华昌电子") is None
    assert await office.opportunity("华昌电子") is None
    lead, deal = await office.lead("恒锐激光"), await office.opportunity("恒锐激光")
    assert lead is not None
    assert deal is not None
    assert (lead.stage, deal.amount) == ("objection_handling", Decimal(500000))
    [todo], [promise] = await office.todos(), await office.promises()
    assert todo.customer_id == promise.customer_id == office.customers["恒锐激光"]


async def test_a_correction_is_only_of_a_recent_record(office: Office) -> None:
    await office.says("wang", VISIT)
    office.later(hours=25)
    await office.says("wang", "不对，是周四")

    assert len(await office.notes()) == 2
    assert office.local((await office.todos())[0].due_at) == "03-06 15:00"


async def test_one_of_two_records_is_meant_by_its_words(office: Office) -> None:
    await office.says("wang", "上午拜访了华昌电子，周五把报价发过去；下午去了恒锐激光，下周一做演示")
    await office.says("wang", "华昌电子那个改成周四")

    assert [office.local(todo.due_at)[:5] for todo in await office.todos()] == ["03-05", "03-09"]


async def test_edit_opens_inputs_and_saves_them(office: Office) -> None:
    await office.says("wang", VISIT)
    await office.presses("wang", await office.card("wang", "note:"), "修改")
    form = await office.card("wang", "note:")
    assert labels(form) == ["保存", "取消"]
    given = {entry.name: entry.value for entry in form.inputs}
    assert (given["day_1"], given["clock_1"], given["amount"]) == ("2026-03-06", "15:00", "500000")

    changes = {"day_1": "2026-03-10", "clock_1": "9:30", "title_1": "发新报价", "amount": "480,000"}
    assert await office.presses("wang", form, "保存", **(given | changes)) == "已保存"
    [todo] = await office.todos()
    assert (todo.title, office.local(todo.due_at), office.local(todo.remind_at)) == (
        "发新报价",
        "03-10 09:30",
        "03-10 08:30",
    )
    deal = await office.opportunity("华昌电子")
    assert deal is not None
    assert deal.amount == Decimal(480000)


async def test_edit_can_be_left(office: Office) -> None:
    await office.says("wang", VISIT)
    before = await office.card("wang", "note:")
    await office.presses("wang", before, "修改")
    await office.presses("wang", await office.card("wang", "note:"), "取消")

    assert await office.card("wang", "note:") == before


async def test_inputs_that_cannot_be_read_change_nothing(office: Office) -> None:
    await office.says("wang", VISIT)
    [note] = await office.notes()

    for form in ({"day_1": "周五"}, {"clock_1": "下午"}, {"amount": "很多"}, {"amount": "-1"}, {"stage": "nope"}):
        assert await office.clicks("wang", NoteSave(note.id), **form) not in ("", "已保存")
    foreign = str(office.customers["远安材料"])
    assert "没有找到" in await office.clicks("wang", NoteSave(note.id), customer=foreign)
    assert office.local((await office.todos())[0].due_at) == "03-06 15:00"


async def test_without_inputs_edit_waits_for_words(office: Office) -> None:
    plain = replace(office, limits=Limits(card_inputs=False))
    await plain.says("wang", VISIT)
    await plain.presses("wang", await plain.card("wang", "note:"), "修改")
    assert "直接回复要改的内容" in (await plain.texts("wang"))[-1]

    await plain.says("wang", "嗯嗯啊啊")
    assert "没看懂" in (await plain.texts("wang"))[-1]
    await plain.says("wang", "周四")
    assert office.local((await plain.todos())[0].due_at) == "03-05 15:00"
    assert len(await plain.notes()) == 1


async def test_an_edit_that_waits_can_be_given_up(office: Office) -> None:
    plain = replace(office, limits=Limits(card_inputs=False))
    await plain.says("wang", VISIT)
    await plain.presses("wang", await plain.card("wang", "note:"), "修改")
    await plain.says("wang", "取消")

    assert (await plain.texts("wang"))[-1] == "好的，不改了。"
    assert [note.state for note in await plain.notes()] == ["draft"]


# --- confirming, undoing -----------------------------------------------------------------------------------------


async def test_confirming_closes_the_card_once(office: Office) -> None:
    await office.says("wang", VISIT)
    card = await office.card("wang", "note:")

    assert await office.presses("wang", card, "确认") == "已确认"
    assert (await office.card("wang", "note:")).state is CardState.DONE
    assert await office.presses("wang", card, "确认") == "这条记录已经确认过了。"


async def test_undo_puts_everything_back(office: Office) -> None:
    await office.says("wang", "今天第一次拜访了华昌，合同大概30万")
    office.later(hours=2)
    await office.says("wang", VISIT)
    await office.presses("wang", await office.card("wang", "note:2"), "撤销")

    lead, deal = await office.lead("华昌电子"), await office.opportunity("华昌电子")
    assert lead is not None
    assert deal is not None
    assert (lead.stage, deal.amount) == ("first_contact", Decimal(300000))
    assert office.local(lead.touched_at) == "03-04 10:00"
    assert [step.state for step in await office.steps("华昌电子")] == ["open"]
    assert {todo.state for todo in await office.todos()} == {"cancelled"}
    assert {promise.state for promise in await office.promises()} == {"cancelled"}
    undone = await office.card("wang", "note:2")
    assert (undone.state, undone.title) == (CardState.DONE, "已撤销：华昌电子")


async def test_undo_leaves_what_others_changed_since(office: Office) -> None:
    await office.says("wang", "今天第一次拜访了华昌，合同大概30万")
    await office.says("wang", VISIT)
    office.later(hours=1)
    await office.says("chen", "/stage 华昌 签约准备")
    [_, second] = await office.notes()
    await office.clicks("wang", NoteUndo(second.id))

    lead = await office.lead("华昌电子")
    assert lead is not None
    assert lead.stage == "closing_prep"


async def test_after_undo_the_card_is_spent(office: Office) -> None:
    await office.says("wang", VISIT)
    card = await office.card("wang", "note:")
    await office.says("wang", "/undo")

    for label in ("确认", "修改", "撤销"):
        assert await office.presses("wang", card, label) == "这条记录已经撤销了。"
    await office.says("wang", "不对，是周四")
    first, *_ = await office.todos()
    assert first.state == "cancelled"


async def test_only_the_author_may_click(office: Office) -> None:
    await office.says("wang", VISIT)
    [note] = await office.notes()

    for who in ("li", "zhao"):
        assert "只有记录人可以操作" in await office.clicks(who, NoteUndo(note.id))
    assert [note.state for note in await office.notes()] == ["draft"]


async def test_stale_and_forged_clicks_are_refused_politely(office: Office) -> None:
    forged = (f"todo_done:{2**63}", "todo_snooze:1:99999999999999", "note_cust:1:-1", f"note_ok:{10**30}")
    for packed in (NoteConfirm(999).encode(), "no_such:1", "note_ok", "note_ok:x", "", *forged):
        assert await office.clicks("wang", packed) == wording.EXPIRED


# --- files -------------------------------------------------------------------------------------------------------


async def test_a_picture_goes_to_the_customer_last_spoken_of(office: Office) -> None:
    await office.says("wang", VISIT)
    await office.file("wang", MediaKind.IMAGE, "现场.png", "b" * 64)

    assert (await office.texts("wang"))[-1] == "图片已归到“华昌电子”的跟进记录。"
    await office.says("wang", "/lead 华昌电子")
    assert "图片 现场.png" in fields(await office.card("wang", "customer:"))["最近"]


async def test_a_picture_waits_for_its_customer(office: Office) -> None:
    await office.file("wang", MediaKind.IMAGE, "现场.png", "b" * 64)
    assert "哪个客户" in (await office.texts("wang"))[-1]

    await office.says("wang", VISIT)
    await office.says("wang", "/lead 华昌电子")
    assert "图片 现场.png" in fields(await office.card("wang", "customer:"))["最近"]
