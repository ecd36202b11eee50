"""Confidence intervals: percentiles, means, rates of counts.

Percentiles (`percentile_interval`). Two bounds are taken and the wider one counts:

1. Order statistics, exact for any distribution when runs are independent: the sample of rank u
   is an upper bound of the percentile p when P(Bin(n, p) <= u - 1) >= 95 %. With too few runs no
   rank will do and there is no bound: p95 needs 59. Nothing is interpolated or extrapolated.
2. Runs of one process are alike, so the spread between processes widens it. Upper end: the
   generalised tolerance bound of the one-way random model (Krishnamoorthy & Mathew, Technometrics
   46, 2004) on log times, which assumes normal spread there. Lower end: a bootstrap over processes.

Operating curve for p95 and 10 processes of 8 runs, 300 simulated gates per cell, normal times:

    runs over the limit           1 %    2 %    3 %    5 %    8 %   15 %
    PASS, runs independent         47     14      5      0      0      0
    PASS, half of the variance
      between processes            35     19     10      3      0      0
    PASS by order statistics alone,
      same                         58     36     24      9      3      0
    FAIL, runs independent          0      0      0      2     19     87
    FAIL, half between              0      0      0      1     10     38

No method sees a kind of slow process that did not occur: ten processes can miss one in ten.

Rates (`rate_interval`). Corpus WER by the bootstrap over utterances or speakers (Bisani & Ney,
ICASSP 2004), percentile method, seeded.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from harness.records import Interval

Floats = NDArray[np.float64]

LEVEL = 0.95  # confidence of every bound and interval
DRAWS = 10_000  # bootstrap resamples of utterances, and of the tolerance bound
PROCESS_DRAWS = 2_000  # bootstrap resamples of processes
CLUMPING = 2.0  # design effect: word errors of one utterance come together
_BATCH = 4_000_000  # numbers held at once while resampling
_LARGEST_LOG = 700.0  # exp of more overflows


def percentile(values: ArrayLike, p: float) -> float:
    """Return the sample percentile by nearest rank: always one of the samples.

    Args:
        values: float [n], n >= 1.
        p: fraction in (0, 1], 0.95 for p95.

    Raises:
        ValueError: no samples.
    """
    ordered = np.sort(np.asarray(values, dtype=np.float64))
    if not len(ordered):
        raise ValueError("a percentile of no samples: expected at least one")
    return float(ordered[_nearest_rank(len(ordered), p) - 1])


def upper_rank(n: int, p: float) -> int | None:
    """Return the least rank (from 1) whose sample bounds percentile p from above, else None."""
    rank = int(stats.binom.ppf(LEVEL, n, p)) + 1
    return rank if rank <= n else None


def lower_rank(n: int, p: float) -> int | None:
    """Return the greatest rank (from 1) whose sample bounds percentile p from below, else None."""
    rank = n - int(stats.binom.ppf(LEVEL, n, 1 - p))
    return rank if rank >= 1 else None


def runs_needed(over: int, p: float) -> int:
    """Return how many runs pass a limit on percentile p when `over` of them exceed it."""
    n = over + 1
    while stats.binom.cdf(over, n, 1 - p) > 1 - LEVEL:
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
    samples = np.asarray(values, dtype=np.float64)
    groups = by_process(samples, processes)
    ordered = np.sort(samples)
    upper, lower = upper_rank(len(samples), p), lower_rank(len(samples), p)
    high = math.inf if upper is None else float(ordered[upper - 1])
    low = -math.inf if lower is None else float(ordered[lower - 1])
    return Interval(
        low=min(low, _processes_from_below(groups, p)),
        high=max(high, processes_from_above(groups, p)),
        level=LEVEL,
        method=f"order statistics, widened by the spread between {len(groups)} processes; "
        "each end holds alone",
    )


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
    bound = float(np.quantile(_pivots(logs, p), LEVEL))
    if not positive:
        return bound
    return math.exp(bound) if bound < _LARGEST_LOG else math.inf


def processes_needed(groups: list[Floats], p: float, limit: float) -> int | None:
    """Return about how many more processes like these would bring the bound within `limit`.

    None when even eight times as many would not.
    """
    for times in range(2, 9):
        if processes_from_above(groups * times, p) <= limit:
            return (times - 1) * len(groups)
    return None


def mean_interval(values: ArrayLike, processes: ArrayLike) -> Interval | None:
    """Return Student's interval of the mean over processes (over samples if there is one process).

    None with fewer than two of them.
    """
    samples = np.asarray(values, dtype=np.float64)
    groups = by_process(samples, processes)
    many = len(groups) > 1
    units = np.array([group.mean() for group in groups]) if many else samples
    if len(units) < 2:
        return None
    half = stats.t.ppf((1 + LEVEL) / 2, len(units) - 1) * units.std(ddof=1) / math.sqrt(len(units))
    middle = float(units.mean())
    method = f"Student's t over {len(units)} {'processes' if many else 'samples'}"
    return Interval(low=middle - half, high=middle + half, level=LEVEL, method=method)


def rate_interval(
    errors: ArrayLike, lengths: ArrayLike, *, unit: str = "utterances", seed: int = 0
) -> Interval | None:
    """Return the bootstrap interval of sum(errors) / sum(lengths); None without a length.

    The upper end is never below what no error at all would show: 3.69 / sum(lengths) (the rule
    of three, two-sided) times a design effect of 2.

    Args:
        errors: int [n], errors of each unit.
        lengths: int [n], reference words of each unit.
        unit: what is resampled, for the method's name.
        seed: of the resampling.
    """
    wrong, words = np.asarray(errors, np.float64), np.asarray(lengths, np.float64)
    if not words.sum():
        return None
    low, high = np.quantile(_resampled_rates(wrong, words, seed), _TAILS)
    floor = _unseen(words)
    method = f"bootstrap over {len(words)} {unit}, {DRAWS // 1000} 000 draws, seed {seed}"
    if floor > high:
        method = f"rule of three with a design effect of {CLUMPING:g}, {len(words)} {unit}"
    return Interval(low=float(low), high=max(float(high), floor), level=LEVEL, method=method)


def rate_difference(
    errors: tuple[ArrayLike, ArrayLike], lengths: ArrayLike, *, seed: int = 0
) -> Interval | None:
    """Return the paired bootstrap interval of the second rate minus the first.

    Where no utterance differs, what that shows: 3.69 / words either way, times the design effect.

    Args:
        errors: two int [n], errors of both systems on the same utterances.
        lengths: int [n], reference words of each utterance.
        seed: of the resampling.
    """
    first, second = (np.asarray(e, np.float64) for e in errors)
    words = np.asarray(lengths, np.float64)
    if not words.sum():
        return None
    low, high = np.quantile(_resampled_rates(second - first, words, seed), _TAILS)
    if (first == second).all():
        low, high = -_unseen(words), _unseen(words)
    return Interval(
        low=float(low),
        high=float(high),
        level=LEVEL,
        method=f"paired bootstrap over {len(words)} utterances, {DRAWS // 1000} 000 draws, "
        f"seed {seed}",
    )


def proportion_interval(successes: int, n: int) -> Interval:
    """Return the exact interval of a proportion (Clopper & Pearson, Biometrika 26, 1934)."""
    exact = stats.binomtest(successes, n).proportion_ci(LEVEL, method="exact")
    method = f"Clopper-Pearson, {n} trials"
    return Interval(low=float(exact.low), high=float(exact.high), level=LEVEL, method=method)


_TAILS = ((1 - LEVEL) / 2, (1 + LEVEL) / 2)


def _nearest_rank(n: int, p: float) -> int:
    return max(1, math.ceil(n * p - 1e-9))  # 20 * 0.95 is 19.000000000000004 in some orders


def by_process(samples: Floats, processes: ArrayLike) -> list[Floats]:
    """Split samples by the process that they came from, in the order of process numbers."""
    owners = np.asarray(processes)
    return [samples[owners == owner] for owner in np.unique(owners)]


def _processes_from_below(groups: list[Floats], p: float) -> float:
    if len(groups) < 2:
        return math.inf
    samples = np.concatenate(groups)
    order = np.argsort(samples, kind="stable")
    owner = np.repeat(np.arange(len(groups)), [len(group) for group in groups])[order]
    evenly = np.full(len(groups), 1 / len(groups))
    times = np.random.default_rng(0).multinomial(len(groups), evenly, size=PROCESS_DRAWS)
    reached = times[:, owner].cumsum(axis=1)  # resampled samples up to each rank
    first = (reached >= np.ceil(p * reached[:, -1:] - 1e-9)).argmax(axis=1)
    return float(np.quantile(samples[order][first], 1 - LEVEL, method="lower"))


def _pivots(groups: list[Floats], p: float) -> Floats:
    count = len(groups)
    size = count / sum(1 / len(group) for group in groups)  # harmonic mean of runs per process
    means = np.array([group.mean() for group in groups])
    between = size * float(((means - means.mean()) ** 2).sum())
    within = sum(float(((group - group.mean()) ** 2).sum()) for group in groups)
    freedom = sum(map(len, groups)) - count
    rng = np.random.default_rng(0)
    spread = between / rng.chisquare(count - 1, DRAWS)
    noise = within / rng.chisquare(freedom, DRAWS) if freedom else np.zeros(DRAWS)
    shift = rng.standard_normal(DRAWS) * np.sqrt(spread / (count * size))
    deviation = np.sqrt(spread / size + (1 - 1 / size) * noise)
    return np.asarray(means.mean() + shift + stats.norm.ppf(p) * deviation, dtype=np.float64)


def _unseen(words: Floats) -> float:
    """Bound the rate of errors of which none was seen: 3.69 / words, times the design effect."""
    return -math.log(_TAILS[0]) * CLUMPING / float(words.sum())


def _resampled_rates(errors: Floats, words: Floats, seed: int) -> Floats:
    rng = np.random.default_rng(seed)
    batch = max(1, _BATCH // len(words))
    rates = []
    for start in range(0, DRAWS, batch):
        picks = rng.integers(0, len(words), (min(batch, DRAWS - start), len(words)))
        rates.append(errors[picks].sum(axis=1) / np.maximum(words[picks].sum(axis=1), 1))
    return np.concatenate(rates)
