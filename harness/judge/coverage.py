"""Coverage of the interval of a WER: how often it holds the truth, where the truth is known.

A simulated set has a known error rate. Each speaker has a rate of his own around it (gamma, with a
standard deviation of 70 % of the mean), each clip one around his (gamma, 100 %: errors come
together), and 3 to 9 words, of which a Poisson number is misheard. Clips fall on speakers at
random, one at least on each. Three intervals are made of each set: the one that `Score` gives, over
speakers (`rate_interval`); the quantiles of the same draws; and `rate_interval` over utterances,
which takes clips of one speaker as strangers. Of two systems, whose rates differ by a fifth and for
every speaker by another factor, the interval of the difference is made (`rate_difference`).

`coverage(1000, seed=20261123)`, as `harness selfbench coverage` runs it: per cent of 1000 sets
whose interval holds the truth: `rate_interval`, quantiles, over utterances, `rate_difference`.

    WER, clips  8 speakers           12                   20                   50
    10 %, 600  93.3 86.0 44.2 92.0  95.0 89.2 50.6 93.1  93.6 91.3 61.8 93.8  94.3 92.4 77.8 94.3
     3 %, 300  94.6 86.8 69.8 95.9  94.6 88.8 78.3 93.5  94.1 90.7 83.0 94.4  94.9 92.8 90.4 94.5
     2 %, 300  94.2 85.7 76.0 95.9  94.7 87.8 82.6 95.2  94.1 91.2 84.9 95.3  94.4 91.6 90.6 95.0
     1 %, 300  94.3 84.9 82.2 95.1  94.8 88.7 88.0 96.4  94.3 90.1 89.1 95.8  95.1 94.0 92.5 95.6

From 20 speakers on the interval holds in 93.6 to 95.1 % (each +- 1.5). With fewer it nearly does
here too, but these speakers have about as many words each; real sets of few seldom do, so that they
are warned of. Of the other ways that were tried, the quantiles of the draws fall short even at 50
speakers, as does t without the logarithm (92 to 94 %, its misses on one side). Studentised draws
of the logarithm hold in 92 to 96 % from 20 speakers on (400 sets a cell), and in 92 % at 8.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.judge.intervals import (
    LEVEL,
    proportion_interval,
    rate_difference,
    rate_interval,
    resampled_rates,
)
from harness.records import Interval

SPEAKERS = (8, 12, 20, 50)
REGIMES = ((0.10, 600), (0.03, 300), (0.02, 300), (0.01, 300))  # rate, clips; the last three gate
ENOUGH = 20  # speakers, from which on the interval has to hold as often as it says
WORDS = (3, 9)  # of a clip
AMONG, WITHIN = 0.7, 1.0  # relative standard deviations: of speakers, of the clips of one
APART = 0.2  # by which the second system's rate is higher, relative
BETWEEN = 0.3  # relative standard deviation of that, from speaker to speaker

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Cover:
    """How many simulated sets of one kind had the truth inside their interval."""

    speakers: int
    rate: float  # the truth
    clips: int  # of a set
    sets: int
    held: int  # by the interval of `Score`, over speakers
    quantiles: int  # by the quantiles of the same draws
    utterances: int  # by the interval over utterances
    difference: int  # by the interval of the difference of two systems, over speakers
    silent: int  # sets without an error: bounded by the rule of three

    @property
    def enough(self) -> bool:
        """Whether there are so many speakers that it has to hold."""
        return self.speakers >= ENOUGH

    def interval(self, count: int) -> Interval:
        """Return the exact interval of the share that `count` of the sets is."""
        return proportion_interval(count, self.sets)


@dataclass(frozen=True, kw_only=True)
class Simulated:
    """One set: owner, words and errors of each clip, by both systems."""

    owners: NDArray[np.intp]
    words: Floats
    errors: Floats
    others: Floats  # of the second system

    def by_speaker(self, counts: Floats) -> Floats:
        """Sum what is given for each clip over its speaker."""
        return np.asarray(np.bincount(self.owners, counts), dtype=np.float64)


def coverage(
    sets: int = 1000,
    seed: int = 0,
    step: Callable[[], None] = lambda: None,
    *,
    speakers: Sequence[int] = SPEAKERS,
    regimes: Sequence[tuple[float, int]] = REGIMES,
) -> tuple[Cover, ...]:
    """Return one cell per regime and number of speakers, regimes outermost.

    Args:
        sets: simulated for each cell, 1 or more.
        seed: of all of them.
        step: called after each set.
        speakers: of a set, at most as many as its clips.
        regimes: true rate, and clips of a set.
    """
    cells = [(rate, clips, number) for rate, clips in regimes for number in speakers]
    return tuple(
        _cell(rate, clips, number, sets, np.random.default_rng((seed, place)), step)
        for place, (rate, clips, number) in enumerate(cells)
    )


def simulate(rng: np.random.Generator, rate: float, clips: int, speakers: int) -> Simulated:
    """Draw one set in which the expected errors are `rate` times the words."""
    others = rng.integers(0, speakers, clips - speakers)
    owners = np.concatenate([np.arange(speakers), others])
    words = rng.integers(WORDS[0], WORDS[1] + 1, clips).astype(np.float64)
    each = rate * words * _around(rng, AMONG, speakers)[owners] * _around(rng, WITHIN, clips)
    worse = (1 + APART) * _around(rng, BETWEEN, speakers)[owners]
    return Simulated(
        owners=owners,
        words=words,
        errors=rng.poisson(each).astype(np.float64),
        others=rng.poisson(each * worse).astype(np.float64),
    )


def _around(rng: np.random.Generator, spread: float, number: int) -> Floats:
    """Draw factors of mean 1 and this standard deviation."""
    return rng.gamma(spread**-2, spread**2, number)


def _cell(
    rate: float,
    clips: int,
    speakers: int,
    sets: int,
    rng: np.random.Generator,
    step: Callable[[], None],
) -> Cover:
    seen = np.zeros(5, dtype=int)
    for number in range(sets):
        seen += _held(simulate(rng, rate, clips, speakers), rate, number)
        step()
    held, quantiles, utterances, difference, silent = (int(count) for count in seen)
    return Cover(
        speakers=speakers,
        rate=rate,
        clips=clips,
        sets=sets,
        held=held,
        quantiles=quantiles,
        utterances=utterances,
        difference=difference,
        silent=silent,
    )


def _held(drawn: Simulated, rate: float, seed: int) -> tuple[bool, bool, bool, bool, bool]:
    """Say which of the intervals hold the truth, and whether there was no error."""
    words, errors, others = map(drawn.by_speaker, (drawn.words, drawn.errors, drawn.others))
    ends = np.quantile(resampled_rates(errors, words, seed), [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return (
        _within(rate_interval(errors, words, unit="speakers", seed=seed), rate),
        bool(ends[0] <= rate <= ends[1]),
        _within(rate_interval(drawn.errors, drawn.words, seed=seed), rate),
        _within(rate_difference((errors, others), words, seed=seed), APART * rate),
        not errors.any(),
    )


def _within(interval: Interval | None, truth: float) -> bool:
    return interval is not None and interval.low <= truth <= interval.high
