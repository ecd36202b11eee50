"""Want of memory, lateness, a model that cannot be used: refused in time, or another answers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from agents.audio import sine
from agents.audio_omni_pipeline import AudioOmniPipeline
from agents.errors import AudioOmniError
from harness.faults import Fault, Sight
from tests.agents.conftest import write_project
from tests.agents.test_time_limit import write_slow

Use = Callable[[AudioOmniPipeline], object]
Opened = tuple[Path, Use]  # a config, and what is asked of its pipeline

CODES = np.zeros((1, 16, 128), np.int64)


def answered(opened: Opened) -> Sight:
    """Open the pipeline and ask it: the error that comes of it, or the model that stood in."""
    config, use = opened
    try:
        with AudioOmniPipeline.from_file(config) as pipeline:
            result = use(pipeline)
    except AudioOmniError as error:
        return Sight(alarms={type(error).__name__: str(error)})
    stood_in = result["metadata"].get("fallback") if isinstance(result, dict) else None
    return Sight(alarms={}, notes={"fallback": str(stood_in)} if stood_in else {})


def row(title: str, plant: Callable[[Path], Opened], **expected: Any) -> Fault[Opened]:
    """A pipeline that is opened and asked once."""
    return Fault(name=title, title=title, plant=plant, see=answered, **expected)


def infer(pipeline: AudioOmniPipeline) -> object:
    """Run the model on codes."""
    return pipeline.run_inference(CODES)


def hear(pipeline: AudioOmniPipeline) -> object:
    """Send a second of sound."""
    return pipeline.process_audio(sine(440))


def large_result(folder: Path) -> Opened:
    """A result of 839 MB where 500 MB more may be resident."""
    most = psutil.Process().memory_info().rss // 1_000_000 + 500
    limits: dict[str, Any] = {"load_on_startup": False, "total_memory_mb": most}
    return write_project(folder / "p", channels=2048, stride=100, **limits), infer


def large_weights(folder: Path) -> Opened:
    """Weights of 4 MB where less than the interpreter takes may be resident."""
    return write_project(folder / "p", weights=4_000_000, total_memory_mb=1), infer


def late(folder: Path) -> Opened:
    """A model that multiplies matrices for seconds, and 0.1 s for it."""
    config = write_project(
        folder / "p", manifest=False, load_on_startup=False, inference_timeout_s=0.1
    )
    write_slow(folder / "p/models/core.onnx", 2000)
    return config, infer


def replaced(spoil: Callable[[Path], object]) -> Callable[[Path], Opened]:
    """A model that is spoilt, with a smaller one named beside it."""

    def plant(folder: Path) -> Opened:
        smaller = write_project(folder / "smaller", name="smaller")
        config = write_project(folder / "p", fallback=[str(smaller)])
        spoil(folder / "p/models/core.onnx.data")
        return config, hear

    return plant


HARDENING: tuple[Fault[Opened], ...] = (
    row("a model that works beside a smaller one", replaced(lambda data: None)),
    row(
        "a result beyond total_memory_mb",
        large_result,
        expect=("MemoryBudgetError",),
        names=("mel_features", "total_memory_mb = "),
    ),
    row(
        "weights beyond total_memory_mb",
        large_weights,
        expect=("MemoryBudgetError",),
        names=("weights of", "4.0 MB"),
    ),
    row(
        "an inference beyond inference_timeout_s",
        late,
        expect=("InferenceTimeoutError",),
        names=("inference_timeout_s = 0.1",),
    ),
    row(
        "no .data, and a smaller model",
        replaced(lambda data: data.unlink()),
        notes=("fallback",),
        names=("smaller", "not found"),
    ),
    row(
        "a .data cut short, and a smaller model",
        replaced(lambda data: data.write_bytes(data.read_bytes()[:-1])),
        notes=("fallback",),
        names=("smaller", "damaged"),
    ),
)
