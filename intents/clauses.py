"""A note cut into clauses, by punctuation and, where a recogniser gave none, by the words that open a new one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from intents.patterns import any_of, one_of
from intents.times import TimeSpan

_HAN = r"[\u4e00-\u9fff]"
_PUNCTUATION = re.compile(
    rf"[,，。;；!?\n]+|(?<={_HAN})\s+(?={_HAN})|、(?=我|客户|对方|他们|然后)"
)
_STOPS = frozenset("。;；!?\n")
_SUBJECT = r"(?:我们|我|咱们|客户|对方|他们(?!的))"
_DOES = one_of(
    """
    会 要 说 答应 承诺 来 去 得 准备 打算 已经 想 希望 觉得 要求 表示 负责 需要 跟 周 星期 礼拜 明天 后天 下周
    下个 这周 本周 三天 两天 今 安排 问 让 嫌 担心 再
    """
)
_NOT_SUBJECT_AFTER = "[让给跟和找要叫请到诉帮醒是把的应向对为与同催等说求望]"
_OPENERS = any_of(
    rf"""
    然后 另外 还有就是 还有一个 而且 但是 不过 所以 因此 同时 接下来 就是说?
    (?<![已又经])约[了好](?!我们?|他|以后|之后) (?<!{_NOT_SUBJECT_AFTER}){_SUBJECT}(?={_DOES})
    (?<=的)我(?=说|答应|承诺|来|负责) (?:让|叫)我们?(?=先|去|把|给|再|帮|尽快|明天|后天|今天|下周)
    (?<=[了完过])(?:让我们?|要我们?|说(?=[三两一五下明后周]))
    """
)
_LONG = 14
_HEAD = 4
_SUBJECT_LENGTH = 4


@dataclass(frozen=True, slots=True)
class Clause:
    """[start, end) of the text, without the punctuation; `closes` when a full stop follows."""

    start: int
    end: int
    closes: bool = False


def split_clauses(folded: str, times: Iterable[TimeSpan] = ()) -> list[Clause]:
    """The clauses of a folded text, at most one time in each; times are never cut."""
    spans = list(times)
    clauses: list[Clause] = []
    position = 0
    for found in _PUNCTUATION.finditer(folded):
        if any(span.start < found.end() and found.start() < span.end for span in spans):
            continue
        clauses += _soft(folded, Clause(position, found.start(), bool(_STOPS & set(found.group()))), spans)
        position = found.end()
    clauses += _soft(folded, Clause(position, len(folded), closes=True), spans)
    return [clause for clause in clauses if clause.start < clause.end]


def _soft(folded: str, clause: Clause, spans: list[TimeSpan]) -> list[Clause]:
    """Cut a long run without punctuation before words that open a clause, and before a second time."""
    inside = [span for span in spans if clause.start <= span.start < clause.end]
    cuts: set[int] = set()
    if clause.end - clause.start > _LONG:
        for found in _OPENERS.finditer(folded, clause.start + _HEAD, clause.end):
            if not any(span.start < found.start() < span.end for span in inside):
                cuts.add(found.start())
    cuts |= {span.start for span in inside[1:] if not any(0 < span.start - cut <= _SUBJECT_LENGTH for cut in cuts)}
    edges = [clause.start, *sorted(cuts), clause.end]
    pieces = [Clause(a, b) for a, b in pairwise(edges) if a < b]
    if not pieces:
        return []
    return [*pieces[:-1], Clause(pieces[-1].start, pieces[-1].end, clause.closes)]
