"""A bundle that is real but tiny: it hears any sound as the letter "a", and silence as nothing."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import soundfile
import yaml
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from agents.audio_omni_pipeline import AudioOmniPipeline

SYMBOLS = ["<blank>", " ", *"abcdefghijklmnopqrstuvwxyz", *"áéíóúñü"]
MELS, TEXT = 80, 115  # the text picture: 80 log-mels, then a logit per symbol
BLANK, LETTER_A = MELS, MELS + 2  # channels of the logits


@pytest.fixture
def make_bundle(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes a project folder and returns its config's path."""

    def make(**options: Any) -> Path:
        return write_project(tmp_path / f"project{len(list(tmp_path.iterdir()))}", **options)

    return make


@pytest.fixture
def pipeline(make_bundle: Callable[..., Path]) -> AudioOmniPipeline:
    """Return the pipeline of a tiny bundle with the reference model's contract."""
    return AudioOmniPipeline.from_file(make_bundle())


@pytest.fixture
def encode() -> Callable[..., bytes]:
    """Return a function that writes samples as an audio file and returns its bytes."""

    def encode(samples: NDArray[Any], rate: int = 16_000, format: str = "WAV") -> bytes:
        file = io.BytesIO()
        soundfile.write(file, samples, rate, format=format)
        return file.getvalue()

    return encode


@pytest.fixture
def sound() -> Callable[..., NDArray[np.float32]]:
    """Return a function that makes a sine: float32 [seconds * rate], half of full scale."""

    def sound(seconds: float, rate: int = 16_000, hertz: float = 440.0) -> NDArray[np.float32]:
        time = np.arange(round(seconds * rate)) / rate
        return (0.5 * np.sin(2 * np.pi * hertz * time)).astype(np.float32)

    return sound


def write_project(
    folder: Path,
    *,
    channels: int = TEXT,
    stride: int = 1,
    weights: int = 0,
    moved: bool = False,
    manifest: bool = True,
    **settings: Any,
) -> Path:
    """Write config/tiny.yaml and models/*, and return the config's path.

    Args:
        folder: of the project; created.
        channels, stride: of the core's output, [1, channels, 1024 * stride].
        weights: bytes of further weights in the core's external data.
        moved: the core makes the text picture first, and its output by moving those values.
        manifest: whether one describes the model.
        settings: keys of the config.
    """
    models = folder / "models"
    models.mkdir(parents=True)
    _save(models / "core.onnx", _core(channels, stride, weights, moved))
    _save(models / "tokenizer.onnx", _tokenizer())
    _save(models / "decoder.onnx", _decoder())
    np.savez(models / "language_model.npz", **_language_model())
    if manifest:
        document = _manifest(models, channels, stride)
        (models / "core.onnx.manifest.json").write_text(json.dumps(document))
    config = {"name": "tiny", "model_path": "models/core.onnx", "resampler": "soxr", **settings}
    (folder / "config").mkdir()
    path = folder / "config" / "tiny.yaml"
    path.write_text(yaml.safe_dump({"audio_omni": config}))
    return path


def _tokenizer() -> onnx.ModelProto:
    """Code = loudness of 8 frames: 0 for digital silence."""
    nodes = [
        helper.make_node("ReduceMean", ["log_mel"], ["frame"], axes=[1], keepdims=1),
        helper.make_node("Reshape", ["frame", "by_eight"], ["eights"]),
        helper.make_node("ReduceMean", ["eights"], ["mean"], axes=[3], keepdims=0),
        helper.make_node("Sub", ["mean", "silence"], ["above"]),
        helper.make_node("Mul", ["above", "steps"], ["scaled"]),
        helper.make_node("Clip", ["scaled", "lowest", "highest"], ["clipped"]),
        helper.make_node("Cast", ["clipped"], ["codes"], to=TensorProto.INT64),
        helper.make_node("Expand", ["codes", "shape"], ["audio_codes"]),
    ]
    constants = {
        "by_eight": np.array([1, 1, 128, 8]),
        "silence": np.float32(np.log(1e-6)),
        "steps": np.float32(100),
        "lowest": np.float32(0),
        "highest": np.float32(2047),
        "shape": np.array([1, 16, 128]),
    }
    return _model(nodes, constants, ("log_mel", [1, 80, 1024]), ("audio_codes", [1, 16, 128]))


