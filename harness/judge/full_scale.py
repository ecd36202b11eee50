"""What a full-scale run shows of each config: the usual verdicts, and the words against a baseline.

A config is judged by the rows of its own bundle, from its own samples, the machine's rates and the
work of its own graph: `view` is the run as it would read with this one pipeline in it. A config
with another model file than the baseline's also has to keep its words: the upper end of the paired
interval of the WER difference (percent points over the same clips) may be `wer_points`. Where the
clips could not have shown so small a difference it is NOT PROVEN, whatever they showed.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from harness.judge.change import Change, Word
from harness.judge.feasible import Feasibility, feasibility
from harness.judge.heard_change import rate_change
from harness.judge.power import finer_text
from harness.judge.scores import DECODED
from harness.judge.verdicts import judge, outcome_of
from harness.records import Budget, Outcome, Run, Statistic, Verdict
from harness.units import Unit

METRICS = (
    *("latency.load_warm", "latency.first_result", "latency.inference", "latency.end_to_end"),
    "memory.peak",
)


@dataclass(frozen=True, kw_only=True)
class Words:
    """What a config heard, against the baseline."""

    change: Change
    outcome: Outcome
    more: int | None  # about how many more clips would prove the limit; None: no number would
    lacking: int = 0  # clips that it or the baseline gave no answer to: then nothing is proven
    note: str = ""  # why the difference proves nothing


@dataclass(frozen=True, kw_only=True)
class Column:
    """One config."""

    name: str
    run: Run  # its view
    verdicts: Mapping[str, Verdict]  # by metric of METRICS, where its bundle has a row
    needs: Mapping[str, Feasibility]  # by metric of METRICS, where a least is known
    words: Words | None  # None: it computes with the baseline's model, or heard nothing


def columns_of(run: Run, budgets: Mapping[str, Iterable[Budget]]) -> tuple[Column, ...]:
    """Return every config of the run, in the order given.

    Args:
        run: of the verb "full-scale".
        budgets: rows of each config's bundle.
    """
    names = run.facts.get("full_scale", {}).get("arms", {})
    return tuple(_column(run, name, tuple(budgets.get(name, ()))) for name in names)


def view(run: Run, arm: str) -> Run:
    """Return the run as one arm of it saw it, beside what belongs to none."""
    work = run.facts["full_scale"]["arms"][arm]["work"]
    return replace(
        run,
        measurements=tuple(replace(m, arm="") for m in run.measurements if m.arm in (arm, "")),
        transcripts=tuple(replace(t, arm="") for t in run.transcripts if t.arm == arm),
        facts={**run.facts, "work": work},
    )


def _column(run: Run, name: str, budgets: tuple[Budget, ...]) -> Column:
    seen = view(run, name)
    rows = {metric: row for metric in METRICS if (row := _row(metric, budgets)) is not None}
    return Column(
        name=name,
        run=seen,
        verdicts={metric: judge(row, seen) for metric, row in rows.items()},
        needs={found.budget.metric: found for found in feasibility(rows.values(), seen)},
        words=_words(run, name),
    )


def _row(metric: str, budgets: Iterable[Budget]) -> Budget | None:
    return next((budget for budget in budgets if budget.metric == metric), None)


def _words(run: Run, name: str) -> Words | None:
    part = run.facts["full_scale"]
    heard = {arm: [t for t in run.transcripts if t.arm == arm] for arm in (part["baseline"], name)}
    if name == part["baseline"] or not heard[name]:
        return None
    change = rate_change(DECODED, part["wer_set"], heard[part["baseline"]], heard[name])
    if change is None:
        return None
    common = {t.clip for t in heard[part["baseline"]]} & {t.clip for t in heard[name]}
    words = _weighed(change, _limit(part["wer_points"]), len(common))
    lacking = part["heard"] - len(common)
    open_ = lacking and words.outcome is Outcome.PASS
    outcome = Outcome.NOT_PROVEN if open_ else words.outcome
    return replace(words, outcome=outcome, lacking=lacking)


def _weighed(change: Change, limit: Budget, heard: int) -> Words:
    """Weigh a difference; one that has no interval, or was too small to be seen, passes nothing."""
    if change.interval is None:
        outcome = Outcome.FAIL if change.word is Word.WORSE else Outcome.NOT_PROVEN
        return Words(change=change, outcome=outcome, more=None, note=change.note)
    outcome = outcome_of(limit, change.interval)
    note = finer_text(limit.limit, change.detectable)
    if note and outcome is Outcome.PASS:
        outcome = Outcome.NOT_PROVEN
    return Words(change=change, outcome=outcome, more=_more(change, limit.limit, heard), note=note)


def _limit(points: float) -> Budget:
    return Budget(
        metric="accuracy.wer_difference",
        statistic=Statistic.RATE,
        limit=points / 100,
        unit=Unit.RATIO,
        at_most=True,
        title="WER above the baseline's",
    )


def _more(change: Change, limit: float, heard: int) -> int | None:
    """About how many more clips, until both the interval and what is detectable are within it.

    A width shrinks with the root of their number, what none of them shows with the number itself.
    """
    if change.interval is None or change.old is None or change.new is None:
        return None
    by, half = change.new - change.old, (change.interval.high - change.interval.low) / 2
    least = change.detectable or half
    if by >= limit:
        return None
    unseen = math.isclose(least, half)  # both are what no difference at all shows
    times = max(half / (limit - by), least / limit) ** (1 if unseen else 2)
    return max(math.ceil(heard * times) - heard, 0)
