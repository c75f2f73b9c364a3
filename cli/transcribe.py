"""`transcribe`: recordings into words, a JSON line each."""

from __future__ import annotations

import argparse
import asyncio
import json
from pathlib import Path
from typing import Any

from bot.config import Settings
from cli.base import Commands, Env, add_command, say, settings_of
from intents.speech.model import SpeechError, Transcript
from intents.speech.workers import ProcessTranscriber, make_transcriber

ENGINES = ("faster-whisper", "openai-whisper")


def register(commands: Commands) -> None:
    parser = add_command(commands, "transcribe", "recordings into words, a JSON line each", run)
    parser.add_argument("--engine", choices=ENGINES, default=None, help="instead of the configured one")
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")


async def run(args: argparse.Namespace, env: Env) -> int:
    """Exit code 1 when some file gave no words; its line says why."""
    transcriber = _transcriber(settings_of(args), args.engine)
    try:
        lines = [await _line(transcriber, file) for file in args.files]
    finally:
        await transcriber.close()
    return 1 if any("error" in line for line in lines) else 0


def _transcriber(settings: Settings, engine: str | None) -> ProcessTranscriber:
    speech = settings.speech
    return make_transcriber(
        engine or speech.engine, speech.model, speech.threads, speech.workers, speech.max_seconds, settings.data_dir
    )


async def _line(transcriber: ProcessTranscriber, file: Path) -> dict[str, Any]:
    """What is printed of one file, printed as soon as it is known."""
    try:
        heard = await transcriber.transcribe(await asyncio.to_thread(file.read_bytes))
        line = {"file": str(file)} | _fields(heard)
    except OSError as error:
        line = {"file": str(file), "error": f"读不了文件：{error.strerror}"}
    except SpeechError as error:
        line = {"file": str(file), "error": str(error)}
    say(json.dumps(line, ensure_ascii=False))
    return line


def _fields(heard: Transcript) -> dict[str, Any]:
    return {
        "text": heard.text,
        "audio_s": round(heard.audio_s, 2),
        "took_s": round(heard.took_s, 2),
        "engine": heard.engine,
    }
