"""Recordings for the tests: two real clips, and any format made from them."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

DATA = Path(__file__).parents[1] / "data"
SPORT = "让他们也可以有机会参与体育运动"
WATCH = "电话手表的辐射主要来自天线"
RATE = 16_000

# What messengers and browsers send: container, codec, rate, channels.
FORMATS: dict[str, tuple[str, str, int, str]] = {
    "amr": ("amr", "libopencore_amrnb", 8_000, "mono"),
    "opus in ogg": ("ogg", "libopus", 48_000, "mono"),
    "opus in webm": ("webm", "libopus", 48_000, "mono"),
    "mp3": ("mp3", "libmp3lame", 44_100, "stereo"),
    "m4a": ("ipod", "aac", 44_100, "stereo"),
    "mp4": ("mp4", "aac", 48_000, "mono"),
    "aac": ("adts", "aac", 16_000, "mono"),
    "amr in 3gp": ("3gp", "libopencore_amrnb", 8_000, "mono"),
    "wav": ("wav", "pcm_s16le", 48_000, "stereo"),
    "telephone wav": ("wav", "pcm_alaw", 8_000, "mono"),
    "flac": ("flac", "flac", 16_000, "mono"),
}
_OPTIONS = {"amr": {"dtx": "1"}}


def clip(name: str = "as1_004.wav") -> bytes:
    return (DATA / name).read_bytes()


def encoded(samples: npt.NDArray[np.float32], kind: str) -> bytes:
    """`samples` (mono, `RATE` a second) as one of `FORMATS`."""
    import av

    container, codec, rate, layout = FORMATS[kind]
    out = io.BytesIO()
    frame = av.AudioFrame.from_ndarray((samples * 32767).astype(np.int16).reshape(1, -1), "s16", "mono")
    frame.sample_rate = RATE
    with av.open(out, "w", format=container) as target:
        stream: Any = target.add_stream(codec, rate=rate, layout=layout, options=_OPTIONS.get(kind, {}))
        for packet in (*stream.encode(frame), *stream.encode(None)):
            target.mux(packet)
    return out.getvalue()


def silence(seconds: float) -> npt.NDArray[np.float32]:
    return np.zeros(int(seconds * RATE), np.float32)


def noise(seconds: float) -> npt.NDArray[np.float32]:
    """As loud as a fan beside the telephone."""
    return np.random.default_rng(7).normal(0, 0.05, int(seconds * RATE)).astype(np.float32)


def tone(seconds: float, hertz: float = 440) -> npt.NDArray[np.float32]:
    return (0.3 * np.sin(2 * np.pi * hertz * np.arange(int(seconds * RATE)) / RATE)).astype(np.float32)
