"""What changed between two runs, metric by metric. Unlike runs are refused.

Times and memory: the sample is the median of one process, the interval is Welch's of the
difference of the mean logarithms, so that it bounds the ratio new / old. What was understood is
compared clip by clip: see `heard_change`.
The two runs were not interleaved: what differs between two sessions of one machine is inside no
interval, so a difference also has to pass a margin of 3 % before it is called one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import special

from harness.errors import UnlikeRunsError
from harness.judge.change import Change, Word
from harness.judge.heard_change import answers_change, rate_change
from harness.judge.intervals import LEVEL, by_process
from harness.judge.likeness import budget_changes, identity_changes, unlike
from harness.judge.samples import Floats, Samples, metrics_of, samples_of
from harness.judge.scores import CHARACTERS, DECODED, GREEDY, SENTENCES, as_they_are, sets_of
from harness.records import Interval, Run
from harness.units import Unit

MARGIN = 0.03  # a smaller change of time or memory is not called a change
PROCESSES = 3  # fewer in either run cannot tell
MACHINE = "host."  # how the rates of the machine begin: no figures of the pipeline
RATES = (DECODED, GREEDY, CHARACTERS, SENTENCES)  # of each set


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Two runs side by side."""

    old: Run
    new: Run
    unlike: tuple[str, ...]  # conditions that differ; not empty only when compared anyway
    identity: tuple[str, ...]  # what was meant to differ: commit, digests, versions of the harness
    budgets: tuple[str, ...]  # budgets that differ between the two decisions
    changes: tuple[Change, ...]


def compare(old: Run, new: Run, *, anyway: bool = False) -> Comparison:
    """Compare `new` with `old`, which must have been made under like conditions.

    Raises:
        UnlikeRunsError: the conditions differ and `anyway` is False; the message names each.
    """
    differing = unlike(old, new)
    if differing and not anyway:
        raise UnlikeRunsError(
            f"{old.id} and {new.id} were not made under like conditions. "
            + " ".join(differing)
            + " "
            "Run the older one again under the conditions of the newer, or compare anyway."
        )
    named = dict.fromkeys((*metrics_of(old), *metrics_of(new)))
    metrics = [metric for metric in named if not metric.startswith(MACHINE)]
    sets = dict.fromkeys((*sets_of(old), *sets_of(new)))
    measured = [_measured_change(metric, old, new) for metric in metrics]
    heard = as_they_are(old), as_they_are(new)
    scored = [rate_change(rate, name, *heard) for name in sets for rate in RATES]
    scored.append(answers_change(old, new))
    return Comparison(
        old=old,
        new=new,
        unlike=differing,
        identity=identity_changes(old, new),
        budgets=budget_changes(old, new),
        changes=(*measured, *(change for change in scored if change is not None)),
    )


def _measured_change(metric: str, old: Run, new: Run) -> Change:
    first, second = samples_of(old, metric), samples_of(new, metric)
    if first is None or second is None:
        return _one_sided(metric, first, second)
    a, b = _process_medians(first), _process_medians(second)
    before, after = float(np.median(a)), float(np.median(b))
    reason = _cannot(first, second, a, b)
    interval = None if reason else _ratio_interval(np.log(a), np.log(b))
    return Change(
        metric=metric,
        unit=second.unit,
        old=before,
        new=after,
        ratio=math.sqrt(interval.low * interval.high) if interval else None,
        interval=interval,
        word=Word.UNKNOWN if interval is None else word_of(second.unit, interval),
        note=reason,
    )


def _one_sided(metric: str, first: Samples | None, second: Samples | None) -> Change:
    present = first or second
    if present is None:
        raise ValueError(f"{metric} is in neither run")
    value = float(np.median(_process_medians(present)))
    return Change(
        metric=metric,
        unit=present.unit,
        old=value if first else None,
        new=value if second else None,
        ratio=None,
        interval=None,
        word=Word.UNKNOWN,
        note="Only in the old run." if first else "Only in the new run.",
    )


def _cannot(first: Samples, second: Samples, a: Floats, b: Floats) -> str:
    if first.unit != second.unit:
        return f"In {first.unit} then in {second.unit}."
    fewest = min(len(a), len(b))
    if fewest < PROCESSES:
        return f"{fewest} of {PROCESSES} processes in one of the runs."
    if not (np.isfinite(a).all() and np.isfinite(b).all() and (a > 0).all() and (b > 0).all()):
        return "Not every median is a positive number."
    return ""


def _process_medians(samples: Samples) -> Floats:
    groups = by_process(samples.values, samples.processes)
    return np.array([float(np.median(group)) for group in groups])


def _ratio_interval(a: Floats, b: Floats) -> Interval:
    """Return Welch's interval of mean(b) - mean(a), as a ratio; a point when nothing varies."""
    parts = np.array([a.var(ddof=1) / len(a), b.var(ddof=1) / len(b)])
    error = math.sqrt(parts.sum())
    difference = float(b.mean() - a.mean())
    if not error:
        half = 0.0
    else:
        freedom = parts.sum() ** 2 / (parts**2 / np.array([len(a) - 1, len(b) - 1])).sum()
        half = float(special.stdtrit(freedom, (1 + LEVEL) / 2)) * error
    return Interval(
        low=math.exp(difference - half),
        high=math.exp(difference + half),
        level=LEVEL,
        method=f"Welch's t on log medians of {len(a)} and {len(b)} processes",
    )


def word_of(unit: Unit, interval: Interval, margin: float = MARGIN) -> Word:
    """Name the change when the whole interval of a ratio is beyond the margin, else `SAME`."""
    timed = unit is Unit.SECONDS
    down, up = (Word.FASTER, Word.SLOWER) if timed else (Word.LESS, Word.MORE)
    if interval.high < 1 / (1 + margin):
        return down
    return up if interval.low > 1 + margin else Word.SAME
