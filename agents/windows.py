"""Longer audio is heard in windows that overlap, and read as one text.

A window hears badly where its audio ends: a word is cut in two, and the model lacks what comes
before or after. So every window begins with the last OVERLAP of the one before it, and within that
overlap lies a seam: what the earlier window heard counts up to it, what the later one heard counts
from it on. The seam is put into a pause, where both windows hear nothing; where nobody pauses, it
is put where the two agree best. Windows start every STEP, so that it follows from their number
alone which part of their features is heard twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from agents.features import HOP, SAMPLE_RATE, SAMPLES
from agents.prefix_search import BLANK

CODE = 8 * HOP  # samples of a code frame: 80 ms. Windows start on one, so their frames coincide
OVERLAP = 25 * CODE  # samples that two neighbouring windows share: 2 s
STEP = SAMPLES - OVERLAP  # samples from one window's start to the next one's: 8.24 s
EDGE = 0.2  # share of the overlap at each of its ends where no seam lies: 0.4 s
PAUSE = 0.1  # share of the overlap that should be quiet around the seam: 0.2 s

Float32 = NDArray[np.float32]


class Stitched(NamedTuple):
    """What several windows heard, as if one had heard it."""

    log_probs: Float32  # [frames, symbols]
    seams: list[float]  # seconds from the start of the audio, one between every two windows


def cut(samples: Float32) -> list[Float32]:
    """Return the windows of `samples`, in order.

    Args:
        samples: float32 [n], mono at SAMPLE_RATE.

    Returns:
        Views of `samples`, each of at most SAMPLES, STEP apart; one view when all of it fits.
    """
    steps = max(0, -(-(len(samples) - SAMPLES) // STEP))
    return [samples[at * STEP : at * STEP + SAMPLES] for at in range(steps + 1)]


def starts(windows: int) -> list[float]:
    """Return the seconds at which the first `windows` windows start."""
    return [at * STEP / SAMPLE_RATE for at in range(windows)]


def stitch(heard: Sequence[Float32]) -> Stitched:
    """Join what the windows heard at seams in their overlaps, every frame taken once.

    Args:
        heard: log-probabilities of each window, float32 [frames, symbols], natural logarithm, the
            blank first; one of a window alone is passed on as it is.
    """
    frames = len(heard[0])
    overlap = round(frames * OVERLAP / SAMPLES)
    step = frames - overlap
    parts, seams, start = [], [], 0
    for at, (before, after) in enumerate(pairwise(heard)):
        seam = _seam(before[step:], after[:overlap])
        parts.append(before[start : step + seam])
        seams.append((at * step + step + seam) * SAMPLES / frames / SAMPLE_RATE)
        start = seam
    if not parts:
        return Stitched(heard[0], [])
    return Stitched(np.concatenate([*parts, heard[-1][start:]]), seams)


def _seam(before: Float32, after: Float32) -> int:
    """Return the frame of an overlap from which on `after` counts.

    A frame is sure by the probability that both windows read the same there, a letter counting
    half of what a blank does. Of places equally sure the one nearest to the middle is taken.
    """
    both = np.exp(before.astype(np.float64) + after)
    doubt = 1.0 - (both.sum(axis=1) + both[:, BLANK]) / 2.0
    total = np.concatenate(([0.0], np.cumsum(doubt)))
    edge, half = round(len(before) * EDGE), round(len(before) * PAUSE / 2)
    middle = len(before) // 2
    places = sorted(range(edge, len(before) - edge + 1), key=lambda place: abs(place - middle))
    around = total[np.add(places, half)] - total[np.subtract(places, half)]
    return places[int(np.argmin(around.round(2)))]
