"""The model's files: joined whole, checked, and nothing else accepted."""

from __future__ import annotations

from pathlib import Path

import pytest

from intents.speech import weights
from intents.speech.model import NotInstalled
from intents.speech.weights import model_folder


@pytest.mark.speech
def test_the_halves_become_one_checked_model(speech_data: Path) -> None:
    folder = model_folder("base", speech_data)

    assert folder == speech_data / "models" / "whisper-base"
    assert (folder / "model.bin").stat().st_size == 145_217_532
    assert sorted(path.name for path in folder.iterdir()) == [
        "config.json", "model.bin", "tokenizer.json", "vocabulary.txt",
    ]  # fmt: skip


@pytest.mark.speech
@pytest.mark.parametrize("damage", ["cut", "changed", "gone"])
def test_what_is_damaged_on_disk_is_made_again(tmp_path: Path, damage: str) -> None:
    path = model_folder("base", tmp_path) / "config.json"
    whole = path.read_bytes()
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(whole[:100] if damage == "cut" else whole.replace(b"3", b"4"))

    assert (model_folder("base", tmp_path) / "config.json").read_bytes() == whole


def test_without_the_packages_the_sentence_names_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weights, "find_spec", lambda name: None)

    with pytest.raises(NotInstalled, match=r"^语音模型未安装：运行 make speech$"):
        model_folder("base", tmp_path)


def test_other_weights_than_ours_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "site" / weights._PART1
    (package / "data").mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "data" / "config.json").write_text("{}", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))

    with pytest.raises(NotInstalled, match="不完整或被改动过"):
        model_folder("base", tmp_path / "data")
    assert not list((tmp_path / "data").rglob("*.*"))


def test_a_folder_of_ones_own_must_be_complete(tmp_path: Path) -> None:
    for name in ("config.json", "tokenizer.json"):
        (tmp_path / name).touch()
    with pytest.raises(NotInstalled, match=r"缺少 .*model\.bin"):
        model_folder(str(tmp_path), tmp_path / "data")

    (tmp_path / "model.bin").touch()
    assert model_folder(str(tmp_path), tmp_path / "data") == tmp_path
