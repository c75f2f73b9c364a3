"""The second engine on equal weights: `make test-openai-whisper`."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

pytest.importorskip("whisper", reason="the extra openai-whisper is not installed")

from intents.speech.engines import CONVERTED
from intents.speech.model import NotInstalled
from intents.speech.recognise import Recogniser
from intents.speech.weights import model_folder
from intents.speech.workers import make_transcriber
from tests.speech.sound import SPORT, WATCH, clip
from tools.convert_whisper import Unsupported, checkpoint, convert, read_ctranslate2
from tools.eval_speech import Score

pytestmark = [
    pytest.mark.speech,
    pytest.mark.slow,
    pytest.mark.timeout(600),
    # whisper leaves its file of tokens open
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore:.*tiktoken:pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="module")
def converted(speech_data: Path) -> Path:
    """The folder of the model with both kinds of weights."""
    return convert(model_folder("base", speech_data)).parent


def test_every_parameter_of_whisper_is_filled(converted: Path) -> None:
    import torch
    import whisper
    from whisper.model import ModelDimensions, Whisper

    found = torch.load(converted / CONVERTED, weights_only=True)
    model = Whisper(ModelDimensions(**found["dims"]))

    model.load_state_dict(found["model_state_dict"], strict=True)
    assert whisper.load_model(str(converted / CONVERTED), device="cpu").is_multilingual


def test_the_tokens_of_both_engines_have_the_same_probabilities(converted: Path) -> None:
    """One forward pass through each on the same sound: the weights are equal up to the rounding of 16 bits."""
    import ctranslate2
    import numpy as np
    import torch
    import whisper

    mel = whisper.log_mel_spectrogram(whisper.pad_or_trim(np.random.default_rng(3).normal(0, 0.1, 48_000).astype("f")))
    openai = whisper.load_model(str(converted / CONVERTED), device="cpu")
    theirs = ctranslate2.models.Whisper(str(converted), compute_type="float32")

    with torch.no_grad():
        ours = openai.encoder(mel[None]).numpy()
    other = np.array(theirs.encode(ctranslate2.StorageView.from_array(mel[None].numpy())))
    assert np.abs(ours - other).max() < 0.02


@pytest.mark.parametrize(("name", "truth"), [("as1_004.wav", SPORT), ("as1_052.wav", WATCH), ("as1_004.awb", SPORT)])
def test_both_engines_understand_the_same(speech_data: Path, converted: Path, name: str, truth: str) -> None:
    for engine in ("faster-whisper", "openai-whisper"):
        score = Score()
        heard = Recogniser.load(engine, "base", 2, 60, speech_data).transcribe(clip(name))
        score.add(truth, heard)
        assert score.errors <= 3, (engine, heard.text)
        assert heard.engine == engine


async def test_it_runs_in_a_worker(speech_data: Path, converted: Path) -> None:
    transcriber = make_transcriber("openai-whisper", "base", 2, 1, 60, speech_data)
    try:
        assert "运动" in (await transcriber.transcribe(clip(), ["华昌电子"])).text
    finally:
        await transcriber.close()


def test_without_converted_weights_the_sentence_names_the_command(converted: Path, tmp_path: Path) -> None:
    bare = tmp_path / "model"
    shutil.copytree(converted, bare, ignore=shutil.ignore_patterns(CONVERTED))

    with pytest.raises(NotInstalled, match=r"运行 python -m tools.convert_whisper"):
        Recogniser.load("openai-whisper", str(bare), 1, 60, tmp_path)


def test_what_is_no_whisper_is_refused(tmp_path: Path, converted: Path) -> None:
    other = tmp_path / "model.bin"
    other.write_bytes(b"\x06\0\0\0\x05\0Bert\0\x01\0\0\0\0\0\0\0")
    with pytest.raises(Unsupported, match="Bert"):
        read_ctranslate2(other)

    arrays = read_ctranslate2(converted / "model.bin")
    arrays["decoder/layer_0/ffn/linear_0/weight_scale"] = arrays["encoder/num_heads"]
    with pytest.raises(Unsupported, match="quantised"):
        checkpoint(arrays)
