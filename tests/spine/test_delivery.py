"""C: order, retries, permanent faults, handles of cards, limits, leases."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select, update

from bot.events import CardHandle, Chat, Event, TextMessage
from bot.outgoing import CardContent, Delivered, Delivery, Reply, SendCard, SendText, UpdateCards
from bot.platform import HandleSpent, Limits, Permanent, PlatformError, Transient
from cards.model import Card, CardState
from storage import outbox
from storage.db import Database
from storage.spine import CardMessage, OutboxRow
from storage.uow import UnitOfWork
from tests.spine.harness import ManualClock, Recorder, click, running, send, text


async def scripted(event: Event, uow: UnitOfWork, now: datetime) -> list[Reply]:
    """`card` sends a card, `change` updates it, anything else is echoed."""
    words = event.text if isinstance(event, TextMessage) else "clicked"
    if words == "card":
        return [SendCard(event.chat, Card("旧"), "thing:1")]
    if words == "change":
        return [UpdateCards("thing:1", Card("新", state=CardState.DONE))]
    return [SendText(event.chat, words)]


async def _row(db: Database) -> OutboxRow:
    async with db.read() as session:
        return (await session.scalars(select(OutboxRow).order_by(OutboxRow.id).limit(1))).one()


async def test_a_busy_platform_is_tried_again_and_order_is_kept(database: Database, tmp_path: Path) -> None:
    platform, clock = Recorder(), ManualClock()
    busy = [Transient("busy", code="45009"), Transient("busy", code="45009")]
    platform.fault = lambda d: busy.pop() if busy and d.chat.id == "wang" else None
    async with running(database, scripted, tmp_path, platform=platform, clock=clock) as (app, _):
        await send(app, text("1", "一"), text("2", "二"), text("3", "旁人", chat="li"))
        assert platform.texts() == ["旁人"]
        await app.advance(clock.now() + timedelta(minutes=1))
    assert platform.texts("wang") == ["一", "二"]


async def test_what_can_never_work_is_recorded_with_the_platforms_code(database: Database, tmp_path: Path) -> None:
    platform = Recorder(fault=lambda d: Permanent("no such user", code="81013") if d.chat.id == "wang" else None)
    async with running(database, scripted, tmp_path, platform=platform) as (app, _):
        await send(app, text("1", "一"))
        row = await _row(database)
        assert (row.state, row.code) == ("failed", "81013")
        platform.fault = lambda _delivery: None
        async with database.write() as session:
            assert await outbox.retry_failed(session, app.now()) == 1
        app.wake_delivery()
        assert await app.idle(10)
    assert platform.texts() == ["一"]


async def test_it_gives_up_after_the_last_attempt(database: Database, tmp_path: Path) -> None:
    platform, clock = Recorder(fault=lambda _d: Transient("down", code="503")), ManualClock()
    async with running(database, scripted, tmp_path, platform=platform, clock=clock) as (app, _):
        await send(app, text("1", "一"))
        await app.advance(clock.now() + timedelta(days=1))
    row = await _row(database)
    assert (row.state, row.code, row.attempts) == ("failed", "503", 12)


async def test_a_fault_in_a_platforms_code_stops_nothing_else(database: Database, tmp_path: Path) -> None:
    def fault(delivery: Delivery) -> PlatformError | None:
        if delivery.chat.id == "wang":
            raise KeyError("bug")
        return None

    async with running(database, scripted, tmp_path, platform=Recorder(fault=fault)) as (app, platform):
        await send(app, text("1", "一"), text("2", "二", chat="li"))
    assert platform.texts() == ["二"]
    assert (await _row(database)).code == "bug"


async def test_a_card_is_changed_by_its_handle(database: Database, tmp_path: Path) -> None:
    platform = Recorder(handle=CardHandle(value="h1", uses_left=1))
    async with running(database, scripted, tmp_path, platform=platform) as (app, _):
        await send(app, text("1", "card"), text("2", "change"))
    assert [d.handle.value if d.handle else None for d in platform.delivered] == [None, "h1"]
    assert platform.titles() == ["旧", "新"]


async def test_a_spent_handle_means_a_fresh_card(database: Database, tmp_path: Path) -> None:
    platform = Recorder(handle=CardHandle(value="h1", uses_left=1))
    platform.fault = lambda d: HandleSpent("60140", code="60140") if d.handle else None
    async with running(database, scripted, tmp_path, platform=platform) as (app, _):
        await send(app, text("1", "card"), text("2", "change"))
        async with database.read() as session:
            message = (await session.scalars(select(CardMessage))).one()
    assert platform.titles() == ["旧", "新"]
    assert [d.handle for d in platform.delivered] == [None, None]
    assert message.outbox_id == platform.delivered[-1].id, "later clicks name the fresh card"


async def test_an_expired_handle_is_not_even_tried(database: Database, tmp_path: Path) -> None:
    clock = ManualClock()
    platform = Recorder(handle=CardHandle(value="h1", expires_at=clock.wall() - timedelta(seconds=1)))
    async with running(database, scripted, tmp_path, platform=platform, clock=clock) as (app, _):
        await send(app, text("1", "card"), text("2", "change"))
    assert [d.handle for d in platform.delivered] == [None, None]


async def test_a_click_brings_a_new_handle(database: Database, tmp_path: Path) -> None:
    platform = Recorder(handle=CardHandle(value="first", uses_left=1))
    async with running(database, scripted, tmp_path, platform=platform) as (app, _):
        await send(app, text("1", "card"))
        ref = str(platform.delivered[0].id)
        await send(app, click("2", "x", handle=CardHandle(value="second", uses_left=1), ref=ref), text("3", "change"))
    handle = platform.delivered[-1].handle
    assert handle is not None
    assert handle.value == "second"


async def test_a_limit_of_the_platform_is_kept(database: Database, tmp_path: Path) -> None:
    clock, platform = ManualClock(), Recorder(limits=Limits(per_minute=3))
    async with running(database, scripted, tmp_path, platform=platform, clock=clock) as (app, _):
        for number in range(5):
            await app.intake.accept("fake", b"", [text(f"{number}", f"{number}")])
        assert await app.idle(10)
        assert platform.texts() == ["0", "1", "2"]
        await app.advance(clock.now() + timedelta(minutes=2))
    assert platform.texts() == ["0", "1", "2", "3", "4"]


async def test_a_send_of_a_process_that_died_is_taken_over(database: Database, tmp_path: Path) -> None:
    chat = Chat("fake", "wang")
    async with running(database, scripted, tmp_path) as (app, platform):
        await send(app, text("1", "一"))
        async with database.write() as session:
            await session.execute(
                update(OutboxRow).values(state="sending", lease_until=datetime.fromisoformat("2020-01-01T00:00:00Z"))
            )
        app.wake_delivery()
        assert await app.idle(10)
    assert [(d.id, d.chat) for d in platform.delivered] == [(platform.delivered[0].id, chat)] * 2, "the same id again"
    assert all(not isinstance(d.content, CardContent) for d in platform.delivered)


async def test_a_late_fault_does_not_undo_what_another_process_sent(database: Database, tmp_path: Path) -> None:
    gate = asyncio.Event()

    class Slow(Recorder):
        async def deliver(self, delivery: Delivery) -> Delivered:
            await gate.wait()
            raise Transient("too late", code="503")

    async with running(database, scripted, tmp_path, platform=Slow()) as (app, _):
        await app.intake.accept("fake", b"", [text("1", "一")])
        await asyncio.sleep(0.3)
        async with database.write() as session:
            await session.execute(update(OutboxRow).values(state="sent", lease_until=None, attempts=2))
        gate.set()
        assert await app.idle(10)
        await asyncio.sleep(0.1)
    assert (await _row(database)).state == "sent"


async def test_chats_at_their_limit_do_not_hold_up_the_others(database: Database, tmp_path: Path) -> None:
    clock, platform = ManualClock(), Recorder(limits=Limits(per_minute=1))
    async with running(database, scripted, tmp_path, platform=platform, clock=clock) as (app, _):
        await send(app, *(text(f"a{number}", "一", chat=f"busy{number}") for number in range(60)))
        batch = [text(f"b{number}", "二", chat=f"busy{number}") for number in range(60)]
        await app.intake.accept("fake", b"", [*batch, text("free", "三", chat="free")])
        assert await app.idle(10)
    assert platform.texts("free") == ["三"]
    assert "二" not in platform.texts()
