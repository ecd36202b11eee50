"""What is kept of a judged run beside its journal: page, summary, decision."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from harness.judge.summary import issued, summarise
from harness.judge.summed import summary_of as summary_of
from harness.records import Run, Verdict
from harness.report.baseline import find_baseline
from harness.report.page import page
from harness.store import keep_page
from harness.summaries import keep_decision, keep_summary, read_decisions


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
