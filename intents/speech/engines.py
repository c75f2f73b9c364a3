"""The recognisers, each behind one method. Imported in worker processes only: their packages are heavy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

from intents.speech.decode import Samples
from intents.speech.model import NotInstalled
from intents.speech.weights import NOT_INSTALLED

LANGUAGE = "zh"
BEAM = 5
CONVERTED = "openai-whisper.pt"

_NO_ENGINE = "语音引擎 openai-whisper 未安装：运行 pip install openai-whisper torch"
_NO_CONVERTED = "语音模型未安装：运行 python -m tools.convert_whisper"
# One prompt, the words and the marks between share the 448 tokens of Whisper's text window.
_PROMPT_CHARS = 100


class Engine(Protocol):
    """Speech without pauses in, words out, as the model writes them."""

    name: str

    def words(self, speech: Samples, hints: Sequence[str] = ()) -> list[str]:
        """The spoken clauses. `hints`: names that may occur."""


class FasterWhisper:
    """Whisper on CTranslate2, 8-bit: the default. No fallback to higher temperatures, which takes half a minute."""

    name = "faster-whisper"

    def __init__(self, folder: Path, threads: int) -> None:
        from faster_whisper import WhisperModel

        self._model = WhisperModel(
            str(folder), device="cpu", compute_type="int8", cpu_threads=threads, local_files_only=True
        )

    def words(self, speech: Samples, hints: Sequence[str] = ()) -> list[str]:
        segments, _ = self._model.transcribe(
            speech, language=LANGUAGE, beam_size=BEAM, temperature=0.0, condition_on_previous_text=False,
            vad_filter=False, hotwords=_prompt(hints),
        )  # fmt: skip
        return [segment.text for segment in segments]


class OpenaiWhisper:
    """OpenAI's own implementation on PyTorch, on the same weights after `tools/convert_whisper.py`."""

    name = "openai-whisper"

    def __init__(self, folder: Path, threads: int) -> None:
        try:
            import torch
            import whisper
        except ImportError as error:
            raise NotInstalled(_NO_ENGINE) from error
        weights = folder / CONVERTED
        if not weights.is_file():
            raise NotInstalled(_NO_CONVERTED)
        torch.set_num_threads(threads)
        self._model = whisper.load_model(str(weights), device="cpu")

    def words(self, speech: Samples, hints: Sequence[str] = ()) -> list[str]:
        found: dict[str, Any] = self._model.transcribe(
            speech, language=LANGUAGE, beam_size=BEAM, temperature=0.0, condition_on_previous_text=False, fp16=False,
            initial_prompt=_prompt(hints),
        )  # fmt: skip
        return [segment["text"] for segment in found["segments"]]


_ENGINES: dict[str, Callable[[Path, int], Engine]] = {
    FasterWhisper.name: FasterWhisper,
    OpenaiWhisper.name: OpenaiWhisper,
}


def load_engine(engine: str, folder: Path, threads: int) -> Engine:
    """The engine with its model in memory. Raises `NotInstalled`."""
    if engine not in _ENGINES:
        raise NotInstalled(f"没有叫 {engine} 的语音引擎：可选 {'、'.join(_ENGINES)}")
    try:
        return _ENGINES[engine](folder, threads)
    except ImportError as error:
        raise NotInstalled(NOT_INSTALLED) from error


def _prompt(hints: Sequence[str]) -> str | None:
    return "，".join(hints)[:_PROMPT_CHARS] or None
