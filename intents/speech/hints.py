"""The names that a recogniser may have misheard, found by sound, and whether its second try is to be believed.

Measured: the six best-sounding names as hints for a second pass raise exact names in the text fourfold, but on notes
without any name they put some in. So the second text counts only when it really brings a name that the first lacked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import Indel

from intents.lexicon import core_of, spoken_forms
from intents.normal import fold
from intents.pinyin import likeness, syllables

MOST = 6

_SHORT, _LONG = 0.85, 0.7  # how alike a name of two syllables, or of more, must sound to be a candidate
_SAME_NOTE = 0.7  # how much of the sounds both texts must share

Curve = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A name as it may be spoken, and how alike the likest place of the text sounds, 0 to 1."""

    name: str
    score: float


class _Sounds:
    """A text, asked again and again how alike its every place sounds to a syllable."""

    def __init__(self, text: str) -> None:
        self._heard = syllables(text)
        self._curves: dict[str, Curve] = {}

    def score(self, name: str) -> float:
        """How alike the likest place sounds to `name`."""
        spoken = syllables(name)
        places = len(self._heard) - len(spoken) + 1
        if places < 1 or len(spoken) < 2:
            return 0.0
        curves = [self._curve(sound)[at : at + places] for at, sound in enumerate(spoken)]
        return float(np.mean(curves, axis=0).max())

    def _curve(self, sound: str) -> Curve:
        if sound not in self._curves:
            self._curves[sound] = np.array([likeness(sound, heard) for heard in self._heard], np.float32)
        return self._curves[sound]


def candidates(text: str, names: Iterable[str]) -> list[Candidate]:
    """The names that sound most like some place of `text`, best first, at most `MOST`."""
    sounds = _Sounds(_letters(text))
    scored = [Candidate(form, sounds.score(form)) for form in _forms(names)]
    likely = [one for one in scored if one.score >= (_SHORT if len(one.name) == 2 else _LONG)]
    return _apart(sorted(likely, key=lambda one: (-one.score, -len(one.name), one.name)))


def _apart(ranked: Iterable[Candidate]) -> list[Candidate]:
    """The first of them, without those that are a part of a better one."""
    kept: list[Candidate] = []
    for one in ranked:
        if len(kept) < MOST and not any(one.name in better.name for better in kept):
            kept.append(one)
    return kept


def worth_a_second_pass(text: str, likely: Sequence[Candidate]) -> bool:
    """Whether some candidate is not already written in `text` as it should be."""
    written = _letters(text)
    return any(one.name not in written for one in likely)


def chosen(first: str, second: str, likely: Sequence[Candidate]) -> str:
    """The text to keep: the second when it brings a candidate, loses none, and is the same note, else the first.

    A recogniser may answer a hint with the hint alone: that is not the same note.
    """
    before, after = _letters(first), _letters(second)
    had = {one.name for one in likely if one.name in before}
    has = {one.name for one in likely if one.name in after}
    same = Indel.normalized_similarity(syllables(before), syllables(after)) >= _SAME_NOTE
    return second if has > had and same else first


def _forms(names: Iterable[str]) -> dict[str, None]:
    """How the names are spoken: folded, without legal form and place, and without the trade."""
    forms: dict[str, None] = {}
    for name in names:
        for form in spoken_forms(name):
            forms[form] = None
            if core := core_of(form):
                forms[core] = None
    return forms


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, fold(text)))
