"""How many requests a second the pipeline keeps up with, from the trials of a load.

A rate is kept when p95 of the latency, counted from the arrival, is within the limit. Of the trials
that were made after the search, pooled for each rate:

    value      the highest rate whose p95 is within the limit
    low end    the highest rate whose p95 is bounded within it
    high end   the lowest rate above the value whose p95 is bounded beyond it, in the trials that
               nothing from outside disturbed: disturbance only slows

Bounds are those of `percentiles.percentile_interval`, with a trial for a process: requests of one
trial share their queue and are alike.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from harness.judge.intervals import LEVEL, percentile
from harness.judge.percentiles import percentile_interval
from harness.judge.samples import Samples, samples_of
from harness.records import Interval, Run

P = 0.95


@dataclass(frozen=True, kw_only=True)
class Level:
    """All trials of one phase at one rate."""

    rate: float  # requests a second, offered
    latency: Samples  # from arrival to answer
    p95: float
    bounds: tuple[float, float]  # of p95, each with 95 %: from below by quiet trials, from above
    unanswered: int  # requests that a trial which ended early left


@dataclass(frozen=True, kw_only=True)
class Serving:
    """What a load shows about the rate."""

    rate: float  # highest rate that was kept; 0: none
    interval: Interval
    requests: int  # in trials after the search


def bounds(groups: Sequence[Sequence[float]]) -> tuple[float, float]:
    """Bound p95 of latencies from below and from above; `groups` are those of one trial each."""
    owners = np.repeat(np.arange(len(groups)), [len(group) for group in groups])
    found = percentile_interval(np.concatenate([np.asarray(g) for g in groups]), owners, P)
    return found.low, found.high


def limit_of(run: Run) -> float | None:
    """Return the limit in seconds that the server had to keep; None where there was none."""
    limit = run.facts.get("load", {}).get("limit")
    return None if limit is None else float(limit)


def levels(run: Run, prefix: str) -> tuple[Level, ...]:
    """Return every rate at which there was a trial, the lowest first.

    Args:
        run: with a load in it.
        prefix: "load.search" for the trials of the search, "load.server" for those after it.
    """
    latency, offered = samples_of(run, f"{prefix}.latency"), samples_of(run, f"{prefix}.offered")
    if latency is None or offered is None:
        return ()
    expected = int(run.facts["suite"]["load"]["requests"])
    found = []
    for rate in np.unique(offered.values):
        trials = offered.processes[offered.values == rate]
        pooled = latency.where(np.isin(latency.processes, trials))
        if pooled is not None:
            found.append(_level(float(rate), pooled, expected * len(trials)))
    return tuple(found)


def serving(run: Run) -> Serving | None:
    """Return the highest rate that is kept, with its interval; None without a trial."""
    limit, tried = limit_of(run), levels(run, "load.server")
    if limit is None or not tried:
        return None
    rate = max((one.rate for one in tried if one.p95 <= limit), default=0.0)
    low = max((one.rate for one in tried if one.bounds[1] <= limit), default=0.0)
    beyond = [one.rate for one in tried if one.bounds[0] > limit and one.rate > rate]
    return Serving(
        rate=rate,
        interval=Interval(
            low=low,
            high=min(beyond, default=math.inf),
            level=LEVEL,
            method=f"bounds of p95 over trials at {len(tried)} rates; each end holds alone",
        ),
        requests=sum(len(one.latency.values) for one in tried),
    )


def p95_bounds(latency: Samples) -> tuple[float, float]:
    """Bound p95 from below by the trials that nothing disturbed, and from above by all."""
    every = percentile_interval(latency.values, latency.processes, P)
    quiet = latency.where(~latency.tainted)
    low = percentile_interval(quiet.values, quiet.processes, P).low if quiet else -math.inf
    return low, every.high


def _level(rate: float, latency: Samples, expected: int) -> Level:
    return Level(
        rate=rate,
        latency=latency,
        p95=percentile(latency.values, P),
        bounds=p95_bounds(latency),
        unanswered=max(0, expected - len(latency.values)),
    )
