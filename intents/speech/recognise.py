"""One recording into its words: decode, leave out what is no speech, recognise, and once more with names in mind."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

import numpy as np
import opencc

from intents.speech.decode import RATE, Samples, decode
from intents.speech.engines import Engine, load_engine
from intents.speech.hints import candidates, chosen, worth_a_second_pass
from intents.speech.model import Silence, Transcript
from intents.speech.weights import model_folder

SILENCE = "没听清，请再说一遍，或者直接打字。"

# Whisper was trained on subtitles: over music and murmurs it writes their credits.
_CREDITS = re.compile(
    r"不吝点赞|订阅.{0,4}转发|明镜与点点|字幕(?:由|组|志愿者)|amara\.org|谢谢(?:大家)?(?:观看|收看)", re.IGNORECASE
)
_LOOP = re.compile(r"([^\d\s]{2,20}?)\1{3,}")
_CJK = r"[\u3400-\u9fff]"
_MARKS = {",": "，", "?": "？", "!": "！", ";": "；", ":": "："}
_ASCII_MARK = re.compile(rf"(?<={_CJK})\s*([,?!;:])\s*")
_ASCII_STOP = re.compile(rf"(?<={_CJK})\.(?=\s|$|{_CJK})")
_GAP = re.compile(rf"(?<={_CJK})\s+(?={_CJK})")
_PAUSE = re.compile(rf"(?<={_CJK}{{4}})\s+(?={_CJK}{{4}})")  # between shorter ones a space parts no clauses
_LEVEL, _MOST_GAIN = 0.5, 30.0
_WORD = re.compile(r"\w")
_MARK = "，。？！；：、,.?!;:"


class Recogniser:
    """Holds the model; not for use by several threads at once."""

    def __init__(self, engine: Engine, max_seconds: int) -> None:
        self._engine = engine
        self._max_seconds = max_seconds
        self._simplify = opencc.OpenCC("t2s").convert

    @classmethod
    def load(cls, engine: str, model: str, threads: int, max_seconds: int, data_dir: Path) -> Recogniser:
        """With the configured engine and model in memory. Raises `NotInstalled`."""
        return cls(load_engine(engine, model_folder(model, data_dir), threads), max_seconds)

    def transcribe(self, audio: bytes, hints: Sequence[str] = ()) -> Transcript:
        """The words of `audio`. Raises `Unreadable`, `TooLong`, `Silence`."""
        start = perf_counter()
        samples = decode(audio, self._max_seconds)
        text = self._words(voiced(samples), hints)
        return Transcript(text, len(samples) / RATE, perf_counter() - start, self._engine.name)

    def _words(self, speech: Samples, hints: Sequence[str]) -> str:
        first = self._text(speech, ())
        if not first:
            raise Silence(SILENCE)
        likely = candidates(first, hints)
        if not worth_a_second_pass(first, likely):
            return first
        return chosen(first, self._text(speech, [one.name for one in likely]), likely)

    def _text(self, speech: Samples, hints: Sequence[str]) -> str:
        return tidy([self._simplify(clause) for clause in self._engine.words(speech, hints)])


def voiced(samples: Samples) -> Samples:
    """The parts in which somebody speaks, in a row. Raises `Silence`: models make words up where there are none."""
    from faster_whisper.vad import collect_chunks, get_speech_timestamps

    spoken = get_speech_timestamps(_leveled(samples))
    if not spoken:
        raise Silence(SILENCE)
    pieces, _ = collect_chunks(samples, spoken)
    joined: Samples = np.concatenate(pieces)
    return joined


def _leveled(samples: Samples) -> Samples:
    """As loud as a near voice: of voices from across a room, a hundredth as loud, a third goes unnoticed otherwise."""
    gain = _LEVEL / max(float(np.abs(samples).max()), _LEVEL / _MOST_GAIN)
    leveled: Samples = samples * np.float32(gain)
    return leveled


def tidy(clauses: Sequence[str]) -> str:
    """Clauses as one text, without subtitle credits, loops of one phrase, and marks of half width after characters."""
    kept = (clause.replace("\ufffd", "").strip().lstrip(_MARK) for clause in clauses if not _CREDITS.search(clause))
    text = ""
    for clause in filter(_WORD.search, map(_full_width, kept)):
        text += clause if not text or text[-1] in _MARK else f"，{clause}"
    text = _LOOP.sub(r"\1", text)
    return _GAP.sub("", _PAUSE.sub("，", text))


def _full_width(clause: str) -> str:
    return _ASCII_STOP.sub("。", _ASCII_MARK.sub(lambda mark: _MARKS[mark[1]], clause))
