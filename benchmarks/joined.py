"""Long clips made on the fly: the clips of a set, one after another, voice by voice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from agents import audio
from agents.features import HOP, SAMPLE_RATE, SAMPLES
from harness.records import Clip

QUIET = 0.02  # of the level that a twentieth of the clip exceeds: a hop below it is a gap ...
LEFT = 2  # ... of which so many hops stay: 20 ms, no more than a stop consonant has

Float32 = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Joined:
    """One long clip."""

    text: str  # of its parts, one after another
    samples: Float32  # [n], mono at 16 kHz


def joined(clips: Sequence[Clip], seconds: float, *, squeezed: bool) -> Iterator[Joined]:
    """Yield clips of one voice each, of more than one window and of about `seconds`.

    Args:
        clips: of a reference set.
        seconds: from which on a long clip ends.
        squeezed: take every gap out, between words as between clips: speech without a pause.
    """
    voices: dict[str, list[Clip]] = defaultdict(list)
    for clip in clips:
        voices[clip.speaker].append(clip)
    for spoken in voices.values():
        texts: list[str] = []
        samples = np.zeros(0, np.float32)
        for clip in spoken:
            part = samples_of(clip)
            texts.append(clip.text)
            samples = np.concatenate([samples, squeeze(part) if squeezed else part])
            if len(samples) > seconds * SAMPLE_RATE or clip is spoken[-1]:
                if len(samples) > SAMPLES:
                    yield Joined(text=" ".join(texts), samples=samples)
                texts, samples = [], np.zeros(0, np.float32)


def samples_of(clip: Clip) -> Float32:
    """Return a clip as the pipeline takes it: float32 [n], mono at 16 kHz."""
    decoded = audio.decode(Path(clip.audio).read_bytes())
    return audio.resample(decoded.samples, decoded.rate, "soxr")


def squeeze(samples: Float32) -> Float32:
    """Return speech without its gaps, float32 [n], n a multiple of HOP."""
    hops = samples[: len(samples) // HOP * HOP].reshape(-1, HOP)
    level = np.sqrt(np.square(hops).mean(axis=1))
    quiet = level < QUIET * np.percentile(level, 95)
    since = np.arange(len(quiet)) - np.maximum.accumulate(
        np.where(quiet, -1, np.arange(len(quiet)))
    )
    kept = since <= LEFT
    loud = np.flatnonzero(~quiet)
    kept[: loud[0]] = kept[loud[-1] + 1 :] = False
    return hops[kept].reshape(-1)
