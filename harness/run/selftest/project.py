"""A whole project in a folder: the toy pipeline, a sealed model, two reference sets, budgets.

Everything that a user's own project has, so that the verbs can be run in it as a user runs them.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from harness.integrity.manifest import Seal
from harness.integrity.seal import seal_bundle
from harness.measure.planted import toy
from harness.progress import silent

CONFIG = "config/toy.yaml"  # of the pipeline as it should be
PLANTED = "config/planted.yaml"  # of the one with the fault
MODEL = "model.onnx"
DATA = "model.onnx.data"
SHAPE = (128, 256)  # of the weights, float32: 128 KiB, 32 pages
CODES = (1, 16, 128)

Clip = Mapping[str, Any]  # what a clip of the toy says, see `planted.toy`

SUITE: dict[str, Any] = {
    "factory": "toy:Toy.from_file",
    "model_key": "audio_omni.model_path",
    "stages": {"decode": "decode", "inference": "infer", "end_to_end": "process_audio"},
    "leaves": ["decode", "inference"],
    "sets": "sets",
    "seed": 1,
    "latency": {
        "set": "timed",
        "clips": 4,
        "processes": 3,
        "cold": 0,
        "repeats": 4,
        "warmup": 0,
        "timeout_s": 60,
    },
    "memory": {
        "set": "timed",
        "clips": 1,
        "processes": 3,
        "repeats": 1,
        "warmup": 0,
        "timeout_s": 60,
    },
    "host": {"seconds": 0.3},
    "accuracy": {"gated": ["words"], "timeout_s": 60},
    "ab": {
        "set": "timed",
        "clips": 4,
        "processes": 10,
        "repeats": 5,
        "warmup": 1,
        "wer_set": "words",
        "timeout_s": 60,
    },
    "soak": {
        "sets": ["timed"],
        "clips": 4,
        "processes": 1,
        "rounds": 12,
        "warmup": 3,
        "growth_bytes": 2000,
        "timeout_s": 120,
    },
}
LIMITS: Sequence[dict[str, Any]] = (
    {"metric": "latency.load_warm", "statistic": "max", "at_most": 5, "unit": "s"},
    {"metric": "latency.inference", "statistic": "max", "at_most": 5, "unit": "s"},
    {"metric": "latency.end_to_end", "statistic": "max", "at_most": 5, "unit": "s"},
    {"metric": "memory.peak", "statistic": "max", "at_most": 100, "unit": "MB"},
    {"metric": "accuracy.wer.words", "statistic": "rate", "at_most": 10, "unit": "%"},
)
TESTS = '''"""What the toy has to keep."""

import pytest


@pytest.mark.budgets("latency")
def test_latency(gate, budget):
    """Every time is within its budget."""
    gate.budget(budget)


@pytest.mark.budgets("memory")
def test_memory(gate, budget):
    """Every peak is within its budget."""
    gate.budget(budget)


@pytest.mark.budgets("accuracy")
def test_accuracy(gate, budget):
    """It hears what is said."""
    gate.budget(budget)


@pytest.mark.rules("integrity")
def test_integrity(gate, rule):
    """The model's files are whole."""
    gate.rule("integrity", rule)
'''


def make_project(folder: Path, *, words: Sequence[Clip], suite: Mapping[str, Any] = {}) -> Path:
    """Write a healthy project into an empty folder; `suite` changes sections of suite.yaml."""
    (folder / "config").mkdir()
    keep(folder / "config/suite.yaml", {**SUITE, **suite})
    rows = [{**row, "title": row["metric"]} for row in LIMITS]
    keep(folder / "config/budgets.yaml", {"bundles": {"toy": rows, "planted": rows}})
    write_config(folder / CONFIG)
    shutil.copy(toy.__file__, folder)
    for suite_folder in ("benchmarks", "validation"):
        (folder / suite_folder).mkdir()
        (folder / suite_folder / "test_toy.py").write_text(TESTS, "utf-8")
    write_model(folder)
    write_set(folder / "sets/timed", sentences(4))
    write_set(folder / "sets/words", words)
    return folder


def write_config(file: Path, **plant: Any) -> Path:
    """Write a config of the toy, with what is planted in it."""
    return keep(file, {"audio_omni": {"model_path": MODEL}, "plant": plant})


def keep(file: Path, content: Mapping[str, Any]) -> Path:
    """Write JSON, which is YAML too."""
    file.write_text(json.dumps(content, ensure_ascii=False, indent=1), "utf-8")
    return file


def sentences(count: int) -> list[dict[str, Any]]:
    """Return so many clips of five words each, no two alike in more than one word."""
    stems = ("abre", "sube", "lleva", "trae", "mira")
    return [
        {"text": " ".join(f"{stem}{_letters(number)}" for stem in stems), "number": number}
        for number in range(count)
    ]


def write_model(folder: Path) -> None:
    """Write a model whose weights lie in a data file, and seal it."""
    weights = np.linspace(-1, 1, SHAPE[0] * SHAPE[1], dtype=np.float32).reshape(SHAPE)
    nodes = [
        helper.make_node("Cast", ["audio_codes"], ["real"], to=TensorProto.FLOAT),
        helper.make_node("MatMul", ["real", "weights"], ["mel_features"]),
    ]
    graph = helper.make_graph(
        nodes,
        "toy",
        [helper.make_tensor_value_info("audio_codes", TensorProto.INT64, CODES)],
        [helper.make_tensor_value_info("mel_features", TensorProto.FLOAT, (1, 16, SHAPE[1]))],
        [numpy_helper.from_array(weights, "weights")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.save_model(
        model, folder / MODEL, save_as_external_data=True, location=DATA, size_threshold=0
    )
    seal(folder)


def seal(folder: Path, *, anyway: bool = False) -> None:
    """Write the manifest for the files as they are now."""
    known = Seal(by="harness selftest", at="2026-01-01T00:00:00Z", tool="toy")
    seal_bundle(folder / MODEL, known, anyway=anyway, canaries=False, show=silent)


def write_set(folder: Path, clips: Sequence[Clip]) -> None:
    """Write a reference set of clips that say what they are to be heard as."""
    (folder / "audio").mkdir(parents=True)
    told = {"language": "es", "speaker": "nadie", "condition": "clean", "seconds": 1.0}
    rows = []
    for clip in clips:
        audio = keep(folder / f"audio/{clip['number']}.wav", clip)
        digest = hashlib.sha256(audio.read_bytes()).hexdigest()
        name = {"id": f"w{clip['number']}", "audio": f"audio/{audio.name}", "text": clip["text"]}
        rows.append(json.dumps({**name, **told, "sha256": digest}) + "\n")
    (folder / "manifest.jsonl").write_text("".join(rows), "utf-8")


def _letters(number: int) -> str:
    """A number in letters, so that no digit is spelled out: `ba`, `bb`, ..."""
    return "".join(chr(ord("a") + int(digit)) for digit in f"1{number}")
