"""From the samples of one metric to a value with an interval, one function per statistic.

The interval alone decides (see `verdicts`). An end that the samples cannot bound is infinite.
"""

from __future__ import annotations

import math

import numpy as np

from harness.budgets import END_TO_END, GROWTH, MOS, ROUND_TRIP, SERVER
from harness.errors import ConfigError
from harness.judge.end_to_end import EndToEnd, end_to_end
from harness.judge.estimated import Estimate as Estimate
from harness.judge.estimated import must_be, opened
from harness.judge.growth import growth_of, more_needed
from harness.judge.intervals import (
    LEVEL,
    by_process,
    mean_interval,
    percentile,
    proportion_interval,
    rate_interval,
    unseen,
)
from harness.judge.listeners import crossed, table_of
from harness.judge.percentiles import percentile_interval, processes_needed, runs_needed
from harness.judge.round_trip import round_trip
from harness.judge.samples import Samples, samples_of
from harness.judge.scores import UTTERANCES, Score, score_metric
from harness.judge.serving import serving
from harness.judge.voiced import voiced
from harness.records import Budget, Interval, Run, Statistic
from harness.units import Unit, show

MAXIMUM_PROCESSES = 3  # an observed maximum counts from this many processes on
PERCENTILES = {Statistic.P50: 0.50, Statistic.P95: 0.95, Statistic.P99: 0.99}


def estimate(budget: Budget, run: Run) -> Estimate | None:
    """Estimate the budget's statistic from everything the run has; None when not measured.

    Raises:
        ConfigError: the budget's unit is not the unit that was measured, or its statistic makes
            no sense for this metric.
    """
    if budget.metric == GROWTH:
        return growth(budget, run)
    if budget.metric == SERVER:
        return highest_rate(budget, run)
    if budget.metric == END_TO_END and (found := end_to_end(run)) is not None:
        return answered(budget, found)
    if budget.metric == MOS:
        return mean_opinion(budget, run)
    if (spoke := voiced(budget, run)) is not None:
        return spoke
    again = budget.metric == ROUND_TRIP
    score = round_trip(run) if again else score_metric(run, budget.metric)
    if score is not None:
        return word_errors(score, budget.limit)
    samples = samples_of(run, budget.metric)
    return None if samples is None else from_samples(budget, samples)


def from_samples(budget: Budget, samples: Samples) -> Estimate:
    """Estimate the budget's statistic from pooled samples."""
    if samples.unit != budget.unit:
        raise ConfigError(
            f'budget "{budget.title}" ({budget.metric}) is in {budget.unit.value}, the run '
            f"measured {samples.unit.value}. Give the budget a unit of the same kind."
        )
    broken = int((~samples.finite).sum())
    if broken:
        return _broken(samples, broken)
    match budget.statistic:
        case Statistic.P50 | Statistic.P95 | Statistic.P99:
            return _percentile(budget, samples)
        case Statistic.MAX:
            return _extreme(budget, samples, MAXIMUM_PROCESSES)
        case Statistic.ALL:
            return _extreme(budget, samples, 1)
        case Statistic.MEAN:
            return _mean(samples)
        case Statistic.RATE:
            return _rate(samples)


def growth(budget: Budget, run: Run) -> Estimate | None:
    """Estimate by how much one more request raises the resident memory; None without a soak."""
    must_be(budget, Statistic.MEAN, Unit.BYTES)
    found = growth_of(run)
    if found is None:
        return None
    remedy = more_needed(found, budget.limit)
    return Estimate(
        value=found.slope, interval=found.interval, samples=found.requests, remedy=remedy
    )


def highest_rate(budget: Budget, run: Run) -> Estimate | None:
    """Estimate the highest rate of requests that the pipeline keeps up with."""
    must_be(budget, Statistic.RATE, Unit.RATE)
    found = serving(run)
    if found is None:
        return None
    remedy = "Raise load.requests or load.processes: their p95 is bounded more narrowly."
    return Estimate(
        value=found.rate, interval=found.interval, samples=found.requests, remedy=remedy
    )


def answered(budget: Budget, found: EndToEnd) -> Estimate:
    """Estimate the share of clips that were answered rightly and in time."""
    must_be(budget, Statistic.RATE, Unit.RATIO)
    interval = found.interval()
    return Estimate(
        value=found.rate,
        interval=interval or opened(Interval(low=0, high=0, level=0.95, method="none")),
        samples=found.clips,
        remedy=found.remedy(budget.limit),
    )


