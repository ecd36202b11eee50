"""Longer audio is heard in windows that overlap, and read as one text.

A window hears badly where its audio ends: a word is cut in two, and the model lacks what comes
before or after. So every window begins with the last OVERLAP of the one before it, and within that
overlap lies a seam: what the earlier window heard counts up to it, what the later one heard counts
from it on. The seam is put where the overlap is quietest, into a pause if there is one. Windows
start every STEP, so that it follows from their number alone which part of their features is heard
twice.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from agents.errors import InputShapeError, explain
from agents.features import HOP, SAMPLE_RATE, SAMPLES

CODE = 8 * HOP  # samples of a code frame: 80 ms. Windows start on one, so their frames coincide
OVERLAP = 25 * CODE  # samples that two neighbouring windows share: 2 s
STEP = SAMPLES - OVERLAP  # samples from one window's start to the next one's: 8.24 s
EDGE = 40 * HOP  # samples at each end of an overlap where no seam lies: 0.4 s
PAUSE = 20 * HOP  # samples that should be quiet around a seam: 0.2 s

Float32 = NDArray[np.float32]


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


def seams(samples: Float32) -> list[float]:
    """Return the seconds at which one window's text ends and the next one's begins.

    They are the middles of the quietest PAUSE of each overlap; of equals, the one nearest to the
    middle of the overlap, where both windows hear most of what is around it.

    Args:
        samples: float32 [n], what `cut` is given.
    """
    found = []
    for start in range(STEP, len(samples) - OVERLAP, STEP):
        hops = samples[start : start + OVERLAP].reshape(-1, HOP)
        energy = np.square(hops, dtype=np.float64).sum(axis=1)
        total = np.concatenate(([0.0], np.cumsum(energy)))
        places = sorted(
            range(EDGE // HOP, (OVERLAP - EDGE) // HOP + 1),
            key=lambda place: abs(place - OVERLAP // HOP // 2),
        )
        half = PAUSE // HOP // 2
        around = total[np.add(places, half)] - total[np.subtract(places, half)]
        found.append((start + places[int(np.argmin(around))] * HOP) / SAMPLE_RATE)
    return found


def middles(windows: int) -> list[float]:
    """Return the seams of audio that is not at hand: the middles of the overlaps, in seconds."""
    return [start + OVERLAP / 2 / SAMPLE_RATE for start in starts(windows)[1:]]


def stitch(heard: Sequence[Float32], at: Sequence[float]) -> Float32:
    """Join what the windows heard, every frame taken once.

    Args:
        heard: of each window, float32 [frames, symbols]; one alone is passed on as it is.
        at: the seams, in seconds.

    Raises:
        InputShapeError: the seams do not lie in the overlaps of so many windows.
    """
    _check(at, len(heard))
    if len(heard) == 1:
        return heard[0]
    frames = len(heard[0])
    step = frames - round(frames * OVERLAP / SAMPLES)
    later = [  # frames of each window but the first that the window before it counts for
        round((seam - begin) * SAMPLE_RATE * frames / SAMPLES)
        for seam, begin in zip(at, starts(len(heard))[1:], strict=True)
    ]
    spans = zip([0, *later], [*(step + seam for seam in later), frames], strict=True)
    return np.concatenate(
        [window[start:end] for window, (start, end) in zip(heard, spans, strict=True)]
    )


def _check(at: Sequence[float], windows: int) -> None:
    begins = starts(windows)[1:]
    long = OVERLAP / SAMPLE_RATE
    if len(at) == len(begins) and all(
        begin <= seam <= begin + long for begin, seam in zip(begins, at, strict=True)
    ):
        return
    raise InputShapeError(
        explain(
            "Input shape mismatch: seams in the metadata",
            expected=f"one in each {long:g} s from {begins} s on, of {windows} windows",
            got=str(list(at)),
            do="Pass the metadata of the same audio, or none.",
        )
    )
