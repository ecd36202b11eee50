"""Does memory grow: the slope of the resident memory over a soak, with its interval.

Memory that is taken and never given back adds up, so the noise of one request stays in all that
follow: resident memory is nearer to a random walk than to a line with independent noise, and a
line fitted to it finds trends that are not there (Durlauf & Phillips, "Trends versus random walks
in time series analysis", Econometrica 56, 1988). What is nearly independent is its change. So:

1. Each process is cut into its rounds, batches that sent the same clips (batch means: Schmeiser,
   Operations Research 30, 1982). A round is told by its lowest value, what stays resident after
   the easiest request: buffers that come and go with long clips are not in it.
2. The growth per request is the mean change from round to round over the requests of a round, its
   interval is Student's t over the changes of all processes.

One step of the arena among many rounds without change is wide, not high: NOT PROVEN, as it should
be. Simulated, 1 000 soaks a row of 2 processes with 16 rounds of 26 requests, each of which leaves
0 to 5 MB until the next (the test repeats it); the stated rate is 2 kB a request:

                                               interval
                                               holds it    FAIL    PASS
    nothing grows                                100 %       0 %    98 %
    random walk, steps of 100 kB a round          97 %       0 %    69 %
    one late step of 0.2 to 1 MB a process           -       0 %    26 %
    leak of 4 kB a request, and the walk          97 %      65 %     0 %
    leak of 10 kB a request, and the walk         99 %     100 %     0 %
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from harness.judge.intervals import LEVEL
from harness.records import Interval, Run

RESIDENT = "soak.resident"
FEWEST = 3  # changes, below which nothing bounds their mean

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Growth:
    """By how much one more request raises the resident memory."""

    slope: float  # bytes per request, over all processes
    interval: Interval  # of it
    requests: int  # in all
    rounds: int  # of all processes
    size: int  # requests in a round


def floors(samples: ArrayLike, size: int) -> Floats:
    """Return the lowest of each whole round of `size` samples: float [n // size]."""
    values = np.asarray(samples, np.float64)
    whole = len(values) // size
    return np.asarray(values[: whole * size].reshape(whole, size).min(axis=1), np.float64)


def growth_of(run: Run) -> Growth | None:
    """Return the growth that a soak shows; None without one.

    `run.facts["soak"]["round"]` is how many requests a round has.
    """
    taken = [m for m in run.measurements if m.metric == RESIDENT and m.samples]
    if not taken:
        return None
    size = int(run.facts["soak"]["round"])
    lows = [floors(m.samples, size) for m in taken]
    return Growth(
        slope=mean_growth(lows, size),
        interval=growth_interval(lows, size),
        requests=sum(len(m.samples) for m in taken),
        rounds=sum(map(len, lows)),
        size=size,
    )


def mean_growth(lows: list[Floats], size: int) -> float:
    """Return the growth in bytes per request; 0 where no process has two rounds."""
    changes = _changes(lows)
    return float(changes.mean()) / size if len(changes) else 0.0


def growth_interval(lows: list[Floats], size: int) -> Interval:
    """Return the interval of the growth per request from the lowest values of the rounds.

    Args:
        lows: float [rounds] of each process, bytes.
        size: requests in a round.

    Returns:
        Both ends are infinite with fewer than three changes.
    """
    changes = _changes(lows) / size
    method = f"Student's t over {len(changes)} changes between rounds of {size} requests"
    if len(changes) < FEWEST:
        return Interval(low=-math.inf, high=math.inf, level=LEVEL, method=method)
    error = float(changes.std(ddof=1)) / math.sqrt(len(changes))
    half = float(special.stdtrit(len(changes) - 1, (1 + LEVEL) / 2)) * error
    middle = float(changes.mean())
    return Interval(low=middle - half, high=middle + half, level=LEVEL, method=method)


def more_needed(growth: Growth, limit: float) -> str:
    """Say how many more requests would tell the growth from `limit`, as a half-width shrinks
    with the square root of their number."""
    half, gap = growth.interval.high - growth.slope, abs(limit - growth.slope)
    if not math.isfinite(half):
        return "Raise soak.rounds: fewer than three changes between rounds bound nothing."
    if not gap:
        return "The growth is the limit itself: no number of requests proves it."
    more = math.ceil(growth.requests * ((half / gap) ** 2 - 1))
    return f"About {max(more, growth.size)} more requests would decide it: raise soak.rounds."


def _changes(lows: list[Floats]) -> Floats:
    """Return every change from one round to the next, of all processes."""
    return np.concatenate([np.diff(low) for low in lows])
