"""Percentiles of a sample, and confidence intervals of means and of rates of counts.

What bounds a percentile is in `percentiles`.

Rates (`rate_interval`, `rate_difference`). Corpus WER by the bootstrap over utterances or speakers
(Bisani & Ney, ICASSP 2004), seeded, 10 000 draws. The draws give the standard error, Student's t
the width: of the logarithm of a rate, of a difference itself. The quantiles of the draws would hold
the truth too seldom: a sum over few speakers is skewed, and its bootstrap too narrow by the root of
(n - 1) / n. Degrees of freedom are those of as many units of one size as bound equally well (Kish,
1965): (sum of words)^2 / sum of words^2, less 1. What these intervals hold is measured by
`harness selfbench coverage`.
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
_BATCH = 200_000  # numbers held at once while resampling: they stay in the cache
_ALIKE = 40  # units of a kind, on average, from which on drawing kinds is quicker
_DRAWN = f"{DRAWS // 1000} 000 draws"
_WIDEST = 700.0  # largest exponent that is still a finite number


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
    """Return the interval of sum(errors) / sum(lengths); None without a length, or of one unit.

    The upper end is never below what no error at all would show (`unseen`).

    Args:
        errors: int [n], errors of each unit.
        lengths: int [n], reference words of each unit.
        unit: what is resampled, for the method's name.
        seed: of the resampling.
    """
    wrong, words = np.asarray(errors, np.float64), np.asarray(lengths, np.float64)
    if not words.sum() or len(words) < 2:
        return None
    rate, floor = float(wrong.sum() / words.sum()), unseen(float(words.sum()))
    low = high = rate
    if rate:
        spread = _quantile(words) * rate_error(wrong, words, seed) / rate
        low, high = rate * math.exp(-spread), rate * math.exp(min(spread, _WIDEST))
    method = f"bootstrap over {len(words)} {unit}, {_DRAWN}, seed {seed}, t of the logarithm"
    if floor > high:
        method = f"rule of three with a design effect of {CLUMPING:g}, {len(words)} {unit}"
    return Interval(low=low, high=max(high, floor), level=LEVEL, method=method)


def rate_difference(
    errors: tuple[ArrayLike, ArrayLike],
    lengths: ArrayLike,
    *,
    unit: str = "utterances",
    seed: int = 0,
) -> Interval | None:
    """Return the paired interval of the second rate minus the first; None as in `rate_interval`.

    It reaches at least as far either way as where nothing differs at all (`unseen`).

    Args:
        errors: two int [n], errors of both systems in the same units.
        lengths: int [n], reference words of each unit.
        unit: what is resampled, for the method's name.
        seed: of the resampling.
    """
    first, second = (np.asarray(e, np.float64) for e in errors)
    words = np.asarray(lengths, np.float64)
    if not words.sum() or len(words) < 2:
        return None
    apart = float((second - first).sum() / words.sum())
    half = _quantile(words) * rate_error(second - first, words, seed)
    half = max(half, unseen(float(words.sum())))
    return Interval(
        low=apart - half,
        high=apart + half,
        level=LEVEL,
        method=f"paired bootstrap over {len(words)} {unit}, {_DRAWN}, seed {seed}, t",
    )


def rate_error(errors: Floats, words: Floats, seed: int = 0) -> float:
    """Return the standard error of a rate, or of a difference of rates, by 10 000 draws of units.

    Args:
        errors: float [n], errors of each unit, n >= 2; of a difference, second less first.
        words: float [n], reference words of each unit.
        seed: of the resampling.
    """
    n = len(words)
    return float(resampled_rates(errors, words, seed).std()) * math.sqrt(n / (n - 1))


def resampled_rates(errors: Floats, words: Floats, seed: int = 0) -> Floats:
    """Return the rates of 10 000 draws with replacement of as many units as are given.

    A complex number carries both counts of a unit through one look-up and one sum, which is exact.
    Of a large set, in which many units are alike, it is drawn how many of each kind there are.
    """
    rng, n = np.random.default_rng(seed), len(words)
    both = np.asarray(errors, np.float64) + 1j * np.asarray(words, np.float64)
    kinds, counts = np.unique(both, return_counts=True)
    if len(kinds) * _ALIKE < n:
        drawn = rng.multinomial(n, counts / n, size=DRAWS) @ kinds
    else:
        drawn = _looked_up(both, rng)
    return np.asarray(drawn.real / np.maximum(drawn.imag, 1.0))


def effective(words: ArrayLike) -> float:
    """Return how many units of one size bound a rate as well as these of `words` (Kish, 1965)."""
    sizes = np.asarray(words, np.float64)
    return float(sizes.sum() ** 2 / (sizes**2).sum()) if sizes.any() else 0.0


def freedom(words: ArrayLike) -> float:
    """Return the degrees of freedom of a rate over units of `words`, 1 or more."""
    return max(effective(words) - 1, 1.0)


def unseen(words: float) -> float:
    """Bound the rate of errors of which none was seen in `words` > 0 words.

    3.69 / words (the rule of three, two-sided) times a design effect of 2.
    """
    return -math.log(_TAILS[0]) * CLUMPING / words


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


def _quantile(words: Floats) -> float:
    return float(special.stdtrit(freedom(words), _TAILS[1]))


def _looked_up(both: NDArray[np.complex128], rng: np.random.Generator) -> NDArray[np.complex128]:
    n = len(both)
    small = np.uint16 if n <= np.iinfo(np.uint16).max else np.uint32
    batch = max(1, _BATCH // n)
    sums = [
        both[rng.integers(0, n, (min(batch, DRAWS - start), n), dtype=small)].sum(axis=1)
        for start in range(0, DRAWS, batch)
    ]
    return np.concatenate(sums)
