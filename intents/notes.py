"""From a note to its record: who, what, when, how much, how far, with a trace that explains itself."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from intents.clauses import Clause, split_clauses
from intents.customers import Mention, find_mentions, find_new_customer, find_visited
from intents.heard import put_right
from intents.lexicon import Lexicon
from intents.model import AmountKind, Intent, Record, Stage, Understanding
from intents.money import Money, find_money, main_amount
from intents.needs import find_needs
from intents.normal import fold, simplify
from intents.people import Person, contacts_of, find_people
from intents.purposes import find_intent
from intents.stages import find_stage
from intents.time_pieces import Granularity
from intents.times import TimeSpan, find_times
from intents.todos import Scene, expected_close, find_todos
from intents.tracing import trace_of

MAX_NOTE = 4000
CUT = f"内容太长，只理解了前 {MAX_NOTE} 字"
_CORRECTED = re.compile(r"不对|说错|记错|搞错|弄错|应该是|更正|不是|改成|哦不|纠正")
_STAGED = (Intent.NOTE, Intent.FORECAST)


@dataclass(frozen=True, slots=True)
class _Note:
    """What is found once in the whole text, before it is shared out among customers."""

    text: str
    folded: str
    times: Sequence[TimeSpan]
    clauses: Sequence[Clause]
    mentions: Sequence[Mention]
    strangers: Sequence[Mention]
    people: Sequence[Person]
    money: Sequence[Money]


def understand(text: str, lexicon: Lexicon, now: datetime) -> Understanding:
    """The record(s) of a note. `now` must be aware; due times are in its zone.

    Never fails on any text. Names and titles come in simplified characters, obvious slips of a speech recogniser
    put right. A note longer than `MAX_NOTE` characters is understood up to there, and the trace says so.
    """
    note = _read(put_right(simplify(text[:MAX_NOTE]), lexicon), lexicon, now)
    parts = _shared_out(note)
    records = tuple(_record(note, clauses, mention, now) for clauses, mention in parts)
    trace = trace_of(note.text, note.mentions, note.times, note.money, records, _stage_words(note))
    truncated = len(text) > MAX_NOTE
    return Understanding(records[0], records, (*((CUT,) if truncated else ()), *trace), truncated)


def _read(text: str, lexicon: Lexicon, now: datetime) -> _Note:
    folded = fold(text)
    times = [span for span in find_times(text, now, lexicon.calendar) if not _is_attribute(folded, span, now)]
    every = find_mentions(folded, lexicon)
    mentions = _without_corrected(folded, every)
    clauses = split_clauses(folded, times)
    taken = [(m.start, m.end) for m in mentions] + [(span.start, span.end) for span in times]
    people = find_people(text, folded, lexicon, taken)
    strangers = _strangers(folded, every) if mentions else []
    return _Note(text, folded, times, clauses, mentions, strangers, people, find_money(folded))


def _is_attribute(folded: str, span: TimeSpan, now: datetime) -> bool:
    """上季度的货款, 这个月的回款, 昨天的会: says which one, not when."""
    long = span.granularity in (Granularity.WEEK, Granularity.MONTH) or span.due <= now
    return long and (span.text.endswith("的") or folded[span.end : span.end + 1] == "的")


def _without_corrected(folded: str, mentions: Sequence[Mention]) -> list[Mention]:
    """不是恒瑞机械，是恒锐激光: only what was meant; names of rivals are no customers of the note."""
    kept: list[Mention] = []
    for mention in mentions:
        if mention.denied or (mention.aside and len(mentions) > 1):
            continue
        if kept and len(gap := folded[kept[-1].end : mention.start]) <= 12 and _CORRECTED.search(gap):
            kept.pop()
        kept.append(mention)
    return kept


def _shared_out(note: _Note) -> list[tuple[Sequence[Clause], Mention | None]]:
    """The clauses of each customer: a second one takes over in the clause that first names it.

    One that is unsure or not on file takes over too: its part must not be put down to the customer before.
    """
    starts: list[tuple[int, Mention]] = []
    seen: set[str] = set()
    for mention in sorted((*note.mentions, *note.strangers), key=lambda found: found.start):
        names = {mention.customer} if mention.customer else set(mention.candidates)
        if seen.isdisjoint(names):
            seen |= names
            index = next((i for i, clause in enumerate(note.clauses) if mention.start < clause.end), 0)
            if not starts or index > starts[-1][0]:
                starts.append((index, mention))
    if len(starts) < 2:
        return [(note.clauses, next(iter(note.mentions), None))]
    edges = [0, *[index for index, _ in starts[1:]], len(note.clauses)]
    return [(note.clauses[a:b], starts[i][1]) for i, (a, b) in enumerate(pairwise(edges))]


def _strangers(folded: str, mentions: Sequence[Mention]) -> list[Mention]:
    """Companies that are not on file and are spoken of beside those that are."""
    return [
        Mention(start, end, ())
        for start, end in find_visited(folded)
        if all(end <= mention.start or start >= mention.end for mention in mentions)
    ]


def _record(note: _Note, clauses: Sequence[Clause], mention: Mention | None, now: datetime) -> Record:
    start, end = (clauses[0].start, clauses[-1].end) if clauses else (0, len(note.text))
    times = [span for span in note.times if start <= span.start < end]
    people = [person for person in note.people if start <= person.start < end]
    folded = note.folded[start:end]
    intent, _ = find_intent(folded, has_time=any(span.due > now for span in times))
    contacts = contacts_of(people)
    scene = Scene(
        note.text, note.folded, now, clauses, times, people,
        names=(*((note.folded[mention.start : mention.end],) if mention else ()), *contacts),
        forecast=intent == Intent.FORECAST, instruction=intent == Intent.TODO,
    )  # fmt: skip
    amount = main_amount(note.folded, [money for money in note.money if start <= money.start < end])
    close = expected_close(scene) if intent == Intent.FORECAST else None
    return Record(
        intent=intent,
        customer=mention.customer if mention else None,
        candidates=mention.candidates if mention else (),
        contacts=contacts,
        needs=_needs(note, clauses, times, intent),
        todos=() if intent == Intent.QUERY else find_todos(scene),
        stage=_stage(note, clauses, times, now) if intent in _STAGED else None,
        amount=amount.yuan if amount and intent != Intent.QUERY else None,
        amount_kind=_kind(amount, intent),
        new_customer=_new_name(note, mention),
        expected_close=close.day if close else None,
    )


def _new_name(note: _Note, mention: Mention | None) -> str | None:
    if mention is None:
        return find_new_customer(note.folded)
    return None if mention.ranked else note.text[mention.start : mention.end]


def _needs(
    note: _Note, clauses: Sequence[Clause], times: Sequence[TimeSpan], intent: Intent
) -> tuple[str, ...]:
    if intent in (Intent.QUERY, Intent.TODO):
        return ()
    folded = note.folded
    for span in times:
        folded = folded[: span.start] + "_" * (span.end - span.start) + folded[span.end :]
    return find_needs(note.text, folded, [(clause.start, clause.end) for clause in clauses])


def _stage(note: _Note, clauses: Sequence[Clause], times: Sequence[TimeSpan], now: datetime) -> Stage | None:
    found = find_stage(
        (
            note.folded[clause.start : clause.end],
            any(clause.start <= span.start < clause.end and span.day > now.date() for span in times),
        )
        for clause in clauses
    )
    return found[0] if found else None


def _stage_words(note: _Note) -> str:
    found = find_stage((note.folded[clause.start : clause.end], False) for clause in note.clauses)
    return found[1] if found else ""


def _kind(amount: Money | None, intent: Intent) -> AmountKind | None:
    """An amount without a label is the deal's when the note is about the deal itself."""
    if amount is None or intent == Intent.QUERY:
        return None
    if amount.kind is None and intent in (Intent.FORECAST, Intent.WON, Intent.LOST):
        return AmountKind.DEAL
    return amount.kind