def mean_opinion(budget: Budget, run: Run) -> Estimate | None:
    """Estimate the MOS over listeners and sentences; None where no listening test was held."""
    must_be(budget, Statistic.MEAN, Unit.SCORE)
    taken = [m for m in run.measurements if m.metric == MOS and m.samples]
    if not taken:
        return None
    table = table_of(taken)
    nothing = Interval(low=-math.inf, high=math.inf, level=LEVEL, method="too few to tell")
    return Estimate(
        value=float(table.mean()),
        interval=crossed(table) or nothing,
        samples=table.size,
        remedy="Ask more listeners, or more sentences of each.",
    )


def word_errors(score: Score, limit: float) -> Estimate | None:
    """Estimate a corpus WER, without a bound of too few clips; None without a reference word."""
    interval, rate = score.interval(), score.total.rate
    if rate is None:
        return None
    interval = interval or opened(Interval(low=0, high=0, level=LEVEL, method="too few clips"))
    return Estimate(
        value=rate,
        interval=interval,
        samples=len(score.counts),
        remedy=_more_utterances(score, rate, interval, limit),
    )


def _broken(samples: Samples, broken: int) -> Estimate:
    nothing = Interval(low=-math.inf, high=math.inf, level=0.0, method="none")
    n = len(samples.values)
    return Estimate(value=math.nan, interval=nothing, samples=n, remedy="", broken=broken)


def _percentile(budget: Budget, samples: Samples) -> Estimate:
    p = PERCENTILES[budget.statistic]
    return Estimate(
        value=percentile(samples.values, p),
        interval=percentile_interval(samples.values, samples.processes, p),
        samples=len(samples.values),
        remedy=_more_runs(budget, samples, p),
        needed=runs_needed(0, p),
    )


def _extreme(budget: Budget, samples: Samples, processes: int) -> Estimate:
    value = float(samples.values.max() if budget.at_most else samples.values.min())
    seen, missing = samples.process_count, processes - samples.process_count
    method = f"observed extreme of {seen} processes, not a bound"
    exact = Interval(low=value, high=value, level=0.0, method=method)
    if missing > 0:
        exact = opened(exact, above=budget.at_most)
    return Estimate(
        value=value,
        interval=exact,
        samples=len(samples.values),
        remedy=f"An observed maximum counts from {processes} processes on: {missing} more needed.",
    )


def _mean(samples: Samples) -> Estimate:
    value = float(samples.values.mean())
    interval = mean_interval(samples.values, samples.processes)
    unbounded = Interval(low=-math.inf, high=math.inf, level=0.95, method="one sample")
    return Estimate(
        value=value,
        interval=interval or unbounded,
        samples=len(samples.values),
        remedy="Take more samples: the interval narrows with the square root of their number.",
    )


def _rate(samples: Samples) -> Estimate:
    values, n = samples.values, len(samples.values)
    counted = bool(np.isin(values, (0.0, 1.0)).all())
    interval = (
        proportion_interval(int(values.sum()), n)
        if counted
        else rate_interval(values, np.ones(n), unit="samples")
    )
    return Estimate(
        value=float(values.mean()),
        interval=interval or opened(Interval(low=0, high=0, level=0.95, method="none")),
        samples=n,
        remedy="Take more samples: the interval narrows with the square root of their number.",
    )


def _more_runs(budget: Budget, samples: Samples, p: float) -> str:
    groups = by_process(samples.values, samples.processes)
    over, n = int((samples.values > budget.limit).sum()), len(samples.values)
    more = runs_needed(over, p) - n
    if not budget.at_most:
        return "Take more runs."
    if over > (1 - p) * n:
        allowed = show(1 - p, Unit.RATIO)
        return f"{over} of {n} runs are over it and {allowed} may be: more would rather fail it."
    if more > 0:
        beyond = f"{over} runs over the limit" if over else "no run over the limit"
        return f"With {beyond} so far, {more} more within it would prove it."
    if len(groups) < 2:
        return "All runs come from one process: spread them over at least two, better ten."
    needed = processes_needed(groups, p, budget.limit)
    if needed is None:
        return "The processes differ too much for this limit: quieten the machine, or find out why."
    return f"The processes differ: about {needed} more would prove it."


def _more_utterances(score: Score, rate: float, interval: Interval, limit: float) -> str:
    have = len(score.counts)
    if not score.decides:
        return (
            f"{have} utterances decide nothing, {UTTERANCES} are needed: {UTTERANCES - have} more."
        )
    least = unseen(score.total.length)
    if limit < least:
        return (
            f"The limit is finer than {score.total.length} {score.counted} can show, which is "
            f"{show(least, Unit.RATIO)} without any error: hear more {score.counted}, or widen it."
        )
    gap, half = abs(limit - rate), max(interval.high - rate, rate - interval.low)
    if not gap:
        return "The rate is the limit itself: no number of utterances proves it."
    more = math.ceil(have * (half / gap) ** 2) - have
    told = f"About {max(more, 1)} more utterances at this rate would decide it."
    return f"{told} {score.warning}".rstrip()
