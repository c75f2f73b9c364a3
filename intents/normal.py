"""One spelling for matching: half width, lower case, simplified characters. Positions stay the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path

from opencc import OpenCC

_DATA = Path(__file__).parent / "data"
_KEEP = {"～": "~", "—": "-", "–": "-", "﹣": "-", "－": "-", "“": '"', "”": '"', "﹪": "%"}
_SPACES = {"\u3000": " ", "\u00a0": " ", "\t": " ", "\r": "\n"}
# Full-width punctuation becomes half width; titles and traces quote the original text by position.
_FULL_WIDTH = {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
_HAN, _LAST_HAN, _LAST_BMP = 0x2E80, 0x9FFF, 0xFFFF
# OpenCC leaves 瞭 alone when it stands by itself; in notes it is that of 瞭解.
_SPOKEN = {"瞭": "了"}


def data_lines(name: str) -> list[str]:
    """The lines of a data file of this room, without comments and blank ones."""
    lines = (_DATA / name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


@lru_cache(maxsize=1)
def _converter() -> OpenCC:
    return OpenCC("t2s")


def _simple(char: str) -> str:
    """The simplified form of a character; one character for one."""
    simple = _converter().convert(char) if _HAN <= ord(char) <= _LAST_HAN else char
    return simple if len(simple) == 1 else char


def _folded(char: str) -> str:
    low = _simple(char).lower()
    return low if len(low) == 1 else char


class _Table(dict[int, str]):
    """A translation table that learns characters when they first occur."""

    def __init__(self, rule: Callable[[str], str], known: Mapping[str, str]) -> None:
        super().__init__({ord(key): value for key, value in known.items()})
        self._rule = rule

    def __missing__(self, code: int) -> str:
        result = self._rule(chr(code))
        if code <= _LAST_BMP:
            self[code] = result
        return result


_SIMPLER = _Table(_simple, _SPOKEN)
_FOLDED = _Table(_folded, _SPOKEN | {key: low.lower() for key, low in (_FULL_WIDTH | _SPACES | _KEEP).items()})


def simplify(text: str) -> str:
    """`text` in simplified characters, same length, position by position."""
    return text.translate(_SIMPLER)


def fold(text: str) -> str:
    """`text` for matching: same length, position by position; half width, lower case, simplified."""
    return text.translate(_FOLDED)
