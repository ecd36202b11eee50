"""Faults of audio, codes, model files and config: the pipeline refuses each by a typed error."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from agents.audio import sine
from agents.audio_omni_pipeline import AudioOmniPipeline
from agents.errors import AudioOmniError
from harness.faults import Fault, Sight
from tests.agents.conftest import write_project

Call = Callable[[], object]  # what a user does
Spoil = Callable[[Path], object]  # done to the folder of a model

CORE, DATA, MANIFEST = "core.onnx", "core.onnx.data", "core.onnx.manifest.json"
CODES = (1, 16, 128)
QUIET = np.zeros(16_000)


def raised(call: Call) -> Sight:
    """Call, and see which error of the pipeline comes of it; any other is no answer."""
    try:
        call()
    except AudioOmniError as error:
        return Sight(alarms={type(error).__name__: str(error)})
    return Sight(alarms={})


def row(title: str, plant: Callable[[Path], Call], *expect: str) -> Fault[Call]:
    """A fault that ends in the error expected[0], whose words hold the rest."""
    name = title.replace(" ", "-")
    return Fault(
        name=name, title=title, plant=plant, see=raised, expect=expect[:1], names=expect[1:]
    )


def audio(title: str, data: bytes, *expect: str) -> Fault[Call]:
    """A request with these bytes."""

    def plant(folder: Path) -> Call:
        pipeline = AudioOmniPipeline.from_file(write_project(folder / "p"))
        return lambda: pipeline.process_audio(data)

    return row(title, plant, *expect)


def codes(title: str, array: Any, *expect: str) -> Fault[Call]:
    """An inference on these codes."""

    def plant(folder: Path) -> Call:
        pipeline = AudioOmniPipeline.from_file(write_project(folder / "p"))
        return lambda: pipeline.run_inference(array)

    return row(title, plant, *expect)


def files(title: str, spoil: Spoil, *expect: str, **options: Any) -> Fault[Call]:
    """A load once `spoil` was done to the model's folder."""

    def plant(folder: Path) -> Call:
        config = write_project(folder / "p", **options)
        spoil(folder / "p/models")
        return lambda: AudioOmniPipeline.from_file(config).process_audio(sine(440))

    return row(title, plant, *expect)


def manifest(title: str, *expect: str, **keys: Any) -> Fault[Call]:
    """A load with these keys of the manifest changed."""

    def spoil(models: Path) -> None:
        document = json.loads((models / MANIFEST).read_text())
        (models / MANIFEST).write_text(json.dumps({**document, **keys}))

    return files(title, spoil, "ManifestError", *expect)


def wav(samples: Any, subtype: str = "FLOAT") -> bytes:
    """Samples as a WAV file of 16 kHz."""
    file = io.BytesIO()
    soundfile.write(file, np.asarray(samples, np.float32), 16_000, format="WAV", subtype=subtype)
    return file.getvalue()


def promising() -> bytes:
    """A FLAC file of a second whose header promises 2^36 - 1 samples."""
    file = io.BytesIO()
    soundfile.write(file, QUIET, 16_000, format="FLAC")
    data = bytearray(file.getvalue())
    data[21] |= 0x0F
    data[22:26] = b"\xff" * 4
    return bytes(data)


def outside(models: Path) -> None:
    """Let the manifest name a file outside its folder."""
    document = json.loads((models / MANIFEST).read_text())
    document["files"]["../secret"] = {"bytes": 1}
    (models / MANIFEST).write_text(json.dumps(document))


PIPELINE: tuple[Fault[Call], ...] = (
    audio("audio as it should be", sine(440)),
    audio("text as audio", b"hola\n", "AudioFormatError", "Format not recognised", "b'hola\\n'"),
    audio("no audio at all", b"", "AudioFormatError", "0 bytes"),
    audio("a WAV cut off within its header", sine(440)[:20], "AudioFormatError"),
    audio("a WAV of which only the header is left", sine(440)[:44], "AudioFormatError"),
    audio("random bytes", np.random.default_rng(2).bytes(4000), "AudioFormatError"),
    audio("samples that are NaN", wav([*QUIET, np.nan]), "AudioValuesError", "first nan"),
    audio("samples that are infinite", wav([*QUIET, np.inf]), "AudioValuesError"),
    audio("samples far beyond full scale", wav([*QUIET, 1e9]), "AudioValuesError"),
    audio("a header that promises hours", promising(), "AudioTooLongError", "promises 4294967 s"),
    codes("codes as they should be", np.zeros(CODES, np.int64)),
    codes("codes of a wrong length", np.zeros((1, 16, 127), np.int64), "InputShapeError", "127"),
    codes("codes without a batch", np.zeros((16, 128), np.int64), "InputShapeError", "[16, 128]"),
    codes("codes of a wrong dtype", np.zeros(CODES, np.int32), "InputShapeError", "int32"),
    codes("codes that are real numbers", np.zeros(CODES, np.float32), "InputShapeError", "float32"),
    codes("a code beyond the codebook", np.full(CODES, 2048), "InputRangeError", "2048"),
    codes("a negative code", np.full(CODES, -1), "InputRangeError", "-1"),
    files("no model", lambda m: (m / CORE).unlink(), "ModelFileNotFoundError", CORE),
    files("no .data", lambda m: (m / DATA).unlink(), "ModelFileNotFoundError", DATA),
    files(
        "no .data and no manifest",
        lambda m: (m / DATA).unlink(),
        *("ModelFileNotFoundError", DATA),
        manifest=False,
    ),
    files("no tokenizer", lambda m: (m / "tokenizer.onnx").unlink(), "ModelFileNotFoundError"),
    files(
        "a .data cut short",
        lambda m: (m / DATA).write_bytes((m / DATA).read_bytes()[:-1]),
        *("ModelFileSizeError", DATA),
    ),
    files(
        "a graph that is a text",
        lambda m: (m / CORE).write_text("no model"),
        *("OnnxRuntimeError", "ONNX Runtime error", CORE),
        manifest=False,
    ),
    files(
        "weights beyond max_memory_mb",
        lambda m: None,
        *("ModelTooLargeError", "max_memory_mb"),
        weights=2_000_000,
        max_memory_mb=1,
    ),
    files(
        "a manifest cut short",
        lambda m: (m / MANIFEST).write_text('{"format": 1, "fi'),
        *("ManifestError", MANIFEST),
    ),
    manifest("a manifest of an unknown format", "format 1 or 2", "9", format=9),
    manifest("a manifest of another model", "other.onnx", model="other.onnx"),
    manifest("a manifest without a contract", "'input'", contract={}),
    files("a manifest that leads out of its folder", outside, "ManifestError", "../secret"),
    files(
        "an unknown key in the config", lambda m: None, "AudioOmniConfigError", "'thread'", thread=1
    ),
    files(
        "a config value of a wrong type",
        lambda m: None,
        *("AudioOmniConfigError", "intra_op_threads"),
        intra_op_threads="two",
    ),
)
