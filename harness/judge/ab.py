"""Whether two interleaved arms differ, metric by metric, with an A/A control in the same rounds.

In each round one process of every arm ran: `a`, `a` again, and `b`. The two `a` together are the
baseline, so that a round gives log b - (log a + log again) / 2: what slows the machine for a while
cancels. The interval is Student's of the mean of these with a fifth of the rounds trimmed at each
end (Yuen, Biometrika 61, 1974; no trimming below 5 rounds), since foreign work gives single
processes that are much too slow. `control` is the same interval of log again - log a.

A difference is called one when the whole interval is beyond the margin (3 %), and beyond the A/A
width: how far the ratio again / a itself lies from 1, which is what identical code was seen to
differ. (The half-width of the control's interval is not used: the noise of the rounds is in the
interval of b / a already, and would count twice.) For a set of gated metrics `holm` follows.

Operating curve with 10 rounds, of 100 comparisons, how many say "slower" when b is slower by

                                                              0 %    10 %    15 %
    processes differ by 3 % (standard deviation)                0      98     100
    by 5 %                                                      0      70      97
    by 3 %, Student's t with 3 degrees of freedom               0      84      99
    by 3 %, one process in 20 is slower by 10 to 60 %           0      85      97
    by 3 %, one process in 10 is                                0      62      84
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from scipy import special

from harness.judge.change import Word
from harness.judge.compare import MARGIN, word_of
from harness.judge.holm import adjusted
from harness.judge.intervals import LEVEL
from harness.judge.samples import Floats
from harness.records import Interval
from harness.units import Unit, show

ROUNDS = 3  # fewer cannot tell
TRIMMED = 0.2  # share of the rounds left out at each end
EQUIVALENT = 2.0  # margins: an interval within so many shows that there is no difference
POWER = 0.80  # of the smallest detectable difference
CHANGED = (Word.FASTER, Word.SLOWER, Word.LESS, Word.MORE)


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One metric in two interleaved arms."""

    metric: str
    unit: Unit
    rounds: int  # in which every arm was measured
    a: float  # median of the process medians of a and a again; NaN when nothing was measured
    b: float  # median of the process medians of b
    ratio: float | None  # b / a: geometric mean over the rounds, trimmed; None: not enough rounds
    interval: Interval | None  # of the ratio
    control: Interval | None  # of again / a
    margin: float  # a smaller ratio than 1 + margin is not called a difference
    p: float  # two-sided, that the ratio is within the margin; 1 when it cannot tell
    detectable: float | None  # smallest ratio above 1 that is found in 80 of 100 such comparisons
    word: Word
    note: str = ""  # why it cannot tell
    adjusted: float | None = None  # p after Holm's correction; None: not gated


def judge_ratio(
    metric: str, unit: Unit, a: Floats, again: Floats, b: Floats, *, margin: float = MARGIN
) -> Difference:
    """Judge the medians of processes that ran round by round.

    Args:
        metric: its name, and `unit` its unit: a time is faster or slower, bytes are less or more.
        a: float [rounds], median of the process of arm a in each round, > 0.
        again: the same of the control, which runs what a runs.
        b: the same of the arm in question.
        margin: relative difference below which nothing is called a difference.

    Raises:
        ValueError: the three arrays have not one length.
    """
    if not len(a) == len(again) == len(b):
        raise ValueError(f"{metric}: {len(a)}, {len(again)} and {len(b)} rounds; expected as many.")
    reason = _cannot(np.concatenate([a, again, b]), len(b))
    if reason:
        return _unknown(metric, unit, (a, again, b), margin, reason)
    effect = _Trimmed.of(np.log(b) - (np.log(a) + np.log(again)) / 2)
    control = _Trimmed.of(np.log(again) - np.log(a))
    beyond = max(math.log1p(margin), abs(control.mean))
    word, note = _said(unit, effect.interval(), control.interval(), margin, beyond)
    return Difference(
        metric=metric,
        unit=unit,
        rounds=len(b),
        a=float(np.median(np.concatenate([a, again]))),
        b=float(np.median(b)),
        ratio=math.exp(effect.mean),
        interval=effect.interval(),
        control=control.interval(),
        margin=margin,
        p=effect.p(math.log1p(margin)),
        detectable=math.exp(effect.detectable(beyond)),
        word=word,
        note=note,
    )


