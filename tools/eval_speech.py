"""How well recordings are recognised: character error rate and share of real time, for each format (`make eval`).

Usage: python -m tools.eval_speech [--sets DIR] [--engine E]

DIR/audio holds recordings and `transcripts.tsv` (columns file, text, reference; only `firm` references are scored);
DIR/audio/notes holds recordings of the notes of DIR/eval/understand_dev.jsonl, by id. Of these are counted the names
that come out exactly, without hints and with all customers of DIR/eval/customers_dev.csv as hints.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import json
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rapidfuzz.distance import Levenshtein

from bot.config import load
from intents.normal import fold
from intents.numerals import NUMBER, parse_number
from intents.speech.model import Transcriber, Transcript
from intents.speech.workers import make_transcriber

Note = dict[str, Any]

DEFAULT_SETS = Path(__file__).resolve().parent.parent.parent / "shared"
_NUMBER = re.compile(NUMBER)


@dataclass(slots=True)
class Score:
    """Sums over the recordings of one kind."""

    clips: int = 0
    errors: int = 0
    characters: int = 0
    audio_s: float = 0
    took: list[float] = field(default_factory=list)

    def add(self, truth: str, heard: Transcript) -> None:
        wanted = normal(truth)
        self.clips += 1
        self.errors += Levenshtein.distance(wanted, normal(heard.text))
        self.characters += len(wanted)
        self.audio_s += heard.audio_s
        self.took.append(heard.took_s)

    def __str__(self) -> str:
        rate = 100 * self.errors / self.characters
        share = sum(self.took) / self.audio_s
        return f"{self.clips:3} clips  CER {rate:5.1f} %  {share:.2f} of real time, longest {max(self.took):.1f} s"


def normal(text: str) -> str:
    """What is compared: folded, numbers in digits, without marks and spaces."""
    digits = _NUMBER.sub(lambda found: str(parse_number(found[0]) or found[0]), fold(text))
    return "".join(filter(str.isalnum, digits))


async def score_clips(transcriber: Transcriber, folder: Path) -> dict[str, Score]:
    """A score for each file suffix."""
    scores: dict[str, Score] = {}
    with (folder / "transcripts.tsv").open(encoding="utf-8") as opened:
        rows = [row for row in csv.DictReader(opened, delimiter="\t") if row["reference"] == "firm"]
    for row in rows:
        heard = await transcriber.transcribe((folder / row["file"]).read_bytes())
        scores.setdefault(Path(row["file"]).suffix, Score()).add(row["text"], heard)
    return scores


@dataclass(slots=True)
class Names:
    """How many names that were spoken stand exactly in the text, and the whole texts' score."""

    spoken: int = 0
    exact: int = 0
    score: Score = field(default_factory=Score)

    def add(self, note: Note, heard: Transcript) -> None:
        names = list(_names(note))
        self.spoken += len(names)
        self.exact += sum(name in heard.text for name in names)
        self.score.add(note["text"], heard)


def _names(note: Note) -> Iterator[str]:
    gold = note["gold"]
    return (name for name in (gold["customer"], *gold["contacts"]) if name and name in note["text"])

async def score_names(transcriber: Transcriber, spoken: Sequence[tuple[Note, Path]], hints: Sequence[str]) -> Names:
    """Over recordings of notes."""
    total = Names()
    for note, file in spoken:
        total.add(note, await transcriber.transcribe(file.read_bytes(), hints))
    return total


def _spoken(folder: Path, notes: Path) -> list[tuple[Note, Path]]:
    """Each note with each of its recordings, whatever their formats."""
    lines = notes.read_text(encoding="utf-8").splitlines()
    return [(note, file) for note in map(json.loads, lines) for file in sorted(folder.glob(f"{note['id']}.*"))]


def _customers(path: Path) -> list[str]:
    with path.open(encoding="utf-8") as opened:
        return [row["name"] for row in csv.DictReader(opened)]


async def _main(args: argparse.Namespace) -> int:
    if not (args.sets / "audio" / "transcripts.tsv").exists():
        print(f"no recordings in {args.sets}: nothing to score (name their folder with --sets)")
        return 0
    settings = load(None)
    speech = settings.speech
    transcriber = make_transcriber(
        args.engine or speech.engine, speech.model, speech.threads, 1, speech.max_seconds, settings.data_dir
    )
    try:
        await _report(transcriber, args.sets)
    finally:
        await transcriber.close()
    return 0


async def _report(transcriber: Transcriber, sets: Path) -> None:
    for suffix, score in (await score_clips(transcriber, sets / "audio")).items():
        print(f"{suffix:6} {score}")
    spoken = _spoken(sets / "audio" / "notes", sets / "eval" / "understand_dev.jsonl")
    for label, hints in (("plain", []), ("hints", _customers(sets / "eval" / "customers_dev.csv"))):
        names = await score_names(transcriber, spoken, hints)
        print(f"notes, {label}: {names.exact}/{names.spoken} names exact  {names.score}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", type=Path, default=DEFAULT_SETS)
    parser.add_argument("--engine", default=None, help="instead of the configured one")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(asyncio.run(_main(_arguments())))
