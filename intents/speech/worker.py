"""The process that recognises speech: `python -m intents.speech.worker CONFIG`, talked to over its pipes.

Asked: a JSON line `{"size", "hints"}`, then `size` bytes of a recording. Answered: a JSON line, a transcript or
`{"fault", "message"}`. The first line says whether the model is in memory. Ends when its input does, so a worker never
outlives the product; a fault nobody foresaw ends it too, and the product starts another.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from intents.speech.model import NotInstalled, SpeechError
from intents.speech.weights import NOT_INSTALLED

_NICENESS = 5  # the event loop of the product goes first


@dataclass(frozen=True, slots=True)
class WorkerConfig:
    """What a worker is started with, as one JSON argument."""

    engine: str
    model: str
    threads: int
    max_seconds: int
    data_dir: str


def serve(config: WorkerConfig, asked: IO[bytes], answers: IO[str]) -> None:
    """Answer until `asked` ends."""
    try:
        recogniser = _load(config)
    except SpeechError as error:
        _answer(answers, _fault(error))
        return
    _answer(answers, {"ready": True})
    for line in asked:
        head = json.loads(line)
        audio = asked.read(head["size"])
        try:
            heard = asdict(recogniser.transcribe(audio, head["hints"]))
        except SpeechError as error:
            heard = _fault(error)
        _answer(answers, heard)


def _load(config: WorkerConfig) -> Any:
    try:
        from intents.speech.recognise import Recogniser
    except ImportError as error:
        raise NotInstalled(NOT_INSTALLED) from error
    return Recogniser.load(
        config.engine, config.model, config.threads, config.max_seconds, Path(config.data_dir)
    )


def _fault(error: SpeechError) -> dict[str, Any]:
    return {"fault": type(error).__name__, "message": str(error)}


def _answer(answers: IO[str], value: dict[str, Any]) -> None:
    answers.write(json.dumps(value, ensure_ascii=False) + "\n")
    answers.flush()


def _main() -> None:
    """Libraries that print must not break the answers: what they take for standard output is the error output."""
    os.nice(_NICENESS)
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    serve(WorkerConfig(**json.loads(sys.argv[1])), sys.stdin.buffer, answers)


if __name__ == "__main__":
    _main()
