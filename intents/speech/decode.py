"""Recordings into samples: what messengers and browsers really send, told apart by content, never by name.

Input is hostile until decoded. Only the demuxer that the first bytes ask for is opened (FFmpeg's own guessing knows
playlists that read other files), only sound codecs are allowed, and the limit of length ends the decoding itself.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import TYPE_CHECKING, cast

import av
import numpy as np
import numpy.typing as npt

from intents.speech.model import TooLong, Unreadable

if TYPE_CHECKING:
    from av.audio.codeccontext import AudioCodecContext
    from av.audio.frame import AudioFrame
    from av.audio.stream import AudioStream
    from av.container import InputContainer

Samples = npt.NDArray[np.float32]
"""Mono, `RATE` a second, -1 to 1."""

_Piece = npt.NDArray[np.int16]

RATE = 16_000
UNREADABLE = "这段语音打不开，请重新录一条，或者直接打字。"

_RATES = range(4_000, 192_001)
_MAX_CHANNELS = 8
_TOLERANCE_S = 0.5  # encoders pad the end
_DAMAGED_SHARE = 0.1
_MICROSECONDS = 1_000_000
_FULL_SCALE = np.float32(32_768)
# FFmpeg's own AMR decoder refuses the frames of discontinuous transmission, which phones send in every pause.
_BETTER = {"amrnb": ("libopencore_amrnb", 8_000), "amrwb": ("libopencore_amrwb", 16_000)}
_CODECS = (
    "amrnb", "amrwb", "libopencore_amrnb", "libopencore_amrwb", "opus", "libopus", "vorbis", "mp3", "mp3float", "aac",
    "flac", "alac", "pcm_u8", "pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_f32le", "pcm_f64le", "pcm_alaw", "pcm_mulaw",
)  # fmt: skip
_OPTIONS = {"codec_whitelist": ",".join(_CODECS)}
_MAGIC = (
    (0, b"#!AMR\n", "amr"),
    (0, b"#!AMR-WB\n", "amr"),
    (0, b"OggS", "ogg"),
    (0, b"\x1aE\xdf\xa3", "matroska"),
    (8, b"WAVE", "wav"),
    (0, b"ID3", "mp3"),
    (0, b"fLaC", "flac"),
    (4, b"ftyp", "mov"),
    (4, b"moov", "mov"),
    (4, b"mdat", "mov"),
    (4, b"wide", "mov"),
    (4, b"free", "mov"),
)


def decode(data: bytes, max_seconds: int) -> Samples:
    """The sound of a recording.

    AMR-NB and AMR-WB, Opus and Vorbis in Ogg or WebM, MP3, AAC in MP4/M4A or bare, FLAC, WAV. Raises `Unreadable`,
    and `TooLong` as soon as `max_seconds` are decoded, however long the rest is.
    """
    try:
        with av.open(
            io.BytesIO(data), "r", format=_container(data), options=_OPTIONS, metadata_errors="ignore"
        ) as source:
            return _collect(_frames(source), max_seconds, source.duration)
    except (av.FFmpegError, ValueError) as error:
        raise Unreadable(UNREADABLE) from error


def _container(data: bytes) -> str:
    """The demuxer for what the first bytes say."""
    for at, magic, name in _MAGIC:
        if data.startswith(magic, at):
            return name
    if len(data) > 2 and data[0] == 0xFF and data[1] & 0xE0 == 0xE0:
        # The same sync word starts MPEG audio and AAC; in AAC the two layer bits are zero.
        return "mp3" if data[1] & 0x06 else "aac"
    raise Unreadable(UNREADABLE)


def _frames(source: InputContainer) -> Iterator[AudioFrame]:
    """The decoded frames of the first sound track. A few damaged packets are left out, many are a fault."""
    if not source.streams.audio:
        raise Unreadable(UNREADABLE)
    stream = source.streams.audio[0]
    decoder = _decoder(stream)
    packets = damaged = 0
    for packet in source.demux(stream):
        packets += 1
        try:
            yield from decoder.decode(packet)
        except av.FFmpegError:
            damaged += 1
    if damaged > 1 + packets * _DAMAGED_SHARE:
        raise Unreadable(UNREADABLE)


def _decoder(stream: AudioStream) -> AudioCodecContext:
    name = stream.codec_context.name if stream.codec_context else ""  # none: a codec that FFmpeg does not know
    if name not in _CODECS:
        raise Unreadable(UNREADABLE)
    if name not in _BETTER:
        return stream.codec_context
    better, rate = _BETTER[name]
    decoder = cast("AudioCodecContext", av.CodecContext.create(better, "r"))
    decoder.sample_rate = rate
    decoder.layout = "mono"
    return decoder


def _collect(frames: Iterable[AudioFrame], max_seconds: int, declared: int | None) -> Samples:
    """All samples in a row. `declared`: what the container says of its length, in microseconds."""
    most = int((max_seconds + _TOLERANCE_S) * RATE)
    pieces: list[_Piece] = []
    count = 0
    for piece in _resampled(frames):
        pieces.append(piece)
        count += len(piece)
        if count > most:
            raise TooLong(_too_long(max_seconds, declared))
    if not count:
        raise Unreadable(UNREADABLE)
    return np.concatenate(pieces).astype(np.float32) / _FULL_SCALE


def _resampled(frames: Iterable[AudioFrame]) -> Iterator[_Piece]:
    """The frames as mono at `RATE`; a stream may change its own rate or channels on the way."""
    for _, alike in groupby(frames, key=_shape):
        resampler: av.AudioResampler | None = None
        for frame in alike:
            resampler = resampler or _resampler(frame)
            yield from _pieces(resampler, frame)
        if resampler is not None:
            yield from _pieces(resampler, None)


def _shape(frame: AudioFrame) -> tuple[str, str, int]:
    return frame.format.name, frame.layout.name, frame.sample_rate


def _resampler(frame: AudioFrame) -> av.AudioResampler:
    if frame.sample_rate not in _RATES or frame.layout.nb_channels > _MAX_CHANNELS:
        raise Unreadable(UNREADABLE)
    return av.AudioResampler("s16", "mono", RATE)


def _pieces(resampler: av.AudioResampler, frame: AudioFrame | None) -> Iterator[_Piece]:
    """The samples so far; without a frame, the last that the filter held back."""
    for piece in resampler.resample(frame):
        yield cast("_Piece", piece.to_ndarray().reshape(-1))


def _too_long(max_seconds: int, declared: int | None) -> str:
    """The sentence; the recording's own length is named where the container tells a believable one."""
    seconds = (declared or 0) / _MICROSECONDS
    known = f"（约 {_spoken(seconds)}）" if max_seconds < seconds < 24 * 3600 else ""
    return f"这段语音太长{known}，最长支持 {_spoken(max_seconds)}，请分段发送。"


def _spoken(seconds: float) -> str:
    return f"{seconds / 60:.3g} 分钟" if seconds >= 60 else f"{seconds:.0f} 秒"
