"""Whose customers and leads a person reaches, as conditions, and the newest of them without a scan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, desc, or_, select, true, union
from sqlalchemy.orm import InstrumentedAttribute

from storage.base import spelled
from storage.crm import Customer, Lead

_Rows = Select[*tuple[Any, ...]]
OPEN_LEAD = Lead.state == spelled("open")
_NOBODYS = and_(Customer.owner_id.is_(None), Customer.team_id.is_(None))


@dataclass(frozen=True, slots=True)
class Reach:
    """A person, the teams whose work they see, or `everything`."""

    user_id: int
    team_ids: Sequence[int]
    everything: bool

    def customers(self) -> ColumnElement[bool]:
        """Customers one owns, of these teams, or nobody's, and those whose open lead is one's own or of these teams."""
        if self.everything:
            return true()
        leads = or_(Lead.owner_id == self.user_id, Lead.team_id.in_(self.team_ids))
        led = select(Lead.id).where(Lead.customer_id == Customer.id, OPEN_LEAD, leads).exists()
        return or_(self._owned(), led)

    def latest_touched(self, limit: int) -> Select[int]:
        """Ids of the open leads within reach that were touched last."""
        return self._leads(limit)

    def newest_customers(self, limit: int) -> Select[int]:
        """Ids of the newest customers that are one's own, the teams' or nobody's."""
        every = select(Customer.id)
        owners = [
            Customer.owner_id == self.user_id, *(Customer.team_id == team_id for team_id in self.team_ids), _NOBODYS
        ]  # fmt: skip
        parts = [every] if self.everything else [every.where(owner) for owner in owners]
        return _first(parts, (Customer.id,), limit)

    def _leads(self, limit: int) -> Select[int]:
        """One's own, the teams', and those of one's customers; one that belongs to another team is that team's.

        Of all but one's own customers' only the first are taken, by an index, so that what it costs does not grow with
        the table.
        """
        every = select(Lead.touched_at, Lead.id).where(OPEN_LEAD)
        key = (Lead.touched_at, Lead.id)
        if self.everything:
            return _first([every], key, limit)
        with_customer = every.join(Customer, Customer.id == Lead.customer_id)
        parts = [
            every.where(Lead.owner_id == self.user_id),
            *(every.where(Lead.team_id == team_id) for team_id in self.team_ids),
            with_customer.where(Lead.team_id.is_(None), self._owned()),
        ]
        return _first(parts, key, limit, with_customer.where(Customer.owner_id == self.user_id))

    def _owned(self) -> ColumnElement[bool]:
        return or_(Customer.owner_id == self.user_id, Customer.team_id.in_(self.team_ids), _NOBODYS)


def _first(
    parts: Sequence[_Rows], key: Sequence[InstrumentedAttribute[Any]], limit: int, *whole: _Rows
) -> Select[int]:
    """The ids of the greatest by `key` of all parts and of `whole`; of each part only its greatest are read."""
    each = [part.order_by(*map(desc, key)).limit(limit).subquery() for part in parts]
    rows = union(*(select(part) for part in each), *whole).subquery()
    return select(rows.c.id).order_by(*map(desc, rows.c)).limit(limit)
