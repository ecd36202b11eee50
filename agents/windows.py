"""Longer audio is cut where it is quietest, so that a word is rarely cut in two."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from agents.features import HOP, SAMPLES

SEARCH = 300  # hops at the end of a window in which the cut is sought: 3 s
PAUSE = 20  # hops that must be quiet around the cut: 0.2 s

Float32 = NDArray[np.float32]


def cut(samples: Float32) -> list[Float32]:
    """Return `samples` in pieces of at most one window, in order and without a gap.

    Args:
        samples: float32 [n], mono at SAMPLE_RATE.

    Returns:
        Views of `samples`, each of at most SAMPLES; one view when all of it fits.
    """
    pieces = []
    while len(samples) > SAMPLES:
        end = SAMPLES - SEARCH * HOP + _quietest(samples[SAMPLES - SEARCH * HOP : SAMPLES])
        pieces.append(samples[:end])
        samples = samples[end:]
    return [*pieces, samples]


def _quietest(samples: Float32) -> int:
    """Return the middle of the quietest PAUSE, the latest of equals, as an offset in samples."""
    energy = np.square(samples.reshape(-1, HOP), dtype=np.float64).sum(axis=1)
    total = np.concatenate(([0.0], np.cumsum(energy)))
    pauses = total[PAUSE:] - total[:-PAUSE]
    latest = len(pauses) - 1 - int(np.argmin(pauses[::-1]))
    return (latest + PAUSE // 2) * HOP
