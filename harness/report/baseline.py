"""The run that a run is held against: a rule, applied to what lies beside it.

1. The newest of the named baselines that are like it: same bundle, verb, setting and machine class.
2. Else the newest earlier run that is like it and came to its end.
3. Else none: the run is judged by its budgets alone, and its page says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from harness.errors import StoreError
from harness.judge.summary import machine_class
from harness.notes import baselines
from harness.records import Run
from harness.store import journals, read_run
from harness.summaries import Summary, read_summary

RULE = (
    "The newest named baseline of the same bundle, verb, setting and machine class; else the "
    "newest earlier complete run of them."
)


@dataclass(frozen=True, kw_only=True)
class Baseline:
    """What a run is held against, or why nothing is there."""

    run: Run | None
    sentence: str  # why this one, or why none


def find_baseline(folder: Path, run: Run) -> Baseline:
    """Return the baseline of the run that lies in `folder`, by the rule above.

    A run that cannot be read is passed over. Other runs are looked for beside `folder`.
    """
    runs = folder.resolve().parent
    try:
        named = baselines(runs.parent)
    except StoreError as error:
        return Baseline(run=None, sentence=f"{error} Until then there is no baseline.")
    names = {runs / other: name for name, other in named.items() if other != folder.name}
    if found := _first_like(run, sorted(names, reverse=True)):
        name = next(name for name, other in named.items() if other == found.id)
        return Baseline(run=found, sentence=f"The baseline {name}: {found.id}.")
    earlier = [one for one in reversed(journals(runs)) if one.name < folder.name]
    if found := _first_like(run, earlier):
        said = f"No named baseline is like this run; the newest earlier one that is: {found.id}."
        return Baseline(run=found, sentence=said)
    alone = "No earlier run of this bundle, verb, setting and machine class is kept here"
    remedy = f"To hold later runs against this one: harness baseline set NAME {run.id}"
    return Baseline(run=None, sentence=f"{alone}: the budgets alone decide. {remedy}")


def _first_like(run: Run, folders: Iterable[Path]) -> Run | None:
    asked = _likeness(run)
    for folder in folders:
        try:
            summary = read_summary(folder)
            if summary and asked != _summed(summary):
                continue
            other = read_run(folder)
        except StoreError:
            continue
        if other.complete and other.id == folder.name and _likeness(other) == asked:
            return other
    return None


def _summed(summary: Summary) -> tuple[str, str, bool, str]:
    return summary.bundle, summary.verb, summary.quick, summary.machine


def _likeness(run: Run) -> tuple[str, str, bool, str]:
    quick = bool(run.facts.get("quick"))
    return run.bundle, run.verb, quick, machine_class(run.environment)
