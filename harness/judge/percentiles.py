"""Bounds of a percentile that hold whenever one looks, so that a bench may go on until they decide.

`percentile_interval` takes two bounds at each end, and the wider one counts:

1. Runs over a value are counted, and the count is put to Wald's sequential probability ratio test
   (Annals of Mathematical Statistics 16, 1945). Upper end: that 1 - p of all runs or more are over
   it, against a fifth of that (p95: 5 % against 1 %). Lower end: that 1 - p or fewer are, against
   three times that (15 %). Each ratio is a supermartingale where its first rate is true, so it ever
   reaches 20 at most once in twenty times, however often one looks (Ville). No distribution is
   assumed and nothing is interpolated: a p95 needs 73 runs, 113 with one over the limit.
2. Runs of one process are alike, so the spread between processes widens it. Upper end: the
   generalised tolerance bound of the one-way random model (Krishnamoorthy & Mathew, Technometrics
   46, 2004) on log times, which assumes normal spread there. Lower end: a bootstrap over processes.
   Neither was made for several looks: each look is asked for 99 % (upper end) or 97 % (lower end),
   so that the nine looks of a bench together are wrong at most about once in twenty times. These
   two levels were found by simulation; `curve` repeats it, and says what came of it.

No method sees a kind of slow process that did not occur: ten processes can miss one in ten.
"""

from __future__ import annotations

import functools
import math
from bisect import bisect_left

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from harness.judge.intervals import LEVEL, by_process
from harness.records import Interval

Floats = NDArray[np.float64]

CLEAR = 5.0  # a clear pass: the allowed rate over the limit, divided by this
EXCESS = 3.0  # a clear fail: the allowed rate times this
PASS_LOOK = 0.99  # confidence of one look at the spread between processes, upper end
FAIL_LOOK = 0.97  # the same, lower end
FAIL_PROCESSES = 3  # fewer show no percentile to be over anything
DRAWS = 10_000  # of the tolerance bound
PROCESS_DRAWS = 2_000  # bootstrap resamples of processes
_ENOUGH = math.log(1 / (1 - LEVEL))  # log likelihood ratio at which a test ends
_LARGEST_LOG = 700.0  # exp of more overflows


def most_over(n: int, p: float) -> int | None:
    """Return how many of n runs may be over a limit on percentile p that passes; None: too few."""
    over = 1 - p
    clear = over / CLEAR if over <= 0.2 else over / 2  # a fifth of a half is no near alternative
    within, beyond = math.log((1 - clear) / (1 - over)), math.log(clear / over)
    most = math.floor((n * within - _ENOUGH) / (within - beyond) + 1e-9)
    return most if most >= 0 else None


def least_over(n: int, p: float) -> int | None:
    """Return how many of n runs over a limit on percentile p fail it; None: too few runs."""
    over = 1 - p
    excess = min(EXCESS * over, (1 + over) / 2)
    within, beyond = math.log((1 - excess) / (1 - over)), math.log(excess / over)
    least = math.ceil((_ENOUGH - n * within) / (beyond - within) - 1e-9)
    return least if least <= n else None


def runs_needed(over: int, p: float) -> int:
    """Return how many runs pass a limit on percentile p when `over` of them exceed it."""
    n = over + 1
    while (most := most_over(n, p)) is None or most < over:
        n += 1
    return n


def percentile_interval(values: ArrayLike, processes: ArrayLike, p: float) -> Interval:
    """Bound percentile p from both sides; each end alone holds with 95 % confidence.

    Args:
        values: float [n], n >= 1, finite.
        processes: int [n], which process each value came from.
        p: fraction in (0, 1).

    Returns:
        An end is infinite where too few runs or processes bound nothing.
    """
    groups = by_process(np.asarray(values, dtype=np.float64), processes)
    return Interval(
        low=lower_bound(groups, p),
        high=upper_bound(groups, p),
        level=LEVEL,
        method=f"sequential test of the runs beyond it, widened by the spread between "
        f"{len(groups)} processes; each end holds alone, whenever one looks",
    )


