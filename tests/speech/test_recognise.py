"""From recordings to words, with the real model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

pytest.importorskip("faster_whisper")

from intents.speech.decode import RATE
from intents.speech.model import Silence, TooLong, Unreadable
from intents.speech.recognise import Recogniser, tidy, voiced
from tests.speech.sound import FORMATS, SPORT, WATCH, clip, encoded, noise, silence, tone
from tools.eval_speech import Score

pytestmark = pytest.mark.speech

Sound = npt.NDArray[np.float32]


@pytest.fixture(scope="module")
def recogniser(speech_data: Path) -> Recogniser:
    return Recogniser.load("faster-whisper", "base", 2, 60, speech_data)


def sound_of(name: str) -> Sound:
    from intents.speech.decode import decode

    return decode(clip(name), 60)


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_is_understood(recogniser: Recogniser, kind: str) -> None:
    heard = recogniser.transcribe(encoded(sound_of("as1_004.wav"), kind))

    score = Score()
    score.add(SPORT, heard)
    assert score.errors <= 3, heard.text
    assert heard.engine == "faster-whisper"
    assert heard.audio_s == pytest.approx(4.08, abs=0.1)
    assert heard.took_s > 0


@pytest.mark.parametrize(("name", "truth"), [("as1_004.awb", SPORT), ("as1_052.wav", WATCH)])
def test_real_recordings(recogniser: Recogniser, name: str, truth: str) -> None:
    score = Score()
    score.add(truth, recogniser.transcribe(clip(name)))
    assert score.errors <= 2


@pytest.mark.parametrize("sound", [silence(3), noise(3), noise(20), noise(3) * 0.01, tone(3)])
def test_nobody_speaks_nothing_is_made_up(recogniser: Recogniser, sound: Sound) -> None:
    with pytest.raises(Silence, match=r"^没听清，请再说一遍，或者直接打字。$"):
        recogniser.transcribe(encoded(sound, "opus in ogg"), ["华昌电子", "恒瑞机械", "把合同和报价发过去"])


def test_a_voice_from_across_the_room_is_heard(recogniser: Recogniser) -> None:
    score = Score()
    score.add(WATCH, recogniser.transcribe(encoded(sound_of("as1_052.wav") * 0.01, "flac")))
    assert score.errors <= 4


def test_garbage_and_long_recordings_are_typed_faults(recogniser: Recogniser) -> None:
    with pytest.raises(Unreadable):
        recogniser.transcribe(b"not a recording at all")
    with pytest.raises(TooLong, match="最长支持 1 分钟"):
        recogniser.transcribe(encoded(noise(70), "mp3"))


def test_long_pauses_are_cut_and_the_words_on_both_sides_kept() -> None:
    speech = sound_of("as1_004.wav")
    kept = voiced(np.concatenate([speech, silence(10), speech]))

    assert len(kept) / RATE == pytest.approx(2 * len(speech) / RATE, abs=2)


class Scripted:
    """An engine that answers what it is told to, and notes the hints it got."""

    name = "scripted"

    def __init__(self, plain: str, hinted: str) -> None:
        self._plain, self._hinted = plain, hinted
        self.hints: list[Sequence[str]] = []

    def words(self, speech: Sound, hints: Sequence[str] = ()) -> list[str]:
        self.hints.append(hints)
        return [self._hinted if hints else self._plain]


def test_a_second_pass_brings_the_name() -> None:
    engine = Scripted("跟花唱電子通了電話", "跟华昌电子通了电话")

    heard = Recogniser(engine, 60).transcribe(clip(), ["华昌电子有限公司", "远洋物流"])

    assert heard.text == "跟华昌电子通了电话"
    assert engine.hints == [(), ["华昌电子"]]


def test_a_second_text_that_is_only_the_hint_is_not_believed() -> None:
    engine = Scripted("跟花唱电子通了电话", "华昌电子")

    assert Recogniser(engine, 60).transcribe(clip(), ["华昌电子"]).text == "跟花唱电子通了电话"


def test_without_a_likely_name_there_is_no_second_pass() -> None:
    engine = Scripted("今天下雨了", "远洋物流")

    assert Recogniser(engine, 60).transcribe(clip(), ["远洋物流"]).text == "今天下雨了"
    assert engine.hints == [()]


def test_speech_without_words_is_silence() -> None:
    with pytest.raises(Silence):
        Recogniser(Scripted("。", ""), 60).transcribe(clip())


@pytest.mark.parametrize(
    ("clauses", "text"),
    [
        (["今天去拜访了恒瑞", "王总说太贵"], "今天去拜访了恒瑞，王总说太贵"),
        (["登录,", "还有三步"], "登录，还有三步"),
        (["登录，", "，还有三步"], "登录，还有三步"),
        (["好的.", "U8 ok, fine"], "好的。U8 ok, fine"),
        (["价格是3.5万,可以吗?"], "价格是3.5万，可以吗？"),
        (["好的好的好的好的好的好的"], "好的"),
        (["电话13888888888"], "电话13888888888"),
        (["请不吝点赞 订阅 转发 打赏支持明镜与点点栏目"], ""),
        (["华昌 电子"], "华昌电子"),
        (["今天拜访客户 王总说价格高"], "今天拜访客户，王总说价格高"),
        (["建材\ufffd合同"], "建材合同"),
        ([" "], ""),
    ],
)
def test_tidy(clauses: list[str], text: str) -> None:
    assert tidy(clauses) == text
