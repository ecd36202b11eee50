"""What is kept of a judged run beside its journal: page, summary, decision."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from harness.judge.likeness import budgets_then
from harness.judge.summary import issued, summarise
from harness.judge.verdicts import judge_all
from harness.records import Run, Verdict
from harness.report.baseline import find_baseline
from harness.report.page import page
from harness.store import keep_page, read_run
from harness.summaries import Summary, keep_decision, keep_summary, read_decisions, read_summary


def keep_judged(folder: Path, run: Run, verdicts: tuple[Verdict, ...]) -> Path:
    """Draw the page of a run, keep what the history needs, and return the page's path.

    The decision is added to those of the run where it says another thing than the last one.

    Raises:
        StoreError: the folder cannot be written to.
    """
    kept = keep_page(folder, page(run, verdicts, find_baseline(folder, run)))
    keep_summary(folder, summarise(run, verdicts))
    now, before = issued(folder, run, verdicts), read_decisions(folder)[-1:]
    if not before or before[0] != replace(now, at=before[0].at):
        keep_decision(folder, now)
    return kept


def summary_of(folder: Path) -> Summary:
    """Return the summary of a run; where none lies beside it, by the budgets it was made for.

    Raises:
        StoreError: the journal cannot be read, or the folder cannot be written to.
    """
    if found := read_summary(folder):
        return found
    run = read_run(folder)
    made = summarise(run, judge_all(budgets_then(run), run))
    keep_summary(folder, made)
    return made
