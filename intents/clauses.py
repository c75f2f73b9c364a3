"""A note cut into clauses, by punctuation and, where a recogniser gave none, by the words that open a new one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from intents.patterns import any_of, one_of
from intents.people import SURNAMES
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
    下个 这周 本周 三天 两天 今 安排 问 让 嫌 担心 再 收到 拿到 先 就
    """
)
_NOT_SUBJECT_AFTER = "[让给跟和找要叫请到诉帮醒是把的应向对为与同催等说求望]"
_DEPARTMENT = one_of("仓库 物流 车间 工厂 财务 法务 研发 领导 老板")
_OPENERS = any_of(
    rf"""
    然后 另外 还有就是 还有一个 而且 但是 不过 所以 因此 同时 接下来 就是说?
    (?<![已又经])约[了好](?!我们?|他|以后|之后) (?<!{_NOT_SUBJECT_AFTER}){_SUBJECT}(?={_DOES})
    (?<=[^,，]{5})[\u4e00-\u9fff]{2}时间(?=是|定在|就是)
    (?<!{_NOT_SUBJECT_AFTER})(?:客户|对方)?{_DEPARTMENT}(?:那边)?(?=说|讲|回复)
    (?<=的)我(?=说|答应|承诺|来|负责) (?:让|叫)我们?(?=先|去|把|给|再|帮|尽快|明天|后天|今天|下周)
    (?<=[了完过])(?:让我们?|要我们?|说(?=[三两一五下明后周]))
    """
)
# A time after one of these begins something new (查一下今天下班前答复); after those it belongs to them (约了周四).
_OVER = re.compile(r"(?:一下|一遍|[了完过呢吧]|没问题|不行|不错|满意)$")
_GOES_ON = re.compile(
    r"(?:[约定改推说答应承诺保证同意安排在订求让给]|要求|推迟|提前|延期|拖|要|想|[跟和]\w{1,6}说)(?:好|完)?了?$|[除为]了$"
    r"|[让叫请派找跟约和给由][\u4e00-\u9fff]{1,3}$"
)
_NOT_HEAD = re.compile(
    r"(?:[我们他她户方说要约在到把让于是定总工理任长会得给的和跟与从等才就也都之最]|答应|下午|负责|预计)$"
)
_ACTS = re.compile(r"(?:再(?!说)|我|把|给|去|派|带|寄|发|送|过去|安排|让|跟|要(?!求)|上门|交|出|做)")
_SOMEBODY = re.compile(
    rf"(?<![给跟和与找见让向的、，,叫请问催陪约])[{SURNAMES}](?:总|工|姐|哥|经理|主任|厂长|科长|处长|部长|院长|会计|老师)"
    "(?=说|答应|承诺|让|想|问|约|反馈|希望|要求)"
)
_LONG = 14
_STATEMENT = 10
_SHORTEST = 6
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
    for found in _SOMEBODY.finditer(folded, clause.start + _STATEMENT, clause.end):
        if not any(span.start < found.start() < span.end for span in inside):
            cuts.add(found.start())
    cuts |= {span.start for span in inside if _begins_anew(folded, clause, span)}
    cuts |= {span.start for span in inside[1:] if not any(0 < span.start - cut <= _SUBJECT_LENGTH for cut in cuts)}
    edges = [clause.start, *sorted(cuts), clause.end]
    pieces = [Clause(a, b) for a, b in pairwise(edges) if a < b]
    if not pieces:
        return []
    return [*pieces[:-1], Clause(pieces[-1].start, pieces[-1].end, clause.closes)]


def _begins_anew(folded: str, clause: Clause, span: TimeSpan) -> bool:
    """Whether what stands before a time is a statement of its own, and the time opens the next one."""
    before = folded[clause.start : span.start]
    if len(before) < _SHORTEST or _GOES_ON.search(before) or span.end >= clause.end:
        return False
    if _OVER.search(before):
        return True
    return len(before) >= _STATEMENT and not _NOT_HEAD.search(before) and bool(_ACTS.match(folded, span.end))
