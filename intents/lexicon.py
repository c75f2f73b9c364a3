"""The names that notes may mention, indexed once so that a note is matched in milliseconds."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from copy import copy
from dataclasses import dataclass, replace
from enum import IntEnum
from functools import lru_cache

from intents.calendar import WorkCalendar
from intents.normal import data_lines, fold
from intents.pinyin import folded_syllable, syllables

MAX_NAME = 16
_MIN_PREFIX = 3
_LEGAL = re.compile(r"(?:股份)?有限(?:责任)?公司$|股份公司$|集团公司$|集团$|公司$")
_BRACKETS = re.compile(r"[(（][^)）]*[)）]")
_PLACE = re.compile(
    r"^(?:北京|上海|天津|重庆|广州|深圳|杭州|南京|苏州|无锡|宁波|武汉|成都|西安|长沙|青岛|厦门|东莞|佛山|合肥|郑州|济南|福州|大连|沈阳"
    r"|广东|江苏|浙江|山东|福建|四川|湖北|湖南|河南|河北|安徽|江西|陕西|辽宁|中国)(?:省|市)?"
)


class Form(IntEnum):
    """How a key stands for a name; larger is surer."""

    PREFIX = 1
    CORE = 2
    FULL = 3


@dataclass(frozen=True, slots=True)
class CustomerName:
    """A customer on file; `mine` marks the speaker's own, preferred where two are about as close."""

    name: str
    aliases: tuple[str, ...] = ()
    mine: bool = False


@lru_cache(maxsize=1)
def industries() -> tuple[str, ...]:
    """Trade words and legal forms that end company names, the longest first."""
    words = {word for line in data_lines("industries.txt") for word in line.split()}
    return tuple(sorted(words, key=lambda word: (-len(word), word)))


@lru_cache(maxsize=1)
def _industry_pattern() -> re.Pattern[str]:
    return re.compile(rf"(?:{'|'.join(industries())})+$")


@lru_cache(maxsize=1)
def common_words() -> frozenset[str]:
    """Everyday words that are no names."""
    return frozenset(word for line in data_lines("common_words.txt") for word in line.split())


def core_of(name: str) -> str | None:
    """The name without its trade: 华昌电子 → 华昌; None if nothing of two characters is left."""
    core = _industry_pattern().sub("", name)
    return core if 2 <= len(core) < len(name) else None


def spoken_forms(name: str) -> Iterator[str]:
    """The folded spellings that mean the whole name: without legal form, without the place before it."""
    folded = _BRACKETS.sub("", fold(name)).strip()
    yield folded
    short = _LEGAL.sub("", folded)
    placeless = _PLACE.sub("", short)
    for form in (short, placeless):
        if len(form) >= 3 and form != folded:
            yield form


Owners = dict[int, Form]


class Lexicon:
    """Customers, contacts and colleagues by name, and the working calendar.

    Build it with `Lexicon.build`; it does not change afterwards and may be shared between notes.
    """

    def __init__(self, customers: Iterable[CustomerName], calendar: WorkCalendar) -> None:
        self.customers = tuple(customers)
        self.calendar = calendar
        self.contacts: frozenset[str] = frozenset()
        self.colleagues: frozenset[str] = frozenset()
        self.people_by_sound: dict[str, str] = {}
        self.exact: dict[str, Owners] = {}
        self.by_sound: dict[str, list[tuple[int, str]]] = defaultdict(list)
        self._by_gap: dict[str, list[tuple[int, str]]] = defaultdict(list)
        self.longest = 0
        seen: set[str] = set()
        for index, customer in enumerate(self.customers):
            if customer.name not in seen:
                seen.add(customer.name)
                self._add(index, customer)

    @classmethod
    def build(
        cls,
        customers: Iterable[CustomerName],
        contacts: Iterable[str] = (),
        colleagues: Iterable[str] = (),
        calendar: WorkCalendar | None = None,
    ) -> Lexicon:
        """Index the names; two customers of exactly one name count as one."""
        lexicon = cls(customers, calendar or WorkCalendar())
        lexicon.contacts = frozenset(filter(None, contacts))
        lexicon.colleagues = frozenset(filter(None, colleagues))
        for name in sorted(lexicon.contacts | lexicon.colleagues):
            lexicon.people_by_sound.setdefault(sound_key(syllables(fold(name))), name)
        return lexicon

    def for_speaker(self, mine: Collection[str]) -> Lexicon:
        """The same index as one speaker sees it, whose own customers are `mine`."""
        own = copy(self)
        own.customers = tuple(
            customer if customer.mine == (customer.name in mine) else replace(customer, mine=not customer.mine)
            for customer in self.customers
        )
        return own

    def with_people(self, contacts: Iterable[str], colleagues: Iterable[str]) -> Lexicon:
        """The same customers with these people."""
        own = copy(self)
        own.contacts = frozenset(filter(None, contacts))
        own.colleagues = frozenset(filter(None, colleagues))
        return own

    def _add(self, index: int, customer: CustomerName) -> None:
        for name in (customer.name, *customer.aliases):
            for form in dict.fromkeys(spoken_forms(name)):
                if 2 <= len(form) <= MAX_NAME:
                    self._add_form(index, form)

    def _add_form(self, index: int, form: str) -> None:
        self._put(index, form, Form.FULL)
        self._add_sounds(index, form)
        core = core_of(form)
        if core and core not in common_words():
            self._put(index, core, Form.CORE)
            self.by_sound[sound_key(syllables(core))].append((index, core))
        if len(form) > _MIN_PREFIX + 1 and not _PLACE.match(form):
            for length in range(_MIN_PREFIX, len(form)):
                self._put(index, form[:length], Form.PREFIX)

    def _put(self, index: int, key: str, form: Form) -> None:
        owners = self.exact.setdefault(key, {})
        owners[index] = max(form, owners.get(index, form))
        self.longest = max(self.longest, len(key))

    def _add_sounds(self, index: int, form: str) -> None:
        sounds = syllables(form)
        self.by_sound[sound_key(sounds)].append((index, form))
        if len(form) >= 3:
            for key in gap_keys(sounds):
                self._by_gap[key].append((index, form))

    def sounding_like(self, sounds: tuple[str, ...]) -> set[tuple[int, str]]:
        """Names that sound the same, or all but one syllable of which do (from three syllables on)."""
        found = set(self.by_sound.get(sound_key(sounds), ()))
        if len(sounds) >= 3:
            for key in gap_keys(sounds):
                found.update(self._by_gap.get(key, ()))
        return found

    def name(self, index: int) -> str:
        """The name on file."""
        return self.customers[index].name


def sound_key(sounds: tuple[str, ...]) -> str:
    """One key for all spellings that are commonly confused."""
    return " ".join([folded_syllable(sound) for sound in sounds])


def gap_keys(sounds: tuple[str, ...]) -> list[str]:
    """The key with each syllable in turn left open."""
    folded = [folded_syllable(sound) for sound in sounds]
    return [" ".join([*folded[:i], "*", *folded[i + 1 :]]) for i in range(len(folded))]
