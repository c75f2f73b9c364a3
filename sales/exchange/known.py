"""What the cells of a file may name: customers, colleagues, teams, orders. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from sales.exchange.fields import BadCell
from sales.exchange.sheets import Ref


@dataclass(frozen=True, slots=True)
class Person:
    id: int
    name: str
    mobile: str | None
    active: bool


@dataclass(frozen=True)
class Known:
    """Ids by name. A colleague is named by name, by mobile, or `name#id` where a name is not enough."""

    customers: Mapping[str, int] = field(default_factory=dict)
    aliases: Mapping[str, Sequence[int]] = field(default_factory=dict)
    teams: Mapping[str, int] = field(default_factory=dict)
    orders: Mapping[str, int] = field(default_factory=dict)
    people: Sequence[Person] = ()

    def find(self, ref: Ref, name: str) -> int:
        """The id of what `name` stands for. Raises `BadCell` when that is nobody, or several."""
        if ref is Ref.PERSON:
            return self._person(name)
        found = self._ids(ref).get(name)
        if found is not None:
            return found
        nicknamed = self.aliases.get(name, ()) if ref is Ref.CUSTOMER else ()
        if len(nicknamed) == 1:
            return nicknamed[0]
        raise BadCell(f"没有这个{ref.value}，请先导入" if not nicknamed else f"不止一个{ref.value}叫这个，请写全称")

    def label(self, ref: Ref, row_id: int) -> str:
        """The name that `find` takes for this id."""
        if ref is Ref.PERSON:
            return self._labels_of_people[row_id]
        return self._labels[ref][row_id]

    def _ids(self, ref: Ref) -> Mapping[str, int]:
        return {Ref.CUSTOMER: self.customers, Ref.TEAM: self.teams, Ref.ORDER: self.orders}[ref]

    @cached_property
    def _labels(self) -> dict[Ref, dict[int, str]]:
        refs = (Ref.CUSTOMER, Ref.TEAM, Ref.ORDER)
        return {ref: {row_id: name for name, row_id in self._ids(ref).items()} for ref in refs}

    @cached_property
    def _labels_of_people(self) -> dict[int, str]:
        count = Counter(person.name for person in self.people)
        return {one.id: one.name if count[one.name] == 1 else f"{one.name}#{one.id}" for one in self.people}

    @cached_property
    def _people_by_name(self) -> dict[str, list[Person]]:
        found: dict[str, list[Person]] = {}
        for person in self.people:
            for name in (person.name, person.mobile, f"{person.name}#{person.id}"):
                if name:
                    found.setdefault(name, []).append(person)
        return found

    def _person(self, name: str) -> int:
        found = self._people_by_name.get(name, [])
        active = [person for person in found if person.active]
        if len(found) == 1 or len(active) == 1:
            return (found if len(found) == 1 else active)[0].id
        if not found:
            raise BadCell("没有这个员工，请先导入员工")
        raise BadCell("同名员工有多个，请改填手机号")
