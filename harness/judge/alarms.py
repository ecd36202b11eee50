"""How often the harness says "slower": of identical code, and of copies made slower on purpose.

Read from a run in which many comparisons were interleaved (see `harness.run.selfbench.alarms`).
Each is judged by `judge_ratio`, as `harness ab` judges, and beside it as peers do, from the very
same samples: Welch's t-test on all requests of all processes, as if they were independent, and a
plain 5 % threshold on the means. Both are given the two baseline arms together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from harness.judge.ab import judge_ratio
from harness.judge.change import Word
from harness.judge.samples import Floats
from harness.records import Run
from harness.units import Unit

FACT = "alarms"  # in the run: rounds of a comparison, its baseline, the arms and what they add
METRIC = "latency.end_to_end"
SIGNIFICANT = 0.05  # p of a peer's t-test below which it says "slower"
THRESHOLD = 0.05  # relative difference of the means above which a peer says "slower"

Arms = tuple[list[Floats], list[Floats], list[Floats]]  # timed requests by round: a, again, other


@dataclass(frozen=True, kw_only=True)
class Alarms:
    """Comparisons of a pipeline with a copy of itself that takes a known share longer."""

    arm: str
    added: float  # share of a request's own time that the copy takes longer; 0.0: identical code
    comparisons: int  # whole ones: every process of every arm was measured
    left_out: int  # begun and not whole: the run ended in it, or a process was lost
    slower: int  # called slower by the harness
    unknown: int  # "cannot tell" by the harness
    welch: int  # called slower by Welch's t-test on pooled samples
    threshold: int  # called slower by a plain threshold on the means


def alarms_of(run: Run) -> tuple[Alarms, ...]:
    """Judge every comparison again, an entry for each planted arm; () when the run took none."""
    fact = run.facts.get(FACT)
    if fact is None:
        return ()
    taken = {arm: _by_process(run, arm) for arm in (*fact["baseline"], *fact["planted"])}
    begun = -(-max(len(processes) for processes in taken.values()) // fact["rounds"])
    rounds = [range(i * fact["rounds"], (i + 1) * fact["rounds"]) for i in range(begun)]
    whole = [numbers for numbers in rounds if all(set(numbers) <= set(t) for t in taken.values())]
    return tuple(
        _alarms(arm, added, begun - len(whole), _arms(taken, (*fact["baseline"], arm), whole))
        for arm, added in fact["planted"].items()
    )


def _by_process(run: Run, arm: str) -> dict[int, Floats]:
    found = (m for m in run.measurements if m.arm == arm and m.metric == METRIC and m.samples)
    return {m.process: np.asarray(m.samples, dtype=np.float64) for m in found}


def _arms(
    taken: Mapping[str, Mapping[int, Floats]], names: Sequence[str], whole: Sequence[range]
) -> list[Arms]:
    a, again, other = (taken[name] for name in names)
    return [
        ([a[n] for n in numbers], [again[n] for n in numbers], [other[n] for n in numbers])
        for numbers in whole
    ]


def _alarms(arm: str, added: float, left_out: int, comparisons: Sequence[Arms]) -> Alarms:
    words = [_word(arms) for arms in comparisons]
    return Alarms(
        arm=arm,
        added=added,
        comparisons=len(comparisons),
        left_out=left_out,
        slower=words.count(Word.SLOWER),
        unknown=words.count(Word.UNKNOWN),
        welch=sum(map(welch_says_slower, comparisons)),
        threshold=sum(map(threshold_says_slower, comparisons)),
    )


def _word(arms: Arms) -> Word:
    a, again, other = (np.array([np.median(taken) for taken in arm]) for arm in arms)
    return judge_ratio(METRIC, Unit.SECONDS, a, again, other).word


def welch_says_slower(arms: Arms) -> bool:
    """Return whether Welch's two-sided t-test on all requests finds the last arm slower."""
    from scipy import stats  # 50 MB that no other verb needs

    before, after = _pooled(arms)
    p = float(stats.ttest_ind(before, after, equal_var=False).pvalue)
    return p < SIGNIFICANT and bool(after.mean() > before.mean())


def threshold_says_slower(arms: Arms) -> bool:
    """Return whether the mean of the last arm is more than 5 % above that of the others."""
    before, after = _pooled(arms)
    return bool(after.mean() > (1 + THRESHOLD) * before.mean())


def _pooled(arms: Arms) -> tuple[Floats, Floats]:
    a, again, other = arms
    return np.concatenate([*a, *again]), np.concatenate(other)
