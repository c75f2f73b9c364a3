"""Work goes from one colleague to another: by a manager's decision, by a hot lead, with all that belongs to it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import select

from cards.model import CardState
from storage.crm import Commitment, Customer, Lead, Opportunity, Todo
from storage.db import Database
from storage.people import Identity, Role, Team, User
from storage.uow import UnitOfWork
from tests.branch import PLATFORM, Branch, at

MONDAY = at("2026-03-02 10:00")
DUE = at("2026-03-05 10:00")
LATE = at("2026-03-05 10:30")


@pytest.fixture
async def branch(database: Database) -> Branch:
    made = Branch(database)
    await made.open(MONDAY)
    return made


async def _at_work(branch: Branch) -> None:
    """wang's lead with a step that falls due, a deal, a to-do and a promise of wang's; another to-do is li's."""
    await branch.lead_with_step("wang", DUE)
    wang, li, customer = branch.ids["wang"], branch.ids["li"], branch.customer_id
    async with branch.database.write() as session:
        uow = UnitOfWork(session)
        session.add(
            Opportunity(
                customer_id=customer, owner_id=wang, title="一期", amount=Decimal(500_000), stage="solution_demo",
                created_at=MONDAY,
            )
        )  # fmt: skip
        for title, assignee in (("寄样品", wang), ("做报价单", li)):
            await uow.todos.add(Todo(title=title, assignee_id=assignee, customer_id=customer, created_at=MONDAY))
        promised = at("2026-03-10 10:00")
        await uow.commitments.add(user_id=wang, title="发方案", due_at=promised, now=MONDAY, customer_id=customer)


async def _owners(branch: Branch) -> dict[str, int | None]:
    async with branch.database.read() as session:
        todos = {todo.title: todo.assignee_id for todo in await session.scalars(select(Todo))}
        return {
            "customer": (await session.scalars(select(Customer.owner_id))).one(),
            "lead": (await session.scalars(select(Lead.owner_id))).one(),
            "deal": (await session.scalars(select(Opportunity.owner_id))).one(),
            "promise": (await session.scalars(select(Commitment.user_id))).one(),
            **todos,
        }


async def _hire_west(branch: Branch) -> None:
    """sun, a rep of feng's team West, who is in the group of team East's customer."""
    async with branch.database.write() as session:
        west = (await session.scalars(select(Team).where(Team.name == "华西"))).one()
        sun = User(name="孙悦", role=Role.REP, team_id=west.id, created_at=MONDAY)
        session.add(sun)
        await session.flush()
        session.add(Identity(platform=PLATFORM, external_id="sun", user_id=sun.id))
        branch.ids["sun"] = sun.id
        branch.screens["sun"] = type(branch.screens["wang"])()
        UnitOfWork(session).groups.add_response(sun.id, branch.group_id, 5, MONDAY)
        await UnitOfWork(session).groups.seen(branch.group_id, "sun", "孙悦", sun.id)


async def test_all_that_belongs_to_the_customer_goes_along(branch: Branch) -> None:
    await _at_work(branch)
    await branch.tick(DUE)
    subject, _ = branch.card("chen", "alert:")
    await branch.click("chen", subject, "转派", LATE, assignee=str(branch.ids["xu"]))
    xu, li = branch.ids["xu"], branch.ids["li"]
    assert await _owners(branch) == {
        "customer": xu, "lead": xu, "deal": xu, "promise": xu, "寄样品": xu, "做报价单": li
    }  # fmt: skip
    assert "连同待办 1 条、承诺 1 条" in branch.screens["xu"].texts[0]
    assert "转派给了徐静" in branch.screens["wang"].texts[0]


async def test_work_of_no_team_becomes_that_of_the_new_owners_team(branch: Branch) -> None:
    await branch.lead_with_step("wang", DUE)
    async with branch.database.write() as session:
        for row in ((await session.scalars(select(Customer))).one(), (await session.scalars(select(Lead))).one()):
            row.owner_id = row.team_id = None
    await branch.tick(DUE)
    subject, _ = branch.card("zhao", "alert:")
    await branch.click("zhao", subject, "转派", LATE, assignee=str(branch.ids["li"]))
    async with branch.database.read() as session:
        teams = {(await session.scalars(select(table.team_id))).one() for table in (Customer, Lead)}
        li = await UnitOfWork(session).users.get(branch.ids["li"])
    assert li is not None
    assert teams == {li.team_id}
    screen = await branch.say("chen", "/who 华昌科技", LATE)
    assert screen.texts == ["华昌科技：李明（华东）"]


