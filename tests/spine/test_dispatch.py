"""B: order, duplicates, retries, dead letters, replay, clicks."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from bot.dispatch import APOLOGY
from bot.events import Click, Event, TextMessage
from bot.logs import JsonFormatter
from bot.outgoing import Handler, Reply, SendText, Toast
from storage import inbox, outbox
from storage.crm import AuditEntry
from storage.db import Database
from storage.people import Identity, Role, User
from storage.spine import InboxRow, OutboxRow
from storage.tables import Base
from storage.uow import UnitOfWork
from tests.spine.harness import START, ManualClock, Recorder, click, fast, running, send, text


async def echo(event: Event, uow: UnitOfWork, now: datetime) -> list[Reply]:
    """Answers with the same words, and leaves one audit entry an event behind."""
    uow.audit.add(now, None, "echo", event.key)
    if isinstance(event, Click):
        return [Toast(f"clicked {event.action}")]
    assert isinstance(event, TextMessage)
    return [SendText(event.chat, event.text)]


async def _handled(db: Database) -> list[str]:
    async with db.read() as session:
        return list(await session.scalars(select(AuditEntry.subject).order_by(AuditEntry.id)))


async def test_an_event_is_answered_in_its_chat(database: Database, tmp_path: Path) -> None:
    async with running(database, echo, tmp_path) as (app, platform):
        await send(app, text("1", "你好"))
    assert [(sent.chat.id, sent.content) for sent in platform.delivered] == [("wang", platform.delivered[0].content)]
    assert platform.texts() == ["你好"]


async def test_copies_of_an_event_are_handled_once(database: Database, tmp_path: Path) -> None:
    async with running(database, echo, tmp_path) as (app, platform):
        copies = [app.intake.accept("fake", b"", [text("same", "一次")]) for _ in range(5)]
        await asyncio.gather(*copies)
        await send(app, text("same", "一次"), text("other", "一次"))
    assert platform.texts() == ["一次", "一次"], "two honest equal messages stay two"
    assert await _handled(database) == ["same", "other"]


async def test_events_of_a_chat_keep_their_order(database: Database, tmp_path: Path) -> None:
    words = [f"{n}" for n in range(60)]
    async with running(database, echo, tmp_path) as (app, platform):
        for number, word in enumerate(words):
            await app.intake.accept("fake", b"", [text(f"{number}", word, chat=f"c{number % 3}")])
        assert await app.idle(20)
    for chat in range(3):
        assert platform.texts(f"c{chat}") == words[chat::3]


async def test_a_handler_that_fails_leaves_no_trace_and_is_tried_again(database: Database, tmp_path: Path) -> None:
    broken = True

    async def fails_at_first(event: Event, uow: UnitOfWork, now: datetime) -> list[Reply]:
        replies = await echo(event, uow, now)
        await uow.session.flush()
        if broken and event.key == "1":
            raise RuntimeError("boom")
        return replies

    clock = ManualClock()
    async with running(database, fails_at_first, tmp_path, clock=clock) as (app, platform):
        await send(app, text("1", "先"), text("2", "后"), text("3", "别人的", chat="li"))
        assert platform.texts() == ["别人的"], "the failed event holds back its own chat, and no other"
        assert await _handled(database) == ["3"]
        broken = False
        clock.set(clock.now() + timedelta(seconds=3))
        assert await app.idle(10)
        await asyncio.sleep(0.1)
        assert await app.idle(10)
    assert platform.texts("wang") == ["先", "后"]
    assert sorted(await _handled(database)) == ["1", "2", "3"]


async def test_after_the_last_attempt_it_is_a_dead_letter_and_can_be_replayed(
    database: Database, tmp_path: Path
) -> None:
    broken = True

    async def handler(event: Event, uow: UnitOfWork, now: datetime) -> list[Reply]:
        if broken and event.key == "bad":
            raise ValueError("cannot")
        return await echo(event, uow, now)

    async with running(database, handler, tmp_path, rules=fast(max_attempts=1)) as (app, platform):
        await send(app, text("bad", "坏的"), text("good", "好的"))
        assert platform.texts() == [APOLOGY, "好的"], "the conversation goes on"
        async with database.read() as session:
            assert (await inbox.counts(session))["dead"] == 1
            [row] = await inbox.dead(session)
            assert await session.scalar(select(InboxRow.raw).where(InboxRow.id == row.id)) == b"raw"
            assert (row.error or "").startswith("ValueError in tests/spine/test_dispatch.py:")
            assert "cannot" not in (row.error or ""), "messages of errors may carry what people wrote"
        broken = False
        async with database.write() as session:
            assert await inbox.replay(session, app.now()) == 1
        app.wake()
        assert await app.idle(10)
    assert platform.texts() == [APOLOGY, "好的", "坏的"]


async def test_what_the_database_refuses_is_the_handlers_fault(database: Database, tmp_path: Path) -> None:
    async def handler(event: Event, uow: UnitOfWork, now: datetime) -> list[Reply]:
        if event.key == "bad":
            uow.session.add(Identity(platform="fake", external_id="x", user_id=404))
            return []
        return await echo(event, uow, now)

    async with running(database, handler, tmp_path, rules=fast(max_attempts=1)) as (app, platform):
        await send(app, text("bad", "坏的"), text("good", "好的", chat="li"))
        async with database.read() as session:
            [row] = await inbox.dead(session)
    assert (row.error or "").startswith("IntegrityError")
    assert platform.texts("li") == ["好的"]


async def test_the_admins_hear_of_a_dead_letter(database: Database, tmp_path: Path) -> None:
    async def fails(event: Event, uow: UnitOfWork, now: datetime) -> list[Reply]:
        raise RuntimeError("boom")

    async with database.write() as session:
        session.add(User(id=1, name="管理员", role=Role.ADMIN, created_at=START))
        await session.flush()
        session.add(Identity(platform="fake", external_id="admin", user_id=1))
    async with running(database, fails, tmp_path, rules=fast(max_attempts=1)) as (app, platform):
        await send(app, text("bad", "坏的"))
    assert platform.texts("wang") == [APOLOGY]
    [word] = platform.texts("admin")
    assert "replay 1" in word


async def test_a_row_that_cannot_be_read_stops_nobody(database: Database, tmp_path: Path) -> None:
    async with running(database, echo, tmp_path, rules=fast(max_attempts=1)) as (app, platform):
        await app.intake.accept("fake", b"", [text("bad", "坏的", chat="x")])
        assert await app.idle(10)
        async with database.write() as session:
            await session.execute(update(InboxRow).values(event='{"type": "of the future"}', state="pending"))
            await session.execute(update(OutboxRow).values(content="{", state="pending", attempts=0))
        await send(app, text("good", "好的"))
        assert not app.failed
        async with database.read() as session:
            [row] = await inbox.dead(session)
            [delivery] = await outbox.failed(session)
    assert (row.error or "").startswith("ValidationError")
    assert delivery.code == "unreadable"
    assert platform.texts("wang") == ["好的"]


async def test_errors_are_logged_without_contents(
    database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def handler(event: Event, uow: UnitOfWork, now: datetime) -> list[Reply]:
        assert isinstance(event, TextMessage)
        uow.session.add(Identity(platform="fake", external_id=event.text, user_id=404))
        await uow.session.flush()
        return []

    async with running(database, handler, tmp_path, rules=fast(max_attempts=1)) as (app, _):
        await send(app, text("1", "很私密的话"))
        async with database.read() as session:
            [row] = await inbox.dead(session)
    written = "\n".join(JsonFormatter().format(record) for record in caplog.records)
    assert "很私密的话" not in written
    assert "很私密的话" not in (row.error or "")
    assert "test_dispatch.py" in written, "but where it happened is told"


async def test_after_a_failure_the_rest_of_its_chat_waits(database: Database, tmp_path: Path) -> None:
    async def handler(event: Event, uow: UnitOfWork, now: datetime) -> list[Reply]:
        if event.key == "2":
            raise RuntimeError("not now")
        return await echo(event, uow, now)

    clock = ManualClock()
    async with running(database, handler, tmp_path, clock=clock) as (app, platform):
        rows = [text(f"{number}", f"{number}") for number in range(5)]
        await app.intake.accept("fake", b"", rows)
        assert await app.idle(10)
    assert platform.texts() == ["0", "1"]


async def test_an_unreadable_event_is_kept_but_never_replayed(database: Database, tmp_path: Path) -> None:
    async with running(database, echo, tmp_path) as (app, platform):
        await app.intake.reject("fake", "odd", b"<odd/>", "no such message")
        assert await app.idle(10)
        async with database.write() as session:
            assert await inbox.replay(session, app.now()) == 0
            assert await session.scalar(select(func.count()).select_from(InboxRow)) == 1
    assert platform.delivered == []


async def test_a_click_is_answered_at_once(database: Database, tmp_path: Path) -> None:
    async with running(database, echo, tmp_path) as (app, platform):
        await app.intake.accept("fake", b"", [click("c1", "todo_done:1")])
        answer = await app.intake.answer("fake", "c1")
    assert answer is not None
    assert answer.toast == "clicked todo_done:1"
    assert platform.delivered == [], "a platform that shows toasts needs no text"


async def test_where_there_are_no_toasts_the_clicker_gets_a_text(database: Database, tmp_path: Path) -> None:
    platform = Recorder()
    platform.limits = type(platform.limits)(toast=False)
    async with running(database, echo, tmp_path, platform=platform) as (app, _):
        await send(app, click("c1", "todo_done:1"))
    assert platform.texts("wang") == ["clicked todo_done:1"]


async def test_a_click_that_waits_is_answered_later(database: Database, tmp_path: Path) -> None:
    async def slow(event: Event, uow: UnitOfWork, now: datetime) -> list[Reply]:
        await asyncio.sleep(0.3)
        return await echo(event, uow, now)

    async with running(database, slow, tmp_path) as (app, _):
        await app.intake.accept("fake", b"", [click("c1", "todo_done:1")])
        assert await app.intake.answer("fake", "c1", wait_s=0.05) is None
        assert await app.idle(10)
    assert await _handled(database) == ["c1"]


@pytest.mark.postgres
async def test_two_processes_handle_each_event_once_and_in_order(postgres_url: str, tmp_path: Path) -> None:
    first, second = Database(postgres_url), Database(postgres_url)
    async with first.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    platform = Recorder()
    async with (
        running(first, echo, tmp_path, platform=platform) as (one, _),
        running(second, echo, tmp_path, platform=platform) as (two, _),
    ):
        sends = [
            (one if number % 2 else two).intake.accept("fake", b"", [text(f"{number}", f"{number}", f"c{number % 5}")])
            for number in range(100)
        ]
        for accepted in sends:
            await accepted
        assert await one.idle(20)
    assert sorted(await _handled(first), key=int) == [f"{number}" for number in range(100)]
    for chat in range(5):
        assert platform.texts(f"c{chat}") == [f"{number}" for number in range(chat, 100, 5)]
    await first.close()
    await second.close()


@pytest.mark.postgres
async def test_two_processes_share_the_work(postgres_url: str, tmp_path: Path) -> None:
    first, second = Database(postgres_url), Database(postgres_url)
    async with first.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    by: Counter[str] = Counter()

    def counting(name: str) -> Handler:
        async def handler(event: Event, uow: UnitOfWork, now: datetime) -> list[Reply]:
            by[name] += 1
            await asyncio.sleep(0.002)
            return await echo(event, uow, now)

        return handler

    platform = Recorder()
    async with (
        running(first, counting("one"), tmp_path, platform=platform) as (one, _),
        running(second, counting("two"), tmp_path, platform=platform) as (two, _),
    ):
        batch = [text(f"{number}", f"{number}", f"c{number}") for number in range(400)]
        await one.intake.accept("fake", b"", batch)
        two.wake()
        assert await one.idle(30)
    assert len(platform.texts()) == 400
    assert min(by["one"], by["two"]) > 40, by
    await first.close()
    await second.close()
