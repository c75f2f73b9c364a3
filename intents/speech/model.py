"""What speech recognition promises: sound in, words out, or one typed reason why not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


class SpeechError(Exception):
    """A note that gives no words. The message is one sentence for the user, in Chinese."""


class NotInstalled(SpeechError):
    """No engine or no weights on this machine; the sentence names the command that installs them."""


class Installing(SpeechError):
    """The engine is being installed right now: the note is to wait. `percent` is how far it is."""

    def __init__(self, percent: int) -> None:
        super().__init__(f"语音识别正在安装（{percent}%），装好后会自动处理这条语音，不用重发。")
        self.percent = percent


class Unreadable(SpeechError):
    """No sound of any known kind."""


class TooLong(SpeechError):
    """Longer than the limit of the configuration."""


class Silence(SpeechError):
    """Nobody speaks in it."""


@dataclass(frozen=True, slots=True)
class Transcript:
    """The words of a recording, in simplified characters. Durations in seconds."""

    text: str
    audio_s: float
    took_s: float
    engine: str


class Transcriber(Protocol):
    """Speech to text. Never blocks the event loop."""

    async def transcribe(self, audio: bytes, hints: Sequence[str] = ()) -> Transcript:
        """The words of `audio` (any format of `intents.speech.decode`). `hints`: names that may occur in it.

        Raises `SpeechError`.
        """

    async def close(self) -> None:
        """End the workers."""
