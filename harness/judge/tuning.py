"""What a run of `harness tune` shows: each variant's four figures, and who is on the front.

The figures are the p95 of a request end to end, the highest memory peak, the median warm load and
the word error rate. Two variants differ in one of the first three when the whole 95 % interval of
their ratio lies beyond a margin: 3 %, or the mean difference that the config as given showed
against itself, measured twice, if that is more. The interval is Student's over rounds, of the
logarithm of the ratio of what the two processes of a round measured (the p95 of a process is of its
own requests). Words differ when the paired bootstrap interval over the utterances that both heard
leaves out zero. Nothing is corrected for the number of pairs: the margin stands in for that.

A variant that has not answered in every round is judged by nothing and on no front.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from harness.judge.change import Word
from harness.judge.compare import MARGIN, PROCESSES
from harness.judge.heard_change import rate_change
from harness.judge.intervals import LEVEL, by_process, percentile
from harness.judge.pareto import beats
from harness.judge.samples import Floats, Samples, samples_of
from harness.judge.scores import DECODED, Score, score_set
from harness.records import Interval, Run, Variant
from harness.units import Unit

P95, PEAK, LOAD, WER = "latency.end_to_end", "memory.peak", "latency.load_warm", "wer"

Figures = Mapping[int, float]  # number of the round -> figure of the process that ran in it

# How samples become a figure, of one process and of all of them alike. Lower is better.
MEASURED: Mapping[str, Callable[[Floats], float]] = {
    P95: lambda values: percentile(values, 0.95),
    PEAK: lambda values: float(values.max()),
    LOAD: lambda values: float(np.median(values)),
}
GOALS = (*MEASURED, WER)
UNITS = {P95: Unit.SECONDS, PEAK: Unit.BYTES, LOAD: Unit.SECONDS, WER: Unit.RATIO}


@dataclass(frozen=True, kw_only=True)
class Standing:
    """One variant that was measured in full."""

    variant: Variant
    values: Mapping[str, float]  # goal -> figure, in SI units; a goal is absent if not measured
    whole: bool  # it answered in every round, so that it is judged
    beaten_by: tuple[str, ...]  # names of variants that keep it off the front

    @property
    def on_front(self) -> bool:
        """Whether nothing measured beats it."""
        return self.whole and not self.beaten_by


def variants_of(run: Run, part: str) -> tuple[Variant, ...]:
    """Return the variants of one part of the search, in the order written."""
    found = (Variant(**fact) for fact in run.facts.get("variants", ()))
    return tuple(variant for variant in found if variant.part == part)


def gains(run: Run, variant: Variant, base: Variant) -> dict[str, float]:
    """Return how much better a variant is than another at each measured goal, as a log ratio.

    Of the medians over processes, with no interval: a first look. A goal that one of them lacks is
    left out.
    """
    old, new = figures_of(run, base), figures_of(run, variant)
    return {
        goal: math.log(_middle(old[goal])) - math.log(_middle(new[goal]))
        for goal in MEASURED
        if old[goal] and new[goal]
    }


def _middle(figures: Figures) -> float:
    return float(np.median(list(figures.values())))


def standings(run: Run) -> tuple[Standing, ...]:
    """Return every variant measured in full, the front first, both parts by their p95."""
    found = variants_of(run, "final")
    figures = {one.name: figures_of(run, one) for one in found}
    rounds = max((len(figure[P95]) for figure in figures.values()), default=0)
    whole = [one for one in found if rounds and _is_whole(figures[one.name], rounds)]
    beaten = _beaten(run, whole, figures)
    told = [
        Standing(
            variant=one,
            values=values_of(run, one),
            whole=one in whole,
            beaten_by=beaten.get(one.name, ()),
        )
        for one in found
    ]
    return tuple(sorted(told, key=lambda s: (not s.on_front, s.values.get(P95, math.inf))))


def values_of(run: Run, variant: Variant) -> dict[str, float]:
    """Return the figure of every goal that was measured."""
    pooled = {goal: samples_of(run, goal, variant.arm) for goal in MEASURED}
    values = {goal: MEASURED[goal](s.values) for goal, s in pooled.items() if s is not None}
    score = score_of(run, variant)
    rate = score.total.rate if score else None
    return values if rate is None else {**values, WER: rate}


def figures_of(run: Run, variant: Variant) -> dict[str, Figures]:
    """Return the figure of each process of a variant, for every measured goal."""
    return {goal: _by_round(samples_of(run, goal, variant.arm), goal) for goal in MEASURED}


def score_of(run: Run, variant: Variant) -> Score | None:
    """Return the word errors of what a variant heard; None where it heard nothing."""
    return score_set(run, run.facts.get("heard", {}).get("set", ""), arm=variant.arm)


def ratio(old: Figures, new: Figures) -> Interval | None:
    """Return the interval of new / old, paired by round; None with fewer than 3 rounds."""
    both = [n for n in old if new.get(n, 0.0) > 0 and old[n] > 0]
    logs = np.array([math.log(new[n] / old[n]) for n in both])
    if len(logs) < PROCESSES:
        return None
    error = float(logs.std(ddof=1)) / math.sqrt(len(logs))
    half = float(special.stdtrit(len(logs) - 1, (1 + LEVEL) / 2)) * error
    middle = float(logs.mean())
    return Interval(
        low=math.exp(middle - half),
        high=math.exp(middle + half),
        level=LEVEL,
        method=f"Student's t on log ratios of {len(logs)} rounds",
    )


def control_ratios(run: Run) -> dict[str, Interval]:
    """Return what the config as given shows against itself, for every measured goal."""
    given, control = variants_of(run, "final"), variants_of(run, "control")
    if not given or not control:
        return {}
    old, new = figures_of(run, given[0]), figures_of(run, control[0])
    seen = {goal: ratio(old[goal], new[goal]) for goal in MEASURED}
    return {goal: interval for goal, interval in seen.items() if interval is not None}


def margins(run: Run) -> dict[str, float]:
    """Return the log ratio beyond which a difference counts, for every measured goal."""
    seen = control_ratios(run)
    off = {goal: abs(math.log(i.low) + math.log(i.high)) / 2 for goal, i in seen.items()}
    return {goal: max(math.log1p(MARGIN), off.get(goal, 0.0)) for goal in MEASURED}


def _by_round(samples: Samples | None, goal: str) -> Figures:
    if samples is None:
        return {}
    groups = by_process(samples.values, samples.processes)
    numbers = np.unique(samples.processes).tolist()
    return {n: MEASURED[goal](group) for n, group in zip(numbers, groups, strict=True)}


def _is_whole(figures: Mapping[str, Figures], rounds: int) -> bool:
    return all(len(figures[goal]) == rounds for goal in MEASURED)


def _beaten(
    run: Run, judged: Sequence[Variant], figures: Mapping[str, Mapping[str, Figures]]
) -> dict[str, tuple[str, ...]]:
    """Return by whom each variant is beaten: names."""
    better = np.zeros((len(judged), len(judged), len(GOALS)), dtype=np.bool_)
    least = margins(run)
    for a, first in enumerate(judged):
        for b, second in enumerate(judged):
            if a != b:
                ahead = _ahead(figures[first.name], figures[second.name], least)
                better[a, b] = [*ahead, _hears_better(run, first, second)]
    off = beats(better)
    return {
        one.name: tuple(judged[int(a)].name for a in np.flatnonzero(off[:, b]))
        for b, one in enumerate(judged)
    }


def _ahead(
    a: Mapping[str, Figures], b: Mapping[str, Figures], least: Mapping[str, float]
) -> list[bool]:
    """Return at which of the measured goals `a` is better than `b` beyond noise."""
    seen = {goal: ratio(a[goal], b[goal]) for goal in MEASURED}
    return [i is not None and math.log(i.low) > least[goal] for goal, i in seen.items()]


def _hears_better(run: Run, a: Variant, b: Variant) -> bool:
    first, second = score_of(run, a), score_of(run, b)
    if first is None or second is None:
        return False
    change = rate_change(DECODED, second.transcripts[0].set, first.transcripts, second.transcripts)
    return change is not None and change.word is Word.WORSE
