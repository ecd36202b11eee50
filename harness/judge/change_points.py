"""Where a series of runs moved to another level.

A change point is the split that explains most of the variance, in the manner of Matteson and James
(JASA 109, 2014), kept when no more than 1 in 5000 shuffled series show as good a one; then both
sides again. So rare, since a series is looked at anew after every run. Shuffles are spared where
the share that a split explains is by far beyond what chance gives it (a beta distribution, times
the number of splits). Values are drawn in first to two deviations from the median of the 9 runs
around them (Hampel's filter), since a lone spike is no change of level; what a deviation is, the
differences of neighbours say, which no level enters. A segment has at least three runs, and
neighbours whose medians differ by less than the margin are joined. How often this is wrong, and how
soon it is right: `harness selfbench history`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import special

Floats = NDArray[np.float64]

SHORTEST = 3  # runs of a segment
BATCHES = (20, 180, 800, 9000)  # shuffles at once: most series are done after the first
CHANCE = 0.0002  # a split that so few shuffled series show is a change
CERTAIN = CHANCE / 20  # below which the beta distribution alone decides
AROUND, DRAWN = 9, 2.0  # runs of a median, and deviations from it that a value may keep
MARGIN = 0.03  # share of the level below which a change is not one


@dataclass(frozen=True, kw_only=True)
class Segment:
    """Runs of one level, as a slice of the series."""

    start: int  # index of its first run
    stop: int  # one past its last
    level: float  # median, on the scale of the series


def segments(
    values: Floats, *, margin: float = MARGIN, starts: tuple[int, ...] = (), seed: int = 0
) -> list[Segment]:
    """Part a series into levels.

    Args:
        values: float64 [n], on a scale on which differences count: logarithms of times.
        margin: neighbours less apart than this are one level.
        starts: indices at which a new level is known to begin: an accepted change.
        seed: of the shuffles; the same series is always parted alike.
    """
    rng = np.random.default_rng(seed)
    known = sorted({0, *(at for at in starts if 0 < at < len(values)), len(values)})
    cuts = {cut for start, stop in pairwise(known) for cut in _cuts(values[start:stop], start, rng)}
    return _joined(values, sorted({*known, *cuts}), frozenset(known), margin)


def _cuts(values: Floats, offset: int, rng: np.random.Generator) -> list[int]:
    """Return where the values change their level, as indices counted from `-offset`."""
    n = len(values)
    if n < 2 * SHORTEST:
        return []
    drawn_in = _drawn_in(values)
    gains = _gains(drawn_in[np.newaxis])[0]
    best = int(np.argmax(gains))
    if not _rare(float(gains[best]), drawn_in, rng):
        return []
    cut = best + SHORTEST
    left, right = values[:cut], values[cut:]
    return [*_cuts(left, offset, rng), offset + cut, *_cuts(right, offset + cut, rng)]


def _rare(gain: float, values: Floats, rng: np.random.Generator) -> bool:
    """Whether no more than CHANCE of shuffled series, this one counted, have as good a split."""
    n, whole = len(values), float(np.square(values - values.mean()).sum())
    if whole and n * float(special.betainc((n - 2) / 2, 0.5, 1 - min(gain / whole, 1.0))) < CERTAIN:
        return True
    most, as_good = CHANCE * (1 + sum(BATCHES)), 1
    for batch in BATCHES:
        shuffled = rng.permuted(np.tile(values, (batch, 1)), axis=1)
        as_good += int((_gains(shuffled).max(axis=1) >= gain).sum())
        if as_good > most:
            return False
    return True


def _drawn_in(values: Floats) -> Floats:
    """Draw spikes in to DRAWN deviations from the median of the runs around them."""
    noise = 1.4826 * float(np.median(np.abs(np.diff(values)))) / math.sqrt(2)
    if not noise:
        return values
    width = min(AROUND, len(values))
    windows = np.median(np.lib.stride_tricks.sliding_window_view(values, width), axis=1)
    middles = windows[np.clip(np.arange(len(values)) - width // 2, 0, len(windows) - 1)]
    return np.asarray(np.clip(values, middles - DRAWN * noise, middles + DRAWN * noise), np.float64)


def robust(values: Floats) -> tuple[float, float]:
    """Return the median, and what the deviation of normal values of this spread would be."""
    middle = float(np.median(values))
    return middle, 1.4826 * float(np.median(np.abs(values - middle)))


def _gains(values: Floats) -> Floats:
    """Return what each split explains of the sum of squares, float64 [series, splits].

    n1 n2 / n times the squared difference of the means of both sides.
    """
    n = values.shape[1]
    before = np.arange(SHORTEST, n - SHORTEST + 1)
    sums = np.cumsum(values, axis=1)
    left, total = sums[:, before - 1], sums[:, -1:]
    apart = left / before - (total - left) / (n - before)
    return np.asarray(before * (n - before) / n * apart**2, np.float64)


def _joined(values: Floats, cuts: list[int], known: frozenset[int], margin: float) -> list[Segment]:
    """Return the segments between the cuts, neighbours of one level joined."""
    found: list[Segment] = []
    for start, stop in pairwise(cuts):
        level = float(np.median(values[start:stop]))
        if found and start not in known and abs(level - found[-1].level) < margin:
            start = found.pop().start
            level = float(np.median(values[start:stop]))
        found.append(Segment(start=start, stop=stop, level=level))
    return found
