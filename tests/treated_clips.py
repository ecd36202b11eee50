"""Clips made for the tests of listening conditions, and how they are treated."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from harness.accuracy.conditions.cache import Cache
from harness.accuracy.conditions.level import Floats
from harness.accuracy.conditions.render import Renderer
from harness.accuracy.conditions.treatment import Treatment
from harness.accuracy.sets import read_set
from harness.records import Clip

RATE = 16_000  # Hz
SET = Path(__file__).parents[1] / "validation/reference_sets/es_synthetic"
CLIPS = read_set(SET)[:40]

Treat = Callable[[Clip, str], Floats]


def treating(folder: Path) -> Treat:
    """Return what treats a clip by the name of a treatment, and reads what was written."""
    renderer = Renderer(clips=CLIPS, seed=7, cache=Cache(folder=folder / "cache", most=10**9))
    return lambda clip, name: samples_of(renderer.treat(clip, Treatment.read(name)))


def make_clip(folder: Path, samples: Floats, *, rate: int = RATE, **other: str) -> Clip:
    """Write samples as a clip of floats, so that nothing is rounded to 16 bits."""
    told: dict[str, Any] = {"id": "c0", "text": "hola", "language": "es", "speaker": "ana"}
    told |= {"condition": "", **other}
    file = folder / f"{told['id']}.wav"
    soundfile.write(file, samples, rate, subtype="DOUBLE")
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    return Clip(**told, audio=str(file), seconds=max(len(samples) / rate, 1e-9), sha256=digest)


def samples_of(clip: Clip) -> Floats:
    return np.asarray(soundfile.read(clip.audio, dtype="float64")[0], np.float64)


def tone(hertz: float, seconds: float = 1.0, rate: int = RATE) -> Floats:
    return np.asarray(0.4 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate))
