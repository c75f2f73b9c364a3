"""Sounds of Chinese characters, coarse enough to match what a speech recogniser may have written instead."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

_TWO_LETTER_INITIALS = ("zh", "ch", "sh")
_INITIALS = frozenset("bpmfdtnlgkhjqxzcsryw")
_FOLDED_INITIALS = {"zh": "z", "ch": "c", "sh": "s", "n": "l", "r": "l"}
_FOLDED_FINALS = {"ang": "an", "eng": "en", "ing": "in", "iang": "ian", "uang": "uan", "ong": "ong", "v": "u"}
_NEAR_INITIALS = ("bp", "dt", "gkh", "jqx", "zcs", "zj", "cq", "sx", "hf", "lr", "wh", "y", "mn")
_NEAR_FINALS = (
    ("a", "ia", "ua"), ("o", "uo", "e", "ou"), ("i", "ei", "ui"), ("u", "v", "ou", "iu"), ("an", "en", "uan"),
    ("ian", "in", "en"), ("en", "in", "un", "ong"), ("in", "i"), ("ian", "ie"), ("ai", "ei", "uai"),
    ("ao", "ou", "iao"), ("ie", "ei", "e", "ue"),
    ("uan", "un", "an", "uang"), ("ui", "ei", "un"),
)  # fmt: skip


@lru_cache(maxsize=1)
def _readings() -> Mapping[int, str]:
    """Code point → readings with tone marks, the commonest first.

    pypinyin's table of phrases takes 45 MB and is not needed here: its documented switches leave it out.
    """
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
    os.environ.setdefault("PYPINYIN_NO_DICT_COPY", "true")
    from pypinyin.pinyin_dict import pinyin_dict

    return pinyin_dict


@lru_cache(maxsize=32768)
def syllable(char: str) -> str:
    """The toneless syllable of a character (ü is v); other characters stand for themselves."""
    first = _readings().get(ord(char), "").partition(",")[0]
    letters = unicodedata.normalize("NFD", first).replace("u\u0308", "v")
    return "".join(letter for letter in letters if letter.isascii()) or char


def syllables(text: str) -> tuple[str, ...]:
    """One syllable per character of `text` (already folded)."""
    return tuple([syllable(char) for char in text])


@lru_cache(maxsize=2048)
def split_syllable(sound: str) -> tuple[str, str]:
    """Initial and final, with the distinctions removed that many speakers do not make (zh/z, n/l, ang/an)."""
    initial = next((two for two in _TWO_LETTER_INITIALS if sound.startswith(two)), sound[:1])
    if initial not in _TWO_LETTER_INITIALS and initial not in _INITIALS:
        initial = ""
    final = sound[len(initial) :]
    return _FOLDED_INITIALS.get(initial, initial), _FOLDED_FINALS.get(final, final)


@lru_cache(maxsize=2048)
def folded_syllable(sound: str) -> str:
    """The syllable after folding; equal for sounds that are commonly confused."""
    return "".join(split_syllable(sound))


@lru_cache(maxsize=65536)
def likeness(left: str, right: str) -> float:
    """How alike two syllables sound: 1 the same, 0.95 commonly confused, 0.8 near, down to 0."""
    if left == right:
        return 1.0
    (initial_a, final_a), (initial_b, final_b) = split_syllable(left), split_syllable(right)
    if (initial_a, final_a) == (initial_b, final_b):
        return 0.95
    near_initial = any(initial_a in group and initial_b in group for group in _NEAR_INITIALS if initial_a and initial_b)
    near_final = any(final_a in group and final_b in group for group in _NEAR_FINALS)
    if final_a == final_b:
        return 0.8 if near_initial else 0.5
    if initial_a == initial_b:
        return 0.75 if near_final else 0.35
    return 0.45 if near_initial and near_final else 0.0
