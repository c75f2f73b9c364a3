"""Long alternatives written as lists of words, so that a reader can follow them."""

from __future__ import annotations

import re


def one_of(*groups: str) -> str:
    """A regular expression for any of the alternatives, which blanks separate (`报价 总价 [一二]成`)."""
    return f"(?:{'|'.join(word for group in groups for word in group.split())})"


def words(*groups: str) -> frozenset[str]:
    """The set of the words, which blanks separate."""
    return frozenset(word for group in groups for word in group.split())


def any_of(*groups: str) -> re.Pattern[str]:
    """`one_of`, compiled."""
    return re.compile(one_of(*groups))
