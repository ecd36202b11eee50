"""What the next run of a stable level is expected to be, and how rare a run is that is not.

The next of n values lies within m ± t(n - 1) s sqrt(1 + 1/n) (Hahn and Meeker, Statistical
Intervals, 1991). m and s are the mean and standard deviation of the values that lie within five
robust deviations of the median, n their number, so that a spike in the level does not widen it.

The median absolute deviation in the place of s is no such thing: of 10 normal values it is so
uncertain that 1.4 % of the next ones are outside a bound of 99.8 %. Of the values that five of
them leave, 0.4 % are; 0.2 % from 20 values on (200 000 simulated series).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import special

from harness.judge.change_points import MARGIN, Floats, robust

STABLE = 10  # runs of a level from which on the next one is expected to be somewhere
FURTHEST = 5.0  # robust deviations from the median: what lies beyond is a spike


@dataclass(frozen=True, kw_only=True)
class Expected:
    """The next value of a level."""

    middle: float
    spread: float  # standard deviation of the next value from the middle
    freedom: int  # of that deviation
    margin: float  # nearer to the middle nothing is unexpected

    def bounds(self, alpha: float) -> tuple[float, float]:
        """Return the bounds that all but `alpha` of the next values keep."""
        reach = max(float(special.stdtrit(self.freedom, 1 - alpha / 2)) * self.spread, self.margin)
        return self.middle - reach, self.middle + reach

    def chance(self, value: float) -> float:
        """Return how likely a value is that lies so far away, on either side."""
        away = abs(value - self.middle)
        if away <= self.margin:
            return 1.0
        return 2 * float(special.stdtr(self.freedom, -away / self.spread)) if self.spread else 0.0


def expected(stable: Floats, *, margin: float = MARGIN) -> Expected | None:
    """Return what comes after these values; None of fewer than STABLE.

    Args:
        stable: float64 [n], of one level, on a scale on which differences count.
        margin: a difference that never counts.
    """
    if len(stable) < STABLE:
        return None
    middle, deviation = robust(stable)
    kept = stable[np.abs(stable - middle) <= FURTHEST * max(deviation, margin / 3)]
    return Expected(
        middle=float(kept.mean()),
        spread=float(kept.std(ddof=1)) * math.sqrt(1 + 1 / len(kept)),
        freedom=len(kept) - 1,
        margin=margin,
    )
