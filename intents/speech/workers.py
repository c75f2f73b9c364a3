"""Recognition in processes of its own: the product stays light, and a recording that kills a worker kills nothing else.

Workers are fresh interpreters, not forks: they see packages that were installed after the product started. This
module imports nothing heavy.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from intents.speech.installation import read_state
from intents.speech.model import (
    Installing,
    NotInstalled,
    Silence,
    SpeechError,
    TooLong,
    Transcript,
    Unreadable,
)
from intents.speech.worker import WorkerConfig

_ROOT = Path(__file__).resolve().parents[2]
_FAULTS: dict[str, type[SpeechError]] = {kind.__name__: kind for kind in (NotInstalled, Unreadable, TooLong, Silence)}
_BROKEN = "语音识别出了故障，请稍后再发一次，或者直接打字。"
_ATTEMPTS = 2
_START_S = 120.0
_PER_SECOND = 2.0  # a worker may take this many times the longest recording before it counts as hung
_STOP_S = 5.0
_LINE_BYTES = 1 << 24


class Broken(SpeechError):
    """The recogniser itself failed: it died twice over one recording, or hung."""


class _Died(Exception):
    """The worker ended without an answer."""


class _Worker:
    """One process: asked one thing at a time."""

    def __init__(self, process: Process) -> None:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("a worker needs both pipes")
        self._process = process
        self._asked, self._answers = process.stdin, process.stdout

    @classmethod
    async def start(cls, config: WorkerConfig) -> _Worker:
        """A worker with the model in memory. Raises `NotInstalled`, `Broken`, `_Died`."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "intents.speech.worker", json.dumps(asdict(config)),
            stdin=PIPE, stdout=PIPE, cwd=_ROOT, env=_environment(), limit=_LINE_BYTES, start_new_session=True,
        )  # fmt: skip
        worker = cls(process)
        try:
            await worker._exchange(b"", _START_S)
        except NotInstalled:
            await worker.stop()
            raise
        return worker

    @property
    def alive(self) -> bool:
        return self._process.returncode is None

    async def ask(self, audio: bytes, hints: Sequence[str], limit_s: float) -> Transcript:
        head = json.dumps({"size": len(audio), "hints": list(hints)})
        return Transcript(**await self._exchange(f"{head}\n".encode() + audio, limit_s))

    async def stop(self) -> None:
        """End it: by the end of its input, by force if it does not listen."""
        self._asked.close()
        try:
            async with asyncio.timeout(_STOP_S):
                await self._process.wait()
        except TimeoutError:
            await self.kill()

    async def kill(self) -> None:
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()

    async def _exchange(self, question: bytes, limit_s: float) -> dict[str, Any]:
        """The answer to `question`. A worker that gave none, for whatever reason, is not left running."""
        line = b""
        try:
            async with asyncio.timeout(limit_s):
                line = await self._talk(question)
        except TimeoutError as error:
            raise Broken(_BROKEN) from error
        except ConnectionError as error:
            raise _Died from error
        finally:
            if not line.endswith(b"\n"):
                await asyncio.shield(self.kill())
        if not line.endswith(b"\n"):
            raise _Died
        answer: dict[str, Any] = json.loads(line)
        if "fault" in answer:
            raise _FAULTS[answer["fault"]](answer["message"])
        return answer

    async def _talk(self, question: bytes) -> bytes:
        self._asked.write(question)
        await self._asked.drain()
        return await self._answers.readline()


class ProcessTranscriber:
    """A `Transcriber` over at most `workers` processes, each started when there is work for it."""

    def __init__(self, config: WorkerConfig, workers: int) -> None:
        self._config = config
        self._slots = asyncio.Semaphore(workers)
        self._idle: list[_Worker] = []
        self._closed = False
        self._limit_s = 60 + config.max_seconds * _PER_SECOND

    async def transcribe(self, audio: bytes, hints: Sequence[str] = ()) -> Transcript:
        """See `Transcriber`. Also raises `Broken`."""
        async with self._slots:
            for _ in range(_ATTEMPTS):
                try:
                    return await self._once(audio, hints)
                except _Died:
                    continue
            raise Broken(_BROKEN)

    async def preload(self) -> None:
        """Have one worker ready before the first note. Raises `NotInstalled`, `Installing`, `Broken`."""
        async with self._slots:
            try:
                await self._put_back(await self._worker())
            except _Died as error:
                raise Broken(_BROKEN) from error

    async def close(self) -> None:
        """End the workers: the idle now, the busy with their recording (at once if its caller is cancelled)."""
        self._closed = True
        idle, self._idle = self._idle, []
        await asyncio.gather(*(worker.stop() for worker in idle))

    async def _once(self, audio: bytes, hints: Sequence[str]) -> Transcript:
        worker = await self._worker()
        try:
            return await worker.ask(audio, hints, self._limit_s)
        finally:
            if worker.alive:
                await self._put_back(worker)

    async def _put_back(self, worker: _Worker) -> None:
        if self._closed:
            await worker.stop()
        else:
            self._idle.append(worker)

    async def _worker(self) -> _Worker:
        if self._idle:
            return self._idle.pop()
        state = read_state(Path(self._config.data_dir))
        if state is not None and state.state == "running":
            raise Installing(state.percent)
        return await _Worker.start(self._config)


def make_transcriber(
    engine: str, model: str, threads: int, workers: int, max_seconds: int, data_dir: Path
) -> ProcessTranscriber:
    """The transcriber of an installation. Starts nothing yet; `preload` may be awaited after the start."""
    folder = model if model == "base" else str(Path(model).expanduser().resolve())
    config = WorkerConfig(engine, folder, threads, max_seconds, str(data_dir.resolve()))
    return ProcessTranscriber(config, workers)


def _environment() -> dict[str, str]:
    """Without the product's secrets, and never looking for a model on the network."""
    own = {key: value for key, value in os.environ.items() if not key.startswith("GENDAN_")}
    return own | {"HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}
