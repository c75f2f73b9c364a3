"""What tells that names changed: a counter for each kind, counted up by every transaction that changes one.

The counter is raised last, just before the commit, so that transactions wait for one another only while they commit,
and in no order that could lock them up. Who reads the counter first and the names after it never takes old names for
new ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from itertools import count
from typing import Any

from sqlalchemy import event, inspect, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from storage.crm import Contact, Customer
from storage.people import User
from storage.spine import Revision

_CHANGED, _UNCOMMITTED = "changed names", "uncommitted names"
_NUMBERS = count(1)


class Names(StrEnum):
    """CUSTOMERS: their names and who may see them. PEOPLE: contacts and colleagues."""

    CUSTOMERS = "customers"
    PEOPLE = "people"


_WATCHED: dict[type[Any], tuple[Names, tuple[str, ...]]] = {
    Customer: (Names.CUSTOMERS, ("name", "aliases", "owner_id", "team_id")),
    Contact: (Names.PEOPLE, ("name",)),
    User: (Names.PEOPLE, ("name", "active")),
}


class WatchedSession(Session):
    """A session that notices when it changes a name."""


def names_changed(session: AsyncSession, *kinds: Names) -> None:
    """Tell of a change that the session cannot see by itself: one made in bulk, or to what makes rows visible."""
    _note(session.sync_session, kinds)


async def revision(session: AsyncSession, *kinds: Names) -> tuple[int, ...]:
    """A value that differs whenever a name of these kinds changed; in a transaction that changed one, like no other."""
    rows = await session.execute(select(Revision.kind, Revision.number).where(Revision.kind.in_(kinds)))
    numbers = {row.kind: row.number for row in rows}
    own = session.info.get(_UNCOMMITTED, 0)
    return (*(numbers.get(kind, 0) for kind in kinds), own)


def _note(session: Session, kinds: tuple[Names, ...]) -> None:
    session.info.setdefault(_CHANGED, set()).update(kinds)
    session.info[_UNCOMMITTED] = next(_NUMBERS)


def _changes(session: Session) -> Iterator[Names]:
    for row in (*session.new, *session.deleted):
        if type(row) in _WATCHED:
            yield _WATCHED[type(row)][0]
    for row in session.dirty:
        if type(row) in _WATCHED:
            kind, names = _WATCHED[type(row)]
            attributes = inspect(row).attrs
            if any(attributes[name].history.has_changes() for name in names):
                yield kind


@event.listens_for(WatchedSession, "before_flush")
def _before_flush(session: Session, _context: object, _instances: object) -> None:
    if kinds := tuple(set(_changes(session))):
        _note(session, kinds)


@event.listens_for(WatchedSession, "before_commit")
def _before_commit(session: Session) -> None:
    """Raise the counters at the end of the transaction, not at that of a savepoint in it."""
    if session.in_nested_transaction():
        return
    session.flush()
    for kind in sorted(session.info.pop(_CHANGED, ())):
        insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
        first = insert(Revision).values(kind=kind, number=1)
        session.execute(first.on_conflict_do_update(index_elements=["kind"], set_={"number": Revision.number + 1}))
    session.info.pop(_UNCOMMITTED, None)
