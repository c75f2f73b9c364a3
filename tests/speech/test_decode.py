"""Recordings of every kind into samples, and hostile ones into a sentence."""

from __future__ import annotations

import struct
from contextlib import suppress
from random import Random

import pytest

from intents.speech.model import TooLong, Unreadable
from tests.speech.sound import FORMATS, RATE, clip, encoded, noise, tone

pytestmark = pytest.mark.speech
decode = pytest.importorskip("intents.speech.decode", exc_type=ImportError).decode


@pytest.mark.parametrize("kind", FORMATS)
def test_each_format_keeps_length_and_level(kind: str) -> None:
    import numpy as np

    samples = decode(encoded(tone(2), kind), 60)

    assert samples.dtype == np.float32
    assert len(samples) / RATE == pytest.approx(2, abs=0.12)
    assert 0.13 < np.sqrt(np.mean(samples[RATE // 2 : RATE] ** 2)) < 0.24  # a tone of 0.21; stereo loses 3 dB


def test_wideband_telephone_sound() -> None:
    assert len(decode(clip("as1_004.awb"), 60)) / RATE == pytest.approx(4.08, abs=0.02)


def test_pauses_of_telephones_do_not_break_the_recording() -> None:
    import numpy as np

    sound = np.concatenate([tone(1), np.zeros(3 * RATE, np.float32), tone(1)])

    assert len(decode(encoded(sound, "amr"), 60)) / RATE == pytest.approx(5, abs=0.1)


@pytest.mark.parametrize("kind", ["amr", "opus in webm", "mp3", "wav"])
def test_too_long_says_how_long_it_may_be(kind: str) -> None:
    with pytest.raises(TooLong, match=r"^这段语音太长.*最长支持 5 秒，请分段发送。$"):
        decode(encoded(noise(8), kind), 5)


def test_too_long_names_the_length_where_the_file_tells_it() -> None:
    with pytest.raises(TooLong, match=r"^这段语音太长（约 2 分钟），最长支持 1.5 分钟，请分段发送。$"):
        decode(encoded(tone(120), "m4a"), 90)


def test_the_limit_holds_whatever_the_file_says_of_itself() -> None:
    """A WAV that declares one second and holds ten."""
    data = bytearray(encoded(noise(10), "wav"))
    at = data.index(b"data") + 4
    data[at : at + 4] = struct.pack("<I", 0xFFFFFFFF)

    with pytest.raises(TooLong):
        decode(bytes(data), 5)


def test_exactly_as_long_as_allowed_is_not_too_long() -> None:
    assert len(decode(encoded(tone(5), "mp3"), 5)) >= 5 * RATE


@pytest.mark.parametrize(
    "data",
    [b"", b"\xff", b"hello, this is no sound", b"#!AMR\n", b"OggS", b"RIFF\x00\x00\x00\x00WAVE", b"ID3",
     b"\x1aE\xdf\xa3", b"\x00\x00\x00\x1cftypM4A ", b"\xff\xfb" * 4000, b"\x89PNG\r\n\x1a\n" + bytes(400)],
)  # fmt: skip
def test_no_sound_is_unreadable(data: bytes) -> None:
    with pytest.raises(Unreadable, match="这段语音打不开"):
        decode(data, 60)


def test_a_playlist_is_not_followed() -> None:
    """FFmpeg would open what a playlist names: other files, other hosts."""
    for text in ("#EXTM3U\n#EXTINF:1,\nfile:///etc/hostname\n", "ffconcat version 1.0\nfile /etc/hostname\n"):
        with pytest.raises(Unreadable):
            decode(text.encode(), 60)


@pytest.mark.parametrize("kind", FORMATS)
def test_damaged_files_give_sound_or_a_sentence(kind: str) -> None:
    """Any byte may be anything: never another kind of error."""
    whole, random = encoded(noise(1), kind), Random(kind)
    for _ in range(60):
        data = bytearray(whole[: random.randrange(8, len(whole))])
        for _ in range(random.randrange(0, 30)):
            data[random.randrange(4, len(data))] = random.randrange(256)
        with suppress(Unreadable):
            assert len(decode(bytes(data), 60)) > 0


def test_a_cut_off_upload_keeps_what_came() -> None:
    whole = encoded(tone(4), "opus in ogg")

    assert len(decode(whole[: len(whole) // 2], 60)) / RATE == pytest.approx(2, abs=0.6)