def upper_bound(groups: list[Floats], p: float) -> float:
    """Bound percentile p from above, given the runs of each process; infinite where too few."""
    ordered = np.sort(np.concatenate(groups))
    over = most_over(len(ordered), p)
    if over is None:
        return math.inf
    return max(float(ordered[-1 - over]), processes_from_above(groups, p))


def lower_bound(groups: list[Floats], p: float) -> float:
    """Bound percentile p from below, given the runs of each process; minus infinite: too few."""
    ordered = np.sort(np.concatenate(groups))
    over = least_over(len(ordered), p)
    if over is None or len(groups) < FAIL_PROCESSES:
        return -math.inf
    return min(float(ordered[-over]), processes_from_below(groups, p))


def processes_from_above(groups: list[Floats], p: float) -> float:
    """Bound percentile p by the spread between processes; infinite with one process.

    The generalised pivotal quantity of mu + z_p * sqrt(between + within), drawn 10 000 times.
    Logarithms are taken where every time is positive.
    """
    if len(groups) < 2:
        return math.inf
    if len(np.unique(np.concatenate(groups))) == 1:
        return float(groups[0][0])
    positive = all((group > 0).all() for group in groups)
    logs = [np.log(group) for group in groups] if positive else groups
    bound = float(np.quantile(_pivots(logs, p), PASS_LOOK))
    if not positive:
        return bound
    return math.exp(bound) if bound < _LARGEST_LOG else math.inf


def processes_from_below(groups: list[Floats], p: float) -> float:
    """Bound percentile p from below by resampling processes, each with all of its runs."""
    samples = np.concatenate(groups)
    sizes = np.array([len(group) for group in groups])
    order = np.argsort(samples, kind="stable")
    owner = np.repeat(np.arange(len(groups)), sizes)[order]
    times = _resampled(len(groups))
    needed = np.ceil(p * (times @ sizes) - 1e-9)  # rank of the percentile in each resample
    tail = round((1 - FAIL_LOOK) * PROCESS_DRAWS)

    def is_reached(rank: int) -> bool:
        """Whether the percentile of a whole tail of the resamples lies here or below."""
        upto = np.bincount(owner[: rank + 1], minlength=len(groups))
        return int((times @ upto >= needed).sum()) >= tail

    return float(samples[order][bisect_left(range(len(samples)), True, key=is_reached)])


def processes_needed(groups: list[Floats], p: float, limit: float) -> int | None:
    """Return about how many more processes like these would bring the bound within `limit`.

    None when even eight times as many would not.
    """
    for times in range(2, 9):
        if processes_from_above(groups * times, p) <= limit:
            return (times - 1) * len(groups)
    return None


def _pivots(groups: list[Floats], p: float) -> Floats:
    count = len(groups)
    size = count / sum(1 / len(group) for group in groups)  # harmonic mean of runs per process
    means = np.array([group.mean() for group in groups])
    between = size * float(((means - means.mean()) ** 2).sum())
    within = sum(float(((group - group.mean()) ** 2).sum()) for group in groups)
    among, inside, normal = _drawn(count - 1, sum(map(len, groups)) - count)
    spread, noise = between / among, within / inside
    shift = normal * np.sqrt(spread / (count * size))
    deviation = np.sqrt(spread / size + (1 - 1 / size) * noise)
    return np.asarray(means.mean() + shift + special.ndtri(p) * deviation, dtype=np.float64)


@functools.lru_cache(maxsize=32)
def _drawn(processes: int, runs: int) -> tuple[Floats, Floats, Floats]:
    """Draw chi-squares of these degrees of freedom, and normal deviates, always the same."""
    rng = np.random.default_rng(0)
    inside = rng.chisquare(runs, DRAWS) if runs else np.full(DRAWS, np.inf)
    return rng.chisquare(processes, DRAWS), inside, rng.standard_normal(DRAWS)


@functools.lru_cache(maxsize=32)
def _resampled(count: int) -> Floats:
    """Draw how often each of `count` processes comes in each resample, always the same."""
    evenly = np.full(count, 1 / count)
    drawn = np.random.default_rng(0).multinomial(count, evenly, size=PROCESS_DRAWS)
    return drawn.astype(np.float64)
