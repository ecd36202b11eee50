"""What a listening test shows: a MOS with its interval over listeners and sentences, a preference.

Every listener who counts rates every sentence, so ratings are a full table, listeners x sentences.
Another test would have other listeners and other sentences: both are random, and crossed. With the
mean squares of listeners (L), sentences (S) and the rest (R) of the two-way table

    variance of the mean = (MS_L + MS_S - MS_R) / (listeners * sentences)

(Cornfield & Tukey, Annals of Mathematical Statistics 27, 1956), never less than the larger of MS_L
and MS_S gives alone, and Student's t of Satterthwaite's degrees of freedom (Biometrics Bulletin 2,
1946). An interval over ratings as if they were independent, as ITU-T P.1401 has it for one file,
would be too narrow. tests/judge/test_listeners.py measures how often this one holds the truth.

A preference is counted by listener too: how many chose the voice more often than the other, with
Wilson's interval (JASA 22, 1927) and the exact binomial test; those who chose both equally often
are no trial.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy import special

from harness.judge.intervals import LEVEL
from harness.records import Interval, Measurement

if TYPE_CHECKING:
    from harness.accuracy.listening.ratings import Rating, Result

Floats = NDArray[np.float64]
LOWEST, HIGHEST = 1.0, 5.0  # ends of the scale


@dataclass(frozen=True, kw_only=True)
class Opinion:
    """The mean of a table of ratings."""

    name: str  # "" for the voice, else the anchor's
    mean: float
    interval: Interval | None  # None: fewer than two of either, or no two ratings apart
    listeners: int
    sentences: int


@dataclass(frozen=True, kw_only=True)
class Preference:
    """How often a voice was chosen over another."""

    share: Opinion  # of all choices; 0.5 is no preference
    prefer: int  # listeners who chose the voice more often than the other ...
    against: int  # ... and less often
    even: int
    interval: Interval | None  # of prefer / (prefer + against), Wilson's; None: of nobody
    p: float | None  # two-sided exact binomial against one half; None: of nobody


def opinions(result: Result) -> tuple[Opinion, ...]:
    """Return the MOS of the voice, then those of the anchors; () where nobody counts."""
    anchors = dict.fromkeys(one.name for one in result.ratings if one.role == "anchor")
    voice = [one for one in result.ratings if one.role == "voice"]
    found = [_opinion("", voice)] if voice else []
    for name in anchors:
        of = [one for one in result.ratings if one.role == "anchor" and one.name == name]
        found.append(_opinion(name, of))
    return tuple(found)


def preference(result: Result) -> Preference | None:
    """Return what an A/B test shows; None where nobody counts."""
    from scipy.stats import binomtest  # takes long to import: not before it is needed

    if not result.ratings:
        return None
    table = _table(result.ratings)
    means = table.mean(axis=1)
    prefer, against = int((means > 0.5).sum()), int((means < 0.5).sum())
    share = _opinion("", result.ratings, low=0.0, high=1.0)
    tested = binomtest(prefer, prefer + against) if prefer + against else None
    wilson = tested.proportion_ci(LEVEL, "wilson") if tested else None
    return Preference(
        share=share,
        prefer=prefer,
        against=against,
        even=len(table) - prefer - against,
        interval=Interval(
            low=float(wilson.low), high=float(wilson.high), level=LEVEL, method="Wilson"
        )
        if wilson
        else None,
        p=float(tested.pvalue) if tested else None,
    )


def crossed(table: Floats, low: float = LOWEST, high: float = HIGHEST) -> Interval | None:
    """Return the interval of the mean of a table [listeners, sentences], within low..high.

    None with fewer than two of either, or where all ratings are equal: nothing tells the spread.
    """
    listeners, sentences = table.shape
    if min(listeners, sentences) < 2 or not np.ptp(table):
        return None
    mean, rows, columns = table.mean(), table.mean(axis=1), table.mean(axis=0)
    free = (listeners - 1, sentences - 1, (listeners - 1) * (sentences - 1))
    rest = table - rows[:, np.newaxis] - columns + mean
    by_listener = sentences * float(np.square(rows - mean).sum()) / free[0]
    by_sentence = listeners * float(np.square(columns - mean).sum()) / free[1]
    residual = float(np.square(rest).sum()) / free[2]
    total = max(by_listener + by_sentence - residual, by_listener, by_sentence)
    parts = zip((by_listener, by_sentence, residual), free, strict=True)
    freedom = max(total**2 / sum(square**2 / of for square, of in parts), 1.0)
    half = special.stdtrit(freedom, (1 + LEVEL) / 2) * math.sqrt(total / table.size)
    method = f"two-way, {listeners} listeners x {sentences} sentences, {freedom:.1f} d.f."
    return Interval(
        low=max(float(mean - half), low),
        high=min(float(mean + half), high),
        level=LEVEL,
        method=method,
    )


def table_of(measurements: Iterable[Measurement]) -> Floats:
    """Return ratings [listeners, sentences] of measurements of one listener each."""
    return np.array([one.samples for one in measurements], np.float64)


def _opinion(
    name: str, ratings: Iterable[Rating], *, low: float = LOWEST, high: float = HIGHEST
) -> Opinion:
    table = _table(ratings)
    return Opinion(
        name=name,
        mean=float(table.mean()),
        interval=crossed(table, low, high),
        listeners=table.shape[0],
        sentences=table.shape[1],
    )


def _table(ratings: Iterable[Rating]) -> Floats:
    rows: dict[int, dict[str, float]] = {}
    for one in ratings:
        rows.setdefault(one.listener, {})[one.clip] = one.score
    order = next(iter(rows.values())).keys()
    return np.array([[row[clip] for clip in order] for row in rows.values()], np.float64)
