"""Scores of the understanding on the development sets, if they lie beside the repository (`make eval`).

Usage: python -m tools.eval_understand [--sets DIR] [--verbose]
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from intents.calendar import WorkCalendar
from intents.lexicon import CustomerName, Lexicon
from intents.model import Record, Todo
from intents.money import find_money
from intents.normal import fold
from intents.notes import understand
from intents.numerals import parse_number
from intents.time_pieces import Granularity
from intents.times import find_times

DEFAULT_SETS = Path(__file__).resolve().parent.parent.parent / "shared" / "eval"
SHANGHAI = ZoneInfo("Asia/Shanghai")


@dataclass
class Score:
    """Right answers out of all, and what went wrong."""

    right: int = 0
    total: int = 0
    wrong: list[str] = field(default_factory=list)

    def add(self, ok: bool, what: str) -> None:
        """Count one answer; `what` describes it if it is wrong."""
        self.total += 1
        self.right += ok
        if not ok:
            self.wrong.append(what)


class Card:
    """Scores by name, in the order in which they were first used."""

    def __init__(self) -> None:
        self.scores: dict[str, Score] = {}
        self.remarks: list[str] = []

    def add(self, name: str, ok: bool, what: str) -> None:
        """Count one answer under `name`."""
        self.scores.setdefault(name, Score()).add(ok, what)

    def lines(self, *, verbose: bool) -> Iterable[str]:
        """One line a score, with the failures below it if wanted."""
        yield from (f"  {remark}" for remark in self.remarks)
        for name, score in self.scores.items():
            yield f"  {name:<22}{score.right / score.total:7.1%}  {score.right}/{score.total}"
            if verbose:
                yield from (f"      {what}" for what in score.wrong)


def main() -> int:
    """Print the scores of every set that is there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", type=Path, default=DEFAULT_SETS, help="folder of the sets")
    parser.add_argument("--verbose", action="store_true", help="print every failure")
    args = parser.parse_args()
    if not (args.sets / "understand_dev.jsonl").exists():
        print(f"no evaluation sets in {args.sets}: nothing to score (name their folder with --sets)")
        return 0
    scored: tuple[tuple[str, Callable[[Path, Card], None], str], ...] = (
        ("notes", score_notes, "understand_dev.jsonl"),
        ("times by others", score_times, "times/consensus.jsonl"),
        ("numbers by others", score_numbers, "numbers/cases.jsonl"),
    )
    for title, score, name in scored:
        if (args.sets / name).exists():
            card = Card()
            score(args.sets / name, card)
            print(title)
            for line in card.lines(verbose=args.verbose):
                print(line)
    return 0


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The objects of a JSON-lines file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def read_customers(path: Path) -> list[CustomerName]:
    """The customers of a CSV with the columns name and aliases (separated by 、)."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    return [CustomerName(row["name"], tuple(filter(None, row["aliases"].split("、")))) for row in rows]


# --- notes ------------------------------------------------------------------------------------------------------


def score_notes(path: Path, card: Card) -> None:
    """Every field of every note by the rules of the set's own description."""
    lexicon = Lexicon.build(read_customers(path.with_name("customers_dev.csv")))
    found = expected = matched = 0
    for case in read_lines(path):
        record = understand(case["text"], lexicon, datetime.fromisoformat(case["now"])).record
        gold = case["gold"]
        _score_fields(card, case["id"], record, gold)
        _score_due_times(card, case["id"], record, gold["todos"])
        found, expected = found + len(record.todos), expected + len(gold["todos"])
        matched += _matches(record.todos, gold["todos"])
    precision, recall = matched / max(found, 1), matched / max(expected, 1)
    f1 = 2 * precision * recall / max(precision + recall, 1e-9)
    card.remarks.append(f"to-dos: precision {precision:.1%}, recall {recall:.1%}, F1 {f1:.1%}")


