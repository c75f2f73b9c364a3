"""The names a speaker may mention: customers they may see, contacts, colleagues.

Indexing thousands of names takes a tenth of a second, so indexes are kept as long as the tables' revision stays the
same, and colleagues who see the same customers share one. Nothing is lost when they are dropped.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine

from intents.lexicon import CustomerName, Lexicon
from sales.rights import Scope, reach_of
from storage.people import User
from storage.repositories.reach import Reach
from storage.uow import UnitOfWork

_SPEAKERS, _INDEXES = 64, 16

Revision = tuple[int, ...]
_Rows = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class _Speaker:
    """One speaker's lexicon, and what it was made from: the customers' revision, the people's, the rights."""

    names: Revision
    people: Revision
    reach: Reach
    lexicon: Lexicon


@dataclass(slots=True)
class _Kept:
    """What is kept for one database, the least recently used first."""

    speakers: OrderedDict[int, _Speaker] = field(default_factory=OrderedDict)
    indexes: OrderedDict[_Rows, Lexicon] = field(default_factory=OrderedDict)


_KEPT: WeakKeyDictionary[Engine | Connection, _Kept] = WeakKeyDictionary()


async def lexicon_for(uow: UnitOfWork, user: User, scope: Scope) -> Lexicon:
    """What `user` may mention, their own customers marked as theirs."""
    kept = _KEPT.setdefault(uow.session.get_bind(), _Kept())
    names, people = await uow.customers.revisions()
    reach = reach_of(user, scope)
    known = kept.speakers.get(user.id)
    if known is None or (known.names, known.reach) != (names, reach):
        customers = await _customers(uow, kept, reach)
    elif known.people != people:
        customers = known.lexicon
    else:
        kept.speakers.move_to_end(user.id)
        return known.lexicon
    lexicon = await _with_people(uow, customers, user, reach)
    kept.speakers[user.id] = _Speaker(names, people, reach, lexicon)
    kept.speakers.move_to_end(user.id)
    if len(kept.speakers) > _SPEAKERS:
        kept.speakers.popitem(last=False)
    return lexicon


async def _customers(uow: UnitOfWork, kept: _Kept, reach: Reach) -> Lexicon:
    rows = await uow.customers.names(reach.customers())
    names = tuple((name, tuple(aliases)) for _, name, aliases, _ in rows)
    return _index(kept, names).for_speaker(frozenset(name for _, name, _, owner in rows if owner == reach.user_id))


async def _with_people(uow: UnitOfWork, customers: Lexicon, user: User, reach: Reach) -> Lexicon:
    contacts = await uow.customers.contact_names(reach.customers())
    colleagues = await uow.users.names()
    return customers.with_people(contacts, [name for name in colleagues if name != user.name])


def _index(kept: _Kept, names: _Rows) -> Lexicon:
    index = kept.indexes.get(names)
    if index is None:
        index = kept.indexes[names] = Lexicon.build(CustomerName(name, aliases) for name, aliases in names)
    kept.indexes.move_to_end(names)
    if len(kept.indexes) > _INDEXES:
        kept.indexes.popitem(last=False)
    return index