async def test_a_hot_lead_taken_by_another_team_can_be_worked_on(branch: Branch) -> None:
    await _at_work(branch)
    await _hire_west(branch)
    screen = await branch.say("sun", "/lead 华昌科技", MONDAY)
    assert "没有找到" in screen.texts[-1]
    await branch.in_group("ext_zhang", "价格多少", MONDAY)
    await branch.click("sun", branch.card("sun", "hot:")[0], "接单", MONDAY)
    owners = await _owners(branch)
    assert (owners["lead"], owners["deal"], owners["promise"]) == (branch.ids["sun"],) * 3
    assert owners["customer"] == branch.ids["wang"], "its team goes on seeing it"
    assert branch.screens["wang"].texts[-1].startswith("华昌科技在群里的询问由孙悦接单")
    assert branch.screens["chen"].texts[-1].endswith("原负责人：王磊。")
    await branch.say("sun", "刚给华昌科技报了价，周五前发合同", MONDAY)
    card = branch.card("sun", "note:")[1]
    assert ("客户", "华昌科技") in [(field.name, field.value) for field in card.fields]
    await branch.say("feng", "/who 华昌科技", MONDAY)
    assert branch.screens["feng"].texts == ["华昌科技：孙悦（华西）"]


async def test_in_the_team_only_the_former_owner_is_told(branch: Branch) -> None:
    await _at_work(branch)
    async with branch.database.write() as session:
        UnitOfWork(session).groups.add_response(branch.ids["li"], branch.group_id, 5, MONDAY)
    await branch.in_group("ext_zhang", "价格多少", MONDAY)
    await branch.click("li", branch.card("li", "hot:")[0], "接单", MONDAY)
    assert len(branch.screens["wang"].texts) == 1
    assert not branch.screens["chen"].texts


async def test_the_wait_of_a_customer_counts_once(branch: Branch) -> None:
    """By the acceptance or the first words in the group, whichever is first."""
    await branch.in_group("ext_zhang", "价格多少", at("2026-03-02 10:00"))
    await branch.click("wang", branch.card("wang", "hot:")[0], "接单", at("2026-03-02 10:01"))
    await branch.in_group("wang", "张总，这就发您报价", at("2026-03-02 10:03"))
    await branch.in_group("ext_zhang", "能寄样品吗", at("2026-03-02 11:00"))
    await branch.in_group("wang", "可以的", at("2026-03-02 11:02"))
    await branch.click("wang", branch.card("wang", "hot:2")[0], "接单", at("2026-03-02 11:04"))
    async with branch.database.read() as session:
        found = await UnitOfWork(session).groups.last_responses([branch.ids["wang"]], 9)
    assert found == {branch.ids["wang"]: [120, 60]}


async def test_a_reminder_goes_to_who_has_the_promise_by_now(branch: Branch) -> None:
    await branch.say("wang", "刚拜访完华昌科技，答应今天下午三点前给张总发新报价", MONDAY)
    for time in ("2026-03-02 15:00", "2026-03-02 15:15"):
        await branch.tick(at(time))
    subject = branch.card("wang", "todo:")[0]
    late = at("2026-03-02 15:20")
    assert await branch.click("wang", subject, "转给…", late, assignee=str(branch.ids["li"])) == "已转给李明"
    assert await branch.click("chen", branch.card("chen", "alert:")[0], "提醒", late) == "已提醒李明。"
    assert "发新报价" in branch.screens["li"].texts[-1]
    assert not branch.screens["wang"].texts


async def test_the_card_names_the_colleague_who_did_the_work(branch: Branch) -> None:
    await branch.lead_with_step("wang", DUE)
    await branch.tick(DUE)
    await branch.say("li", "刚拜访完华昌科技，给张总做了方案演示", LATE)
    card = branch.card("chen", "alert:")[1]
    assert (card.state, card.note) == (CardState.DONE, "李明 已跟进 10:30")