def holm(differences: Iterable[Difference]) -> tuple[Difference, ...]:
    """Correct the verdicts of the gated metrics for their number, in the order given.

    Holm's procedure (`harness.judge.holm`) on `p`. What is then above 5 % is no longer called a
    difference. A metric that had not enough rounds is no test and does not count.
    """
    given = tuple(differences)
    tested = [d for d in given if d.interval is not None]
    corrected = dict(zip((d.metric for d in tested), adjusted([d.p for d in tested]), strict=True))
    return tuple(_corrected(d, corrected.get(d.metric), len(tested)) for d in given)


@dataclass(frozen=True, kw_only=True)
class _Trimmed:
    """A trimmed mean of logarithms with its standard error (Tukey & McLaughlin 1963; Yuen 1974)."""

    mean: float
    error: float
    freedom: int
    rounds: int

    @classmethod
    def of(cls, values: Floats) -> _Trimmed:
        ordered = np.sort(values)
        cut = int(TRIMMED * len(values))
        kept = ordered[cut : len(values) - cut]
        winsorized = np.clip(ordered, kept[0], kept[-1])
        spread = float(winsorized.var(ddof=1)) * (len(values) - 1)
        return cls(
            mean=float(kept.mean()),
            error=math.sqrt(spread / (len(kept) * (len(kept) - 1))),
            freedom=len(kept) - 1,
            rounds=len(values),
        )

    def interval(self) -> Interval:
        """Return the interval of the ratio; a point when nothing varies."""
        half = float(special.stdtrit(self.freedom, (1 + LEVEL) / 2)) * self.error
        return Interval(
            low=math.exp(self.mean - half),
            high=math.exp(self.mean + half),
            level=LEVEL,
            method=f"t on log ratios of {self.rounds} rounds, {self.freedom + 1} left by trimming",
        )

    def p(self, margin: float) -> float:
        """Return the two-sided p of a mean within +/- `margin`, at the nearer end."""
        beyond = abs(self.mean) - margin
        if not self.error:
            return 0.0 if beyond > 0 else 1.0
        return min(1.0, 2 * float(special.stdtr(self.freedom, -beyond / self.error)))

    def detectable(self, beyond: float) -> float:
        """Return the least mean whose interval is above `beyond` in 80 of 100 comparisons."""
        quantiles = [float(special.stdtrit(self.freedom, p)) for p in ((1 + LEVEL) / 2, POWER)]
        return beyond + sum(quantiles) * self.error


def _cannot(values: Floats, rounds: int) -> str:
    if rounds < ROUNDS:
        return f"{rounds} of {ROUNDS} rounds in which every arm was measured."
    if not (np.isfinite(values).all() and (values > 0).all()):
        return "Not every median is a positive number."
    return ""


def _unknown(
    metric: str, unit: Unit, arms: tuple[Floats, Floats, Floats], margin: float, reason: str
) -> Difference:
    a, again, b = arms
    return Difference(
        metric=metric,
        unit=unit,
        rounds=len(b),
        a=float(np.median(np.concatenate([a, again]))) if len(a) else math.nan,
        b=float(np.median(b)) if len(b) else math.nan,
        ratio=None,
        interval=None,
        control=None,
        margin=margin,
        p=1.0,
        detectable=None,
        word=Word.UNKNOWN,
        note=reason,
    )


def _said(
    unit: Unit, interval: Interval, control: Interval, margin: float, beyond: float
) -> tuple[Word, str]:
    if word_of(unit, control, margin) in CHANGED:
        apart = " to ".join(show(end - 1, Unit.RATIO) for end in (control.low, control.high))
        return Word.UNKNOWN, f"The same code differed from itself by {apart}: the machine drifted."
    word = word_of(unit, interval, math.expm1(beyond))
    if word in CHANGED:
        return word, ""
    if word_of(unit, interval, margin) in CHANGED:
        return Word.UNKNOWN, "Beyond the margin, but not beyond what the same code differed."
    bound = 1 + EQUIVALENT * margin
    if 1 / bound < interval.low and interval.high < bound:
        return Word.SAME, ""
    return Word.UNKNOWN, "The interval is too wide. Take more rounds, or quiet the machine."


def _corrected(difference: Difference, p: float | None, tests: int) -> Difference:
    if p is None or difference.word not in CHANGED or p <= 1 - LEVEL:
        return replace(difference, adjusted=p)
    note = f"Beyond the margin alone, not after Holm's correction over {tests} metrics."
    return replace(difference, adjusted=p, word=Word.UNKNOWN, note=note)
