"""Where a series of runs moved to another level, and whether its newest run still fits.

Change points: the split that explains most of the variance, in the manner of Matteson and James
(JASA 109, 2014), kept when no more than 1 in 1000 shuffled series show as good a one; then both
sides again. Values are drawn in to three robust deviations from the median first, since a lone
spike is no change of level. A segment has at least three runs, and neighbours whose medians differ
by less than the margin are joined.

Prediction bound: the next value of a stable segment of n values lies within
m ± t(n - 1) s sqrt(1 + 1/n) (Hahn and Meeker, Statistical Intervals, 1991), with the median for m
and 1.4826 times the median absolute deviation for s, so that a spike in the segment does not widen
it. `harness selfbench history` prints how often both are wrong, from simulation.
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
SHUFFLES = 2000
BATCH = 200  # of them at once: most series are done after the first
CHANCE = 0.001  # a split that so few shuffled series show is a change
STABLE = 10  # runs of a segment from which on the next one is predicted
LEVEL = 0.998  # of the prediction: two wrong alarms in a thousand runs of one figure
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


def predicted(stable: Floats, *, margin: float = MARGIN) -> tuple[float, float] | None:
    """Return the bounds of the next value; None of fewer than STABLE values.

    Never narrower than the margin on either side of the median.
    """
    n = len(stable)
    if n < STABLE:
        return None
    middle, spread = _robust(stable)
    reach = float(special.stdtrit(n - 1, (1 + LEVEL) / 2)) * spread * math.sqrt(1 + 1 / n)
    reach = max(reach, margin)
    return middle - reach, middle + reach


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
    most, as_good = CHANCE * (1 + SHUFFLES), 1
    for _ in range(0, SHUFFLES, BATCH):
        shuffled = rng.permuted(np.tile(values, (BATCH, 1)), axis=1)
        as_good += int((_gains(shuffled).max(axis=1) >= gain).sum())
        if as_good > most:
            return False
    return True


def _drawn_in(values: Floats) -> Floats:
    middle, spread = _robust(values)
    return np.clip(values, middle - 3 * spread, middle + 3 * spread) if spread else values


def _robust(values: Floats) -> tuple[float, float]:
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
