"""CTranslate2's Whisper weights as a checkpoint of openai-whisper, so that both engines run on equal weights.

    python -m tools.convert_whisper [FOLDER]

FOLDER holds a converted model that is not quantised (default: the built-in one, in the data directory); the checkpoint
`openai-whisper.pt` is written beside it. File layout: CTranslate2's `ModelSpec._serialize`, binary version 6.
"""

from __future__ import annotations

import argparse
import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt
import torch

from bot.config import load
from intents.speech.engines import CONVERTED
from intents.speech.weights import BUILT_IN, model_folder

Array = npt.NDArray[Any]
Arrays = dict[str, Array]

_VERSION = 6
_TYPES = (np.float32, np.int8, np.int16, np.int32, np.float16)
_PLAIN = {"gamma": "weight", "beta": "bias", "weight": "weight", "bias": "bias"}
_STACK = {
    "layer_norm": {"encoder": "encoder.ln_post", "decoder": "decoder.ln"},
    "conv1": {"encoder": "encoder.conv1"},
    "conv2": {"encoder": "encoder.conv2"},
    "embeddings": {"decoder": "decoder.token_embedding"},
}
_LAYER = {
    "self_attention/layer_norm": "attn_ln",
    "attention/layer_norm": "cross_attn_ln",
    "ffn/layer_norm": "mlp_ln",
    "ffn/linear_0": "mlp.0",
    "ffn/linear_1": "mlp.2",
}
# The fused matrices, taken apart again in this order.
_FUSED = {
    "self_attention/linear_0": ("attn.query", "attn.key", "attn.value"),
    "self_attention/linear_1": ("attn.out",),
    "attention/linear_0": ("cross_attn.query",),
    "attention/linear_1": ("cross_attn.key", "cross_attn.value"),
    "attention/linear_2": ("cross_attn.out",),
}


class Unsupported(Exception):
    """Not a Whisper model that can be converted."""


def read_ctranslate2(path: Path) -> Arrays:
    """The arrays of a model file by name."""
    with path.open("rb") as file:
        version, spec, _ = _number(file, "I"), _text(file), _number(file, "I")
        if version != _VERSION or spec != "WhisperSpec":
            raise Unsupported(f"{path}: {spec} in version {version}")
        return dict(_array(file) for _ in range(_number(file, "I")))


def _array(file: IO[bytes]) -> tuple[str, Array]:
    name = _text(file)
    shape = [_number(file, "I") for _ in range(_number(file, "B"))]
    kind = _number(file, "B")
    if kind >= len(_TYPES):
        raise Unsupported(f"{name} has elements of type {kind}")
    return name, np.frombuffer(file.read(_number(file, "I")), _TYPES[kind]).reshape(shape)


def _number(file: IO[bytes], kind: str) -> int:
    value: int = struct.unpack(f"<{kind}", file.read(struct.calcsize(kind)))[0]
    return value


def _text(file: IO[bytes]) -> str:
    return file.read(_number(file, "H"))[:-1].decode()


def checkpoint(arrays: Arrays) -> dict[str, Any]:
    """What `whisper.load_model` reads: dimensions and the state dictionary."""
    if any(name.endswith("/weight_scale") for name in arrays):
        raise Unsupported("the weights are quantised")
    state = {name: torch.from_numpy(array.copy()) for name, array in _renamed(arrays)}
    return {"dims": _dimensions(arrays), "model_state_dict": state}


def _dimensions(arrays: Arrays) -> dict[str, int]:
    audio, width = arrays["encoder/position_encodings/encodings"].shape
    text = len(arrays["decoder/position_encodings/encodings"])
    return {
        "n_mels": arrays["encoder/conv1/weight"].shape[1],
        "n_vocab": len(arrays["decoder/embeddings/weight"]),
        "n_audio_ctx": audio,
        "n_audio_state": width,
        "n_audio_head": int(arrays["encoder/num_heads"]),
        "n_audio_layer": _layers(arrays, "encoder"),
        "n_text_ctx": text,
        "n_text_state": width,
        "n_text_head": int(arrays["decoder/num_heads"]),
        "n_text_layer": _layers(arrays, "decoder"),
    }


def _layers(arrays: Arrays, stack: str) -> int:
    return len({name.split("/")[1] for name in arrays if name.startswith(f"{stack}/layer_") and "/ffn/" in name})


def _renamed(arrays: Arrays) -> Iterator[tuple[str, Array]]:
    for name, array in arrays.items():
        stack, _, rest = name.partition("/")
        part, _, kind = rest.rpartition("/")
        if part == "position_encodings":
            yield f"{stack}.positional_embedding", array
        elif stack in _STACK.get(part, {}):
            yield f"{_STACK[part][stack]}.{_PLAIN[kind]}", array
        elif part.startswith("layer_"):
            yield from _of_layer(stack, part, kind, array)


def _of_layer(stack: str, part: str, kind: str, array: Array) -> Iterator[tuple[str, Array]]:
    layer, _, module = part.partition("/")
    block = f"{stack}.blocks.{layer.removeprefix('layer_')}"
    if module in _LAYER:
        yield f"{block}.{_LAYER[module]}.{_PLAIN[kind]}", array
        return
    names = _FUSED[module]
    for name, piece in zip(names, np.split(array, len(names)), strict=True):
        if kind == "bias" and name.endswith("key"):
            if piece.any():
                raise Unsupported(f"{block}.{name} has a bias, which Whisper's keys have not")
        else:
            yield f"{block}.{name}.{kind}", piece


def convert(folder: Path) -> Path:
    """Write the checkpoint beside the model; the path of it."""
    target = folder / CONVERTED
    fresh = target.with_suffix(".tmp")
    torch.save(checkpoint(read_ctranslate2(folder / "model.bin")), fresh)
    return fresh.replace(target)


def _main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", default=None)
    folder: Path = parser.parse_args().folder or model_folder(BUILT_IN, load(None).data_dir)
    print(convert(folder))
    return 0


if __name__ == "__main__":
    sys.exit(_main())
