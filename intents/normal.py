"""One spelling for matching: half width, lower case, simplified characters. Positions stay the same."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

DATA = Path(__file__).parent / "data"
_KEEP = {"～": "~", "—": "-", "–": "-", "﹣": "-", "－": "-", "“": '"', "”": '"', "﹪": "%"}
# Full-width punctuation becomes half width; titles and traces quote the original text by position.
_FULL_WIDTH = {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
_SPACES = {" ": " ", "\u00a0": " ", "\t": " ", "\r": "\n"}


def data_lines(name: str) -> list[str]:
    """The lines of a data file of this room, without comments and blank ones."""
    lines = (DATA / name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


@lru_cache(maxsize=1)
def _table() -> dict[int, str]:
    pairs = {pair[0]: pair[1] for line in data_lines("simplify.txt") for pair in line.split()}
    return {ord(key): value for key, value in (pairs | _FULL_WIDTH | _SPACES | _KEEP).items()}


def fold(text: str) -> str:
    """`text` for matching: same length, position by position; half width, lower case, simplified."""
    return "".join(_lower(char) for char in text.translate(_table()))


def _lower(char: str) -> str:
    low = char.lower()
    return low if len(low) == 1 else char
