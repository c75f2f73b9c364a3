"""Keywords that customers write in groups, such as 价格 or 样品: they make a hot lead."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from intents.normal import fold

_NEGATION = re.compile(
    r"(?:不是|并非|不用|不要|不需要|不必|没有|没|别|无需|不想|不谈|不问|未|暂不|先不)"
    r"(?:再|来|在|说|谈|问|想|聊|看|了解|关心|要|发|寄|给|提|讲|任何|什么|这个|那个|你们|我们|的|急着|您|你|我){0,4}$"
)
_REACH = 10


@dataclass(frozen=True, slots=True)
class KeywordRule:
    """A named group of words; any of them is a hit."""

    name: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """A word of a rule found at [start, end) of the original text."""

    rule: str
    word: str
    start: int
    end: int


def spot(text: str, rules: Iterable[KeywordRule]) -> list[Hit]:
    """All hits in order of position; case, full width and traditional characters do not matter.

    A word that is denied just before ("不是问价格", "不要样品") is no hit. Where two words of one rule
    overlap, the longer counts.
    """
    folded = fold(text)
    hits = [hit for rule in rules for hit in _rule_hits(folded, rule)]
    return sorted(hits, key=lambda hit: (hit.start, hit.end, hit.rule))


def _rule_hits(folded: str, rule: KeywordRule) -> Iterator[Hit]:
    taken = [False] * len(folded)
    for word in sorted(filter(None, rule.words), key=len, reverse=True):
        for found in re.finditer(re.escape(fold(word)), folded):
            start, end = found.span()
            if any(taken[start:end]) or _inside_latin_word(folded, start, end):
                continue
            taken[start:end] = [True] * (end - start)
            if not _NEGATION.search(folded[max(0, start - _REACH) : start]):
                yield Hit(rule.name, word, start, end)


def _inside_latin_word(folded: str, start: int, end: int) -> bool:
    """A Latin keyword must stand alone: "poc" is not in "epoch"."""
    return (_latin(folded, start - 1) and _latin(folded, start)) or (_latin(folded, end - 1) and _latin(folded, end))


def _latin(folded: str, index: int) -> bool:
    return 0 <= index < len(folded) and folded[index].isascii() and folded[index].isalpha()
