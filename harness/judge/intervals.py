"""Percentiles of a sample, and confidence intervals of means and of rates of counts.

What bounds a percentile is in `percentiles`.

Rates (`rate_interval`). Corpus WER by the bootstrap over utterances or speakers (Bisani & Ney,
ICASSP 2004), percentile method, seeded.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from harness.records import Interval

Floats = NDArray[np.float64]

LEVEL = 0.95  # confidence of every bound and interval
DRAWS = 10_000  # bootstrap resamples of utterances
CLUMPING = 2.0  # design effect: word errors of one utterance come together
_BATCH = 4_000_000  # numbers held at once while resampling


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
    error = float(units.std(ddof=1)) / math.sqrt(len(units))
    half = float(special.stdtrit(len(units) - 1, (1 + LEVEL) / 2)) * error
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
    fails, (lower, upper) = n - successes, _TAILS
    low = float(special.betaincinv(successes, fails + 1, lower)) if successes else 0.0
    high = float(special.betaincinv(successes + 1, fails, upper)) if fails else 1.0
    return Interval(low=low, high=high, level=LEVEL, method=f"Clopper-Pearson, {n} trials")


_TAILS = ((1 - LEVEL) / 2, (1 + LEVEL) / 2)


def _nearest_rank(n: int, p: float) -> int:
    return max(1, math.ceil(n * p - 1e-9))  # 20 * 0.95 is 19.000000000000004 in some orders


def by_process(samples: Floats, processes: ArrayLike) -> list[Floats]:
    """Split samples by the process that they came from, in the order of process numbers."""
    owners = np.asarray(processes)
    return [samples[owners == owner] for owner in np.unique(owners)]


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