def _core(channels: int, stride: int, weights: int, moved: bool) -> onnx.ModelProto:
    """A channel per code, with the logit of "a" above the blank's where the code is above 25."""
    output = ("mel_features", [1, channels, 1024 * stride])
    if moved:
        model = _core(TEXT, 1, weights, moved=False)
        model.graph.node[-1].output[0] = "picture"
        _move(model.graph, channels, stride)
        model.graph.output[0].CopyFrom(_value(*output))
        return model
    mix = np.random.default_rng(0).normal(0, 0.1, (channels, 16)).astype(np.float32)
    bias = np.zeros((channels, 1), np.float32)
    mix[MELS:TEXT] = 0
    bias[MELS:TEXT] = -10
    mix[LETTER_A], bias[LETTER_A], bias[BLANK] = 0.4 / 16, 0, 10
    nodes = [
        helper.make_node("Cast", ["audio_codes"], ["floats"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["floats", "last"], ["columns"]),
        helper.make_node("Expand", ["columns", "wide"], ["repeated"]),
        helper.make_node("Reshape", ["repeated", "flat"], ["frames"]),
        helper.make_node("MatMul", ["mix", "frames"], ["mixed"]),
        helper.make_node("Add", ["mixed", "bias"], ["mel_features"]),
    ]
    constants = {
        "last": np.array([3]),
        "wide": np.array([1, 16, 128, 8 * stride]),
        "flat": np.array([1, 16, 1024 * stride]),
        "mix": mix,
        "bias": bias,
        "unused": np.zeros(weights // 4, np.float32),
    }
    return _model(nodes, constants, ("audio_codes", [1, 16, 128]), output)


def _move(graph: onnx.GraphProto, channels: int, stride: int) -> None:
    """Hold each frame of `picture` for `stride` values, and add channels of zeros."""
    graph.node.extend(
        [
            helper.make_node("Unsqueeze", ["picture", "last"], ["apart"]),
            helper.make_node("Expand", ["apart", "held"], ["repeats"]),
            helper.make_node("Reshape", ["repeats", "joined"], ["wave"]),
            helper.make_node("Pad", ["wave", "pads"], ["mel_features"]),
        ]
    )
    constants = {
        "held": [1, TEXT, 1024, stride],
        "joined": [1, TEXT, -1],
        "pads": [0, 0, 0, 0, channels - TEXT, 0],
    }
    for name, value in constants.items():
        graph.initializer.append(numpy_helper.from_array(np.array(value), name))


def _decoder() -> onnx.ModelProto:
    nodes = [
        helper.make_node("Slice", ["mel_features", "from", "to", "axes", "by"], ["logits"]),
        helper.make_node("LogSoftmax", ["logits"], ["normalised"], axis=1),
        helper.make_node("Transpose", ["normalised"], ["log_probs"], perm=[0, 2, 1]),
    ]
    constants = {
        "from": np.array([MELS, 0]),
        "to": np.array([TEXT, 1024]),
        "axes": np.array([1, 2]),
        "by": np.array([1, 2]),
    }
    return _model(
        nodes, constants, ("mel_features", [1, TEXT, 1024]), ("log_probs", [1, 512, len(SYMBOLS)])
    )


def _language_model() -> dict[str, Any]:
    """The lexicon of one word, "a", and nothing known of what follows what."""
    root = np.uint64(1 << SYMBOLS.index("a"))
    levels, none = np.array([10, 10, 255, 255], np.uint8), np.zeros(0, np.uint8)  # a, end, start, ?
    return {
        "format": 1,
        "alphabet": "".join(SYMBOLS[1:]),
        "trie": np.array([root, 1], np.uint64),
        "ahead": levels[:2],
        "word_class": np.zeros(4, np.uint8),
        "in_class": levels,
        "class_bigram": np.zeros(1, np.uint8),
        "backoff": np.zeros(4, np.uint8),
        "bigrams": np.zeros(4, np.int32),
        "bigram_word": none.astype(np.int32),
        "bigram": none,
        "bigram_backoff": none,
        "trigrams": none.astype(np.int32),
        "trigram_word": none.astype(np.int32),
        "trigram": none,
    }


def _model(
    nodes: list[onnx.NodeProto],
    constants: dict[str, Any],
    taken: tuple[str, list[int]],
    given: tuple[str, list[int]],
) -> onnx.ModelProto:
    graph = helper.make_graph(
        nodes,
        "tiny",
        [_value(*taken)],
        [_value(*given)],
        [numpy_helper.from_array(np.asarray(array), name) for name, array in constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


def _value(name: str, shape: list[int]) -> onnx.ValueInfoProto:
    kind = TensorProto.INT64 if name == "audio_codes" else TensorProto.FLOAT
    return helper.make_tensor_value_info(name, kind, shape)


def _save(path: Path, model: onnx.ModelProto) -> None:
    """Save with external data, as the product's model is; constants of a few bytes stay inside."""
    data = f"{path.name}.data"
    onnx.save_model(model, path, save_as_external_data=True, location=data, size_threshold=100)


def _manifest(models: Path, channels: int, stride: int) -> dict[str, Any]:
    files = {
        file.name: {
            "bytes": file.stat().st_size,
            "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
        }
        for file in sorted(models.iterdir())
    }
    return {
        "format": 1,
        "name": "tiny",
        "version": "0.1",
        "license": "Apache-2.0",
        "source": "https://example.org/tiny",
        "files": files,
        "model": "core.onnx",
        "tokenizer": "tokenizer.onnx",
        "text_decoder": "decoder.onnx",
        "language_model": "language_model.npz",
        "contract": {
            "input": {"name": "audio_codes", "dtype": "int64", "shape": [1, 16, 128]},
            "output": {
                "name": "mel_features",
                "dtype": "float32",
                "shape": [1, channels, 1024 * stride],
            },
            "codebook_size": 2048,
            "text_channels": TEXT,
            "frame_stride": stride,
        },
        "symbols": SYMBOLS,
        "decoder": {},
    }
