"""What the harness claims of itself (`aims`), judged from the stored run like any budget.

A ratio is of pairs that ran side by side (one process of each), with the trimmed mean and interval
of `harness.judge.ab`: the whole interval has to keep the limit. A count of comparisons keeps its
limit by itself once there are 100 of them; of fewer, the whole exact interval has to. So does the
count of the worst cell of the curve, which misses its limit only by the whole interval: the worst
of many is high by chance.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from harness.judge.ab import judge_ratio
from harness.judge.aims import (
    COVERAGE,
    FALSE_ALARMS,
    FALSE_FAIL,
    FALSE_PASS,
    FALSE_SHIFTS,
    FALSE_WORDS,
    HELP,
    OVERHEAD,
    PLANTED,
    POWER,
)
from harness.judge.alarms import Alarms, alarms_of
from harness.judge.coverage import Cover
from harness.judge.curve import Cell
from harness.judge.intervals import LEVEL, proportion_interval
from harness.judge.samples import Floats
from harness.judge.verdicts import outcome_of
from harness.judge.watching import Family, Watch
from harness.records import Budget, Interval, Outcome, Planting, Run, Verdict
from harness.units import Unit, show

PARTS = "selfbench"  # fact in the run: which parts it was asked for
ENOUGH = 100  # comparisons, from which on their count decides


def judge_selfbench(run: Run) -> tuple[Verdict, ...]:
    """Judge every part that the run was asked for; what it did not measure is not a pass."""
    return tuple(v for part in run.facts.get(PARTS, ()) for v in JUDGES[part](run))


def judge_help(run: Run) -> tuple[Verdict, ...]:
    """Judge how long the program takes to say what it can do."""
    return (_judge_pairs(HELP, run),)


def judge_overhead(run: Run) -> tuple[Verdict, ...]:
    """Judge what the latency pass adds to the requests that it times."""
    return (_judge_pairs(OVERHEAD, run),)


def judge_memory(run: Run) -> tuple[Verdict, ...]:
    """Judge whether the kernel's peak of a stage is what was planted in it."""
    seen = plantings_of(run)
    if not seen:
        return (_absent(PLANTED, "Nothing was planted. Run it again."),)
    within = sum(planting.within for planting in seen)
    furthest = max(abs(planting.kernel - planting.planted) for planting in seen)
    verdict = Verdict(
        budget=PLANTED,
        outcome=Outcome.PASS if within == len(seen) else Outcome.FAIL,
        value=within / len(seen),
        interval=None,
        samples=len(seen),
        sentence=f"{within} of {len(seen)} times; at most {show(furthest, Unit.BYTES)} beside it.",
    )
    return (verdict,)


def judge_curve(run: Run) -> tuple[Verdict, ...]:
    """Judge the cells in which the simulated gate is wrong most often."""
    cells = cells_of(run)
    passes = max(cells, key=lambda cell: cell.false_passes / cell.gates, default=None)
    fails = max(cells, key=lambda cell: cell.false_fails / cell.gates, default=None)
    return (
        _judge_cell(FALSE_PASS, passes, passes.false_passes if passes else 0),
        _judge_cell(FALSE_FAIL, fails, fails.false_fails if fails else 0),
    )


def judge_coverage(run: Run) -> tuple[Verdict, ...]:
    """Judge the cell of enough speakers whose interval holds least as often as it says."""
    cells = [cover for cover in covers_of(run) if cover.enough]
    if not cells:
        return (_absent(COVERAGE, "No set of enough speakers was simulated. Run it again."),)
    worst = max(cells, key=lambda cover: abs(cover.held / cover.sets - LEVEL))
    share, interval = worst.held / worst.sets, worst.interval(worst.held)
    far, most = abs(share - LEVEL), COVERAGE.limit
    outcome = Outcome.PASS if far <= most + 1e-9 else Outcome.NOT_PROVEN
    if interval.high < LEVEL - most or interval.low > LEVEL + most:
        outcome = Outcome.FAIL
    verdict = Verdict(
        budget=COVERAGE,
        outcome=outcome,
        value=far,
        interval=None,
        samples=worst.sets,
        sentence=f"{worst.held} of {worst.sets} sets of {worst.speakers} speakers at a WER of "
        f"{show(worst.rate, Unit.RATIO)} had it inside.",
    )
    return (verdict,)


