"""Finished rows about a run beside its baseline: what changed, and what it may come from.

The decision is by the budgets alone. A run that was made under other conditions is compared too,
and said to be: what differs is what a reader is looking for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from harness.accuracy.text import signature
from harness.judge.change import Change, Word
from harness.judge.compare import Comparison, compare
from harness.judge.scores import GREEDY, rate_name
from harness.judge.summary import HARDWARE
from harness.records import Run, Verdict
from harness.report.baseline import RULE, Baseline
from harness.report.names import NONE, WORD_STYLES, signed, title
from harness.units import Unit, show

SHOWN = 24  # rows
ABOUT = ("latency.", "memory.", "accuracy.", "function.", "speech.")  # what can have a row
INNER = ("memory.stage.", "memory.ledger.", "memory.cached")  # shown where the memory is

CAUSES = ("model", "runtime", "options", "CPU", "kernel", "normaliser", "set", "seed", "code")
_RUNTIME, _SET = ("package ", "python"), "set "
_KERNEL = ("kernel", "machine", "governor", "turbo off", "transparent huge pages", "threads")


@dataclass(frozen=True, kw_only=True)
class ChangeRow:
    """One figure, then and now."""

    title: str
    metric: str
    old: str
    new: str
    change: str
    interval: str
    word: str
    style: str
    note: str


@dataclass(frozen=True, kw_only=True)
class CauseRow:
    """One thing that is not as it was."""

    cause: str  # one of CAUSES, or "budget"
    name: str
    old: str
    new: str


@dataclass(frozen=True, kw_only=True)
class Changed:
    """What a page says of a run and its baseline."""

    sentence: str  # which baseline, and by which rule
    summary: str  # how many figures moved; "" without a baseline
    warning: str  # why the two can hardly be compared; "" where they can
    rows: tuple[ChangeRow, ...]
    causes: tuple[CauseRow, ...]
    same: str  # which of CAUSES are as they were; "" without a baseline
    command: str  # what shows the rest; "" without a baseline


def changed(run: Run, verdicts: Iterable[Verdict], baseline: Baseline | None) -> Changed | None:
    """Return what a page says; None where nobody looked for a baseline."""
    if baseline is None:
        return None
    if baseline.run is None:
        said = baseline.sentence
        return Changed(
            sentence=said, summary="", warning="", rows=(), causes=(), same="", command=""
        )
    found = compare(baseline.run, run, anyway=True)
    budgeted = {verdict.budget.metric: verdict.budget.title for verdict in verdicts}
    causes = tuple(_causes(baseline.run, run))
    return Changed(
        sentence=f"{baseline.sentence} Chosen by rule: {RULE[0].lower()}{RULE[1:]}",
        summary=_summary(found),
        warning=_warning(found),
        rows=_rows(found, budgeted),
        causes=causes,
        same=_same(causes, baseline.run, run),
        command=f"harness compare {baseline.run.id} {run.id}{' --anyway' * bool(found.unlike)}",
    )


def _rows(found: Comparison, budgeted: Mapping[str, str]) -> tuple[ChangeRow, ...]:
    """Everything that moved, then what has a budget and did not."""
    about = [c for c in found.changes if c.metric.startswith(ABOUT)]
    moved = [c for c in about if _moved(c) and not c.metric.startswith(INNER)]
    moved.sort(key=lambda change: (change.metric not in budgeted, _order(change)))
    still = [c for c in about if not _moved(c) and c.metric in budgeted]
    return tuple(_row(change, budgeted) for change in (*moved, *still)[:SHOWN])


def _moved(change: Change) -> bool:
    return change.word not in (Word.SAME, Word.UNKNOWN)


def _order(change: Change) -> bool:
    return WORD_STYLES[change.word] != "fail"


def _row(change: Change, budgeted: Mapping[str, str]) -> ChangeRow:
    interval, base = change.interval, 0.0 if change.ratio is None else 1.0
    size = None if change.old is None or change.new is None else change.new - change.old
    moved = size if change.ratio is None else change.ratio - 1
    points = change.ratio is None and change.unit is not Unit.RATIO
    return ChangeRow(
        title=budgeted.get(change.metric) or _title(change.metric),
        metric=change.metric,
        old=NONE if change.old is None else show(change.old, change.unit),
        new=NONE if change.new is None else show(change.new, change.unit),
        change=NONE if moved is None or points else signed(moved),
        interval=f"{signed(interval.low - base)} … {signed(interval.high - base)}"
        if interval
        else NONE,
        word=str(change.word),
        style=WORD_STYLES[change.word],
        note=change.note,
    )


def _title(metric: str) -> str:
    rate, name = rate_name(metric), metric.rpartition(".")[2]
    greedy = "greedy " if metric.startswith(GREEDY) else ""
    return f"{greedy}{rate}, {name}" if rate else title(metric)


def _summary(found: Comparison) -> str:
    about = [c for c in found.changes if c.metric.startswith(ABOUT)]
    counted = Counter(str(change.word) for change in about)
    parts = [f"{counted[word]} {word}" for word in map(str, Word) if counted[word]]
    return f"Of {len(about)} figures that both or one of them have: {', '.join(parts)}."


def _warning(found: Comparison) -> str:
    if not found.unlike:
        return ""
    return (
        "Not made under like conditions: what moved may come from what differs below, and not from "
        "the pipeline. Run the older one again under today's conditions to know."
    )


def _causes(old: Run, new: Run) -> Iterable[CauseRow]:
    for key, before, after in _pairs(_place(old), _place(new)):
        yield CauseRow(cause=_cause(key), name=key, old=before, new=after)


def _pairs(old: Mapping[str, str], new: Mapping[str, str]) -> Iterable[tuple[str, str, str]]:
    for key in dict.fromkeys((*old, *new)):
        before, after = old.get(key, NONE), new.get(key, NONE)
        if before != after:
            yield key, before, after


def _place(run: Run) -> dict[str, str]:
    """Everything about a run that may move its figures, by name."""
    place = run.environment
    seed = run.facts.get("suite", {}).get("seed")
    return {
        **(place.identity if place else {}),
        **(place.comparable if place else {}),
        **({} if seed is None else {"seed": str(seed)}),
        **_budgets(run),
    }


def _budgets(run: Run) -> dict[str, str]:
    rows = run.facts.get("budgets", ())
    return {
        f"budget {row['metric']} {row['statistic']}": f"{row['limit']:g} {row['unit']}"
        for row in rows
        if "limit" in row
    }


def _cause(key: str) -> str:
    named = {"bundle": "model", "config": "options", "seed": "seed", "commit": "code"}
    if key.startswith("budget "):
        return "budget"
    if key.startswith(_SET):
        return "set"
    if key.startswith(_RUNTIME):
        return "runtime"
    if key in HARDWARE:
        return "CPU"
    return named.get(key, "kernel" if key in _KERNEL else "options")


def _same(causes: Iterable[CauseRow], old: Run, new: Run) -> str:
    """Say which causes are ruled out, and that both were scored by one normaliser, today's."""
    differ = {row.cause for row in causes}
    known = {_cause(key) for run in (old, new) for key in _place(run)}
    same = [c for c in CAUSES if c in known and c not in differ]
    told = f"The same in both: {', '.join(same)}. " if same else ""
    return f"{told}Both were scored anew by one normaliser: {signature()}."
