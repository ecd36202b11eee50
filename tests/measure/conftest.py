"""Jobs around the planted pipeline, run in real processes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.measure.job import Job
from harness.records import Clip

STAGES = {
    "audio_to_codes": "audio_to_codes",
    "decode": "decode",
    "tokenise": "tokenise",
    "inference": "run_inference",
    "post_process": "post_process",
    "end_to_end": "process_audio",
}
LEAVES = ("decode", "tokenise", "inference", "post_process")

MakeJob = Callable[..., Job]


@pytest.fixture
def make_job(tmp_path: Path) -> MakeJob:
    """Make a job from what each clip does, by id; `load` is what the load does."""

    def make(
        clips: dict[str, dict[str, Any]], *, load: dict[str, Any] | None = None, **how: Any
    ) -> Job:
        config = tmp_path / "planted.json"
        config.write_text(json.dumps(load or {}))
        given: dict[str, Any] = {
            "factory": "planted:Pipeline.from_file",
            "root": Path(__file__).parent,
            "config": config,
            "stages": STAGES,
            "leaves": LEAVES,
            "clips": tuple(_clip(tmp_path, name, told) for name, told in clips.items()),
            "warmup": 0,
            "timeout_s": 30.0,
        }
        return Job(**{**given, **how})

    return make


def _clip(folder: Path, name: str, told: dict[str, Any]) -> Clip:
    audio = folder / f"{name}.json"
    audio.write_text(json.dumps(told))
    return Clip(
        id=name,
        audio=str(audio),
        text="hola",
        language="es",
        speaker="nadie",
        condition="clean",
        seconds=1.0,
        sha256=hashlib.sha256(audio.read_bytes()).hexdigest(),
    )