def judge_history(run: Run) -> tuple[Verdict, ...]:
    """Judge the clean cells in which the history is wrong most often."""
    cells = [watch for watch in watches_of(run) if watch.clean]
    if not cells:
        absent = "No clean series was simulated. Run it again."
        return _absent(FALSE_SHIFTS, absent), _absent(FALSE_WORDS, absent)
    shifts = max(cells, key=lambda watch: watch.shifted / watch.series)
    words = max(cells, key=lambda watch: watch.outside / watch.looks)
    return (
        _judge_share(FALSE_SHIFTS, shifts.shifted, shifts.series, f"series, {shifts.about}"),
        _judge_share(FALSE_WORDS, words.outside, words.looks, f"runs, {words.about}"),
    )


def judge_alarms(run: Run) -> tuple[Verdict, ...]:
    """Judge how often identical code is called slower, and how often slower code is."""
    planted = {alarms.added: alarms for alarms in alarms_of(run)}
    aims = {0.0: FALSE_ALARMS, 0.15: POWER}
    return tuple(_judge_count(budget, planted.get(added)) for added, budget in aims.items())


# What judges each part, by the part's name.
JUDGES: Mapping[str, Callable[[Run], tuple[Verdict, ...]]] = {
    "help": judge_help,
    "curve": judge_curve,
    "coverage": judge_coverage,
    "history": judge_history,
    "overhead": judge_overhead,
    "memory": judge_memory,
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


def plantings_of(run: Run) -> tuple[Planting, ...]:
    """Return what was seen of each amount of memory that was planted, in that order."""
    return tuple(Planting(**told) for told in run.facts.get("memory", ()))


def cells_of(run: Run) -> tuple[Cell, ...]:
    """Return the cells of the operating curve that the run simulated; () when it did not."""
    return tuple(Cell(**told) for told in run.facts.get("curve", ()))


def covers_of(run: Run) -> tuple[Cover, ...]:
    """Return the cells in which the coverage of an interval was simulated; () when it was not."""
    return tuple(Cover(**told) for told in run.facts.get("coverage", ()))


def watches_of(run: Run) -> tuple[Watch, ...]:
    """Return the cells in which series of runs were simulated; () when none were."""
    found = run.facts.get("history", ())
    return tuple(Watch(**{**told, "found": tuple(map(tuple, told["found"]))}) for told in found)


def families_of(run: Run) -> tuple[Family, ...]:
    """Return the cells in which figures of one run were simulated; () when none were."""
    return tuple(Family(**told) for told in run.facts.get("history_families", ()))


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


def _judge_cell(budget: Budget, cell: Cell | None, wrong: int) -> Verdict:
    if cell is None:
        return _absent(budget, "The curve was not simulated. Run it again.")
    where = (
        f"where {show(cell.rate, Unit.RATIO)} of the runs are over the limit and "
        f"{show(cell.share, Unit.RATIO)} of the variance is between processes"
    )
    return _judge_share(budget, wrong, cell.gates, f"gates, {where}")


def _judge_share(budget: Budget, wrong: int, number: int, about: str) -> Verdict:
    """Judge the worst of several cells, of which `wrong` of `number` are wrong."""
    share, interval = wrong / number, proportion_interval(wrong, number)
    outcome = Outcome.PASS if share <= budget.limit else Outcome.NOT_PROVEN
    return Verdict(
        budget=budget,
        outcome=Outcome.FAIL if interval.low > budget.limit else outcome,
        value=share,
        interval=interval,
        samples=number,
        sentence=f"{wrong} of {number} {about}.",
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
