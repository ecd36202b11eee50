"""The voice and the system beside it, process by process in turn: how many times as much.

Every round has a process of each. What slows the machine for a while slows both, so that the ratio
is taken round by round: the geometric mean over the rounds of the ratio of medians, and Student's
interval of its logarithm. There is no A/A control here: the ratio is a figure, not a verdict.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from harness.judge.intervals import mean_interval
from harness.judge.samples import Samples, samples_of
from harness.records import Interval, Run

ROUNDS = 3  # fewer have no interval


@dataclass(frozen=True, kw_only=True)
class Ratio:
    """How many times as much of one metric the voice takes."""

    voice: float  # median of its samples
    beside: float
    ratio: float
    interval: Interval | None  # None of fewer than 3 rounds
    rounds: int


def arms_beside(run: Run) -> tuple[str, ...]:
    """Return the names of the systems that were timed beside the voice."""
    arms = (m.arm for m in run.measurements if m.metric.startswith("speech.") and m.arm)
    return tuple(dict.fromkeys(arms))


def ratio(run: Run, metric: str, arm: str) -> Ratio | None:
    """Compare a metric of the voice with that of the system `arm`; None without both."""
    own, other = samples_of(run, metric), samples_of(run, metric, arm)
    if own is None or other is None:
        return None
    first, second = _medians(own), _medians(other)
    rounds = sorted(first.keys() & second.keys())
    logs = np.log([first[one] / second[one] for one in rounds])
    if not len(logs):
        return None
    found = mean_interval(logs, np.arange(len(logs))) if len(logs) >= ROUNDS else None
    return Ratio(
        voice=float(np.median(own.values)),
        beside=float(np.median(other.values)),
        ratio=math.exp(float(logs.mean())),
        interval=found
        and Interval(
            low=math.exp(found.low),
            high=math.exp(found.high),
            level=found.level,
            method=f"{found.method}, of the logarithm",
        ),
        rounds=len(logs),
    )


def _medians(samples: Samples) -> dict[int, float]:
    return {
        int(process): float(np.median(samples.values[samples.processes == process]))
        for process in np.unique(samples.processes)
    }
