"""What was made from names is known to be out of date as soon as a name changed, and only then."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from storage.crm import Contact, Customer, Lead
from storage.db import Database
from storage.people import Team, User
from storage.uow import UnitOfWork

NOW = datetime(2026, 3, 5, 1, 0, tzinfo=UTC)
ID = 1000
"""Of all rows that are there from the start; the database counts the others from 1."""
Revisions = tuple[tuple[int, ...], tuple[int, ...]]


async def revisions(database: Database) -> Revisions:
    async with database.read() as session:
        return await UnitOfWork(session).customers.revisions()


async def changed(database: Database, before: Revisions) -> tuple[bool, bool]:
    """Whether the customers' names changed, and the people's."""
    now = await revisions(database)
    return now[0] != before[0], now[1] != before[1]


@pytest.fixture
async def filled(database: Database) -> Database:
    async with database.write() as session:
        session.add_all([Team(id=ID, name="t"), User(id=ID, name="u", role="rep", created_at=NOW)])
        await session.flush()
        session.add(Customer(id=ID, name="华昌", aliases=[], owner_id=ID, created_at=NOW))
        await session.flush()
        session.add(Contact(id=ID, customer_id=ID, name="张工"))
        session.add(Lead(id=ID, customer_id=ID, owner_id=ID, stage="first_contact", created_at=NOW, touched_at=NOW))
    return database


Change = Callable[[Customer, Contact, User, Lead], None]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda customer, contact, user, lead: setattr(customer, "name", "华昌电子"), (True, False)),
        (lambda customer, contact, user, lead: setattr(customer, "aliases", ["昌"]), (True, False)),
        (lambda customer, contact, user, lead: setattr(customer, "owner_id", None), (True, False)),
        (lambda customer, contact, user, lead: setattr(customer, "team_id", ID), (True, False)),
        (lambda customer, contact, user, lead: setattr(contact, "name", "李工"), (False, True)),
        (lambda customer, contact, user, lead: setattr(user, "active", False), (False, True)),
        (lambda customer, contact, user, lead: setattr(user, "name", "v"), (False, True)),
        (lambda customer, contact, user, lead: setattr(contact, "phone", "1"), (False, False)),
        (lambda customer, contact, user, lead: setattr(customer, "name", "华昌"), (False, False)),
        (lambda customer, contact, user, lead: setattr(lead, "stage", "solution_demo"), (False, False)),
    ],
)
async def test_a_change(filled: Database, change: Change, expected: tuple[bool, bool]) -> None:
    before = await revisions(filled)
    async with filled.write() as session:
        rows = [await session.get_one(table, ID) for table in (Customer, Contact, User, Lead)]
        change(*rows)  # type: ignore[arg-type]
    assert await changed(filled, before) == expected


async def test_coming_and_going(filled: Database) -> None:
    before = await revisions(filled)
    async with filled.write() as session:
        await UnitOfWork(session).customers.remove_contacts([ID])
    assert await changed(filled, before) == (False, True)
    before = await revisions(filled)
    async with filled.write() as session:
        await UnitOfWork(session).customers.add("新光源", ID, None, NOW)
    assert await changed(filled, before) == (True, False)


async def test_a_lead_given_to_another_than_the_customers_owner_shows_the_customer_to_them(filled: Database) -> None:
    before = await revisions(filled)
    async with filled.write() as session:
        customer = await session.get_one(Customer, ID)
        await UnitOfWork(session).leads.open(customer, customer.owner_id, "first_contact", "", NOW)
    assert await changed(filled, before) == (False, False)
    async with filled.write() as session:
        await UnitOfWork(session).leads.open(await session.get_one(Customer, ID), None, "first_contact", "", NOW)
    assert await changed(filled, before) == (True, False)


async def test_what_is_rolled_back_did_not_change(filled: Database) -> None:
    before = await revisions(filled)
    async with filled.write() as session:
        await UnitOfWork(session).customers.add("新光源", ID, None, NOW)
        await session.rollback()
    assert await revisions(filled) == before


async def test_inside_a_transaction_that_changed_names_nothing_kept_fits(filled: Database) -> None:
    """What another transaction made of its own uncommitted names, perhaps rolled back, is not taken for these."""
    seen: set[Revisions] = {await revisions(filled)}
    for _ in range(2):
        async with filled.write() as session:
            uow = UnitOfWork(session)
            await uow.customers.add("新光源", ID, None, NOW)
            inside = await uow.customers.revisions()
            assert inside[0] not in {one[0] for one in seen}
            seen.add(inside)
            await session.rollback()


async def test_a_savepoint_leaves_the_counter_to_the_end(filled: Database) -> None:
    before = await revisions(filled)
    async with filled.write() as session:
        async with session.begin_nested():
            (await session.get_one(Customer, ID)).name = "华昌电子"
        assert await changed(filled, before) == (False, False)
    assert await changed(filled, before) == (True, False)


async def test_transactions_that_change_names_do_not_wait_for_one_another(filled: Database) -> None:
    """They would if one raised the counter when it changed a name, and not when it commits."""
    if filled.is_sqlite:
        pytest.skip("SQLite has one writer")
    before = await revisions(filled)
    async with asyncio.timeout(10), filled.write() as one:
        (await one.get_one(Customer, ID)).name = "华昌电子"
        await one.flush()
        async with filled.write() as other:
            await UnitOfWork(other).customers.add("新光源", ID, None, NOW)
        between = await revisions(filled)
        assert between[0] != before[0]
    assert (await revisions(filled))[0] not in (before[0], between[0])