def _score_fields(card: Card, name: str, record: Record, gold: dict[str, Any]) -> None:
    amount = record.amount if record.amount is None else float(record.amount)
    stage = record.stage.value if record.stage else None
    card.add("intent", record.intent == gold["intent"], f"{name} {record.intent} ≠ {gold['intent']}")
    card.add("customer", record.customer == gold["customer"], f"{name} {record.customer} ≠ {gold['customer']}")
    same = Counter(record.contacts) == Counter(gold["contacts"])
    card.add("contacts", same, f"{name} {record.contacts} ≠ {gold['contacts']}")
    for word in gold["needs"]:
        card.add("needs", any(word in need for need in record.needs), f"{name} {word} not in {record.needs}")
    if not gold["needs"]:
        card.add("no needs made up", not record.needs, f"{name} {record.needs}")
    card.add("stage", stage == gold["stage"], f"{name} {stage} ≠ {gold['stage']}")
    card.add("amount", amount == gold["amount"], f"{name} {amount} ≠ {gold['amount']}")


def _score_due_times(card: Card, name: str, record: Record, gold: list[dict[str, Any]]) -> None:
    for todo in gold:
        exact = any(_same_due(mine, todo["due"]) for mine in record.todos)
        due = [str(mine.due) for mine in record.todos]
        card.add("due times, exact", exact, f"{name} {due} ≠ {todo['due']}")
        owners = [mine.owner.value for mine in record.todos if _is_match(mine, todo)]
        card.add("owners", todo["owner"] in owners, f"{name} {owners} ≠ {todo['owner']}")
        titles = [mine.title for mine in record.todos]
        named = any(word in title for word in todo["about"] for title in titles)
        card.add("to-do titles", named, f"{name} {titles} without {todo['about']}")


def _same_due(todo: Todo, due: str) -> bool:
    if todo.due is None:
        return False
    local = todo.due.astimezone(SHANGHAI).replace(tzinfo=None)
    return local.isoformat() == due if "T" in due else local.date().isoformat() == due


def _is_match(todo: Todo, gold: dict[str, Any]) -> bool:
    return any(word in todo.title for word in gold["about"]) and _same_due(todo, gold["due"])


def _matches(todos: Iterable[Todo], gold: list[dict[str, Any]]) -> int:
    """To-dos whose title and due time both match, each once."""
    left = list(todos)
    count = 0
    for wanted in gold:
        fitting = next((todo for todo in left if _is_match(todo, wanted)), None)
        if fitting:
            left.remove(fitting)
            count += 1
    return count


# --- times and numbers ------------------------------------------------------------------------------------------


def score_times(path: Path, card: Card) -> None:
    """A due time is one moment: right when it is the interval's start (to the minute) or lies inside of it."""
    calendar = WorkCalendar()
    for case in read_lines(path):
        norm = case["norm"] if isinstance(case["norm"], list) else [case["norm"]]
        now = datetime.fromisoformat(case["ref"]).replace(tzinfo=SHANGHAI)
        spans = find_times(case["text"], now, calendar)
        moments = [(span.due.replace(tzinfo=None), span.granularity) for span in spans]
        ok = len(moments) == len(norm) and all(
            any(_fits(moment, reading) for reading in wanted.get("alts", [wanted]))
            for moment, wanted in zip(moments, norm, strict=True)
        )
        card.add(case["suite"], ok, f"{case['text']} {[str(moment) for moment, _ in moments]}")


def _fits(moment: tuple[datetime, Granularity], reading: dict[str, Any]) -> bool:
    due, granularity = moment
    if "start" not in reading:
        return False
    start = datetime.fromisoformat(reading["start"])
    if granularity == Granularity.MINUTE:
        return due == start.replace(second=0)
    end = datetime.fromisoformat(reading["end"]) if reading.get("end", "inf") != "inf" else start + timedelta(days=1)
    return start <= due < end


def score_numbers(path: Path, card: Card) -> None:
    """Numbers that are the whole text, and amounts of yuan; the other kinds are no part of notes."""
    for case in read_lines(path):
        expected, text = case["expected"], case["text"]
        if case["spec"] == "NumberModel" and len(expected) == 1 and expected[0]["Text"] == text:
            wanted = Decimal(expected[0]["Resolution"]["value"])
            card.add("whole numbers", parse_number(fold(text)) == wanted, f"{text} {parse_number(fold(text))}")
        elif case["spec"] == "parse_money" and expected["case"] == "元" and isinstance(expected["num"], str):
            found = [money.yuan.quantize(Decimal("0.01")) for money in find_money(fold(text))]
            card.add("amounts of yuan", found == [Decimal(expected["num"])], f"{text} {found}")


if __name__ == "__main__":
    sys.exit(main())
