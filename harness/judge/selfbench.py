"""What the harness claims of itself, judged from the stored run like any other budget.

    help       `harness --help` takes at most 6 times as long as `python -c pass`
    overhead   the p50 under the full latency pass is at most 2 % above a bare loop's
    alarms     identical code is called slower in at most 5 of 100 comparisons, a copy that takes
               15 % longer in at least 85 of 100; one that takes 10 % longer is reported

A ratio is of pairs that ran side by side (one process of each), with the trimmed mean and interval
of `harness.judge.ab`: the whole interval has to keep the limit. A count of comparisons keeps its
limit by itself once there are 100 of them; of fewer, the whole exact interval has to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from harness.judge.ab import judge_ratio
from harness.judge.alarms import Alarms, alarms_of
from harness.judge.intervals import LEVEL, proportion_interval
from harness.judge.samples import Floats
from harness.judge.verdicts import outcome_of
from harness.records import Budget, Interval, Outcome, Run, Statistic, Verdict
from harness.units import Unit, show

PARTS = "selfbench"  # fact in the run: which parts it was asked for
ENOUGH = 100  # comparisons, from which on their count decides

HELP = Budget(
    metric="selfbench.help",
    statistic=Statistic.P50,
    limit=6.0,
    unit=Unit.FACTOR,
    at_most=True,
    title="harness --help over python -c pass",
)
OVERHEAD = Budget(
    metric="selfbench.overhead",
    statistic=Statistic.P50,
    limit=0.02,
    unit=Unit.RATIO,
    at_most=True,
    title="Time added to a request by the full latency pass",
)
FALSE_ALARMS = Budget(
    metric="selfbench.false_alarms",
    statistic=Statistic.RATE,
    limit=0.05,
    unit=Unit.RATIO,
    at_most=True,
    title="Identical code called slower",
)
POWER = Budget(
    metric="selfbench.power",
    statistic=Statistic.RATE,
    limit=0.85,
    unit=Unit.RATIO,
    at_most=False,
    title="Code made 15 % slower called slower",
)


def judge_selfbench(run: Run) -> tuple[Verdict, ...]:
    """Judge every part that the run was asked for; what it did not measure is not a pass."""
    return tuple(v for part in run.facts.get(PARTS, ()) for v in JUDGES[part](run))


def judge_help(run: Run) -> tuple[Verdict, ...]:
    """Judge how long the program takes to say what it can do."""
    return (_judge_pairs(HELP, run),)


def judge_overhead(run: Run) -> tuple[Verdict, ...]:
    """Judge what the latency pass adds to the requests that it times."""
    return (_judge_pairs(OVERHEAD, run),)


def judge_alarms(run: Run) -> tuple[Verdict, ...]:
    """Judge how often identical code is called slower, and how often slower code is."""
    planted = {alarms.added: alarms for alarms in alarms_of(run)}
    aims = {0.0: FALSE_ALARMS, 0.15: POWER}
    return tuple(_judge_count(budget, planted.get(added)) for added, budget in aims.items())


# What judges each part, by the part's name.
JUDGES: Mapping[str, Callable[[Run], tuple[Verdict, ...]]] = {
    "help": judge_help,
    "overhead": judge_overhead,
    "alarms": judge_alarms,
}


def pairs_of(run: Run, budget: Budget) -> tuple[Floats, Floats]:
    """Return the process medians of the two arms that `budget`, HELP or OVERHEAD, is about.

    float [n] each, by process, of the processes that both arms measured. A fact of the run, named
    as the part, says which metric and which arms these are; without it there are none.
    """
    fact = run.facts.get(budget.metric.rpartition(".")[2])
    if fact is None:
        return np.array([]), np.array([])
    first, second = (_medians(run, fact["metric"], fact[arm]) for arm in ("base", "other"))
    both = sorted(set(first) & set(second))
    return np.array([first[n] for n in both]), np.array([second[n] for n in both])


def nothing(budget: Budget) -> float:
    """Return what is taken off a ratio: 1.0 where what is added is judged, else 0.0."""
    return 1.0 if budget.unit is Unit.RATIO else 0.0


def _medians(run: Run, metric: str, arm: str) -> dict[int, float]:
    found = (m for m in run.measurements if m.arm == arm and m.metric == metric and m.samples)
    return {m.process: float(np.median(m.samples)) for m in found}


def _judge_pairs(budget: Budget, run: Run) -> Verdict:
    base, other = pairs_of(run, budget)
    # The baseline stands in for its own control: there is one arm of it.
    found, less = judge_ratio(budget.metric, Unit.SECONDS, base, base, other), nothing(budget)
    if found.interval is None or found.ratio is None:
        return _absent(budget, f"{found.note} Run it again.")
    ratio = found.interval
    interval = replace(ratio, low=ratio.low - less, high=ratio.high - less)
    outcome = outcome_of(budget, interval)
    medians = " against ".join(show(float(np.median(x)), Unit.SECONDS) for x in (other, base))
    more = "" if outcome is not Outcome.NOT_PROVEN else " Take more pairs, or quiet the machine."
    return Verdict(
        budget=budget,
        outcome=outcome,
        value=found.ratio - less,
        interval=interval,
        samples=len(base),
        sentence=f"{medians}, medians of {len(base)} pairs of processes.{more}",
    )


def _judge_count(budget: Budget, alarms: Alarms | None) -> Verdict:
    if alarms is None or not alarms.comparisons:
        return _absent(budget, "No comparison is whole. Run it again.")
    share = alarms.slower / alarms.comparisons
    interval = proportion_interval(alarms.slower, alarms.comparisons)
    by_count = Interval(low=share, high=share, level=LEVEL, method="the count itself")
    enough = alarms.comparisons >= ENOUGH
    outcome = outcome_of(budget, by_count if enough else interval)
    more = "" if outcome is not Outcome.NOT_PROVEN else f" From {ENOUGH} on the count decides."
    seen = f"{alarms.slower} of {alarms.comparisons} comparisons said slower"
    return Verdict(
        budget=budget,
        outcome=outcome,
        value=share,
        interval=interval,
        samples=alarms.comparisons,
        sentence=f"{seen}, {alarms.unknown} cannot tell.{more}",
    )


def _absent(budget: Budget, sentence: str) -> Verdict:
    return Verdict(
        budget=budget,
        outcome=Outcome.NOT_MEASURED,
        value=None,
        interval=None,
        samples=0,
        sentence=sentence,
    )
