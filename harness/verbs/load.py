"""`harness load`: requests as users send them, and how many a second the pipeline keeps up with."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from harness.verbs import common
from harness.verbs.gate import judged

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harness.records import Budget
    from harness.run.load import Criterion

NO_LIMIT = (
    "The server shape was not taken: no p95 budget on latency.end_to_end says what it has to keep. "
    "Add one to budgets.yaml."
)


@click.command()
@click.option("--quick", is_flag=True, help="Fewer trials and requests (`quick` in suite.yaml).")
@common.reports
@common.config
@common.as_json
def load(config: str, reports: str, quick: bool, as_json: bool) -> None:
    """Send requests as users do: one by one, all at once, at a rate.

    The server shape is searched for the highest rate of random arrivals that keeps the p95 budget
    of latency.end_to_end, counted from the arrival. Judged are the budgets on load.* metrics.
    """
    from harness.accuracy.sets import set_digest
    from harness.config import read_settings
    from harness.judge.likeness import budget_facts
    from harness.measure.load import Trials, clip_seconds
    from harness.progress import progress
    from harness.run.jobs import job_of
    from harness.run.load import load_pass, most_trials
    from harness.run.plan import drawn
    from harness.run.recording import recorded

    settings = read_settings(Path(config), quick=quick)
    part = common.section(settings.suite.load, "load", Path(config))
    clips = drawn(settings, "load.set", part.set, part.clips)
    how = {"repeats": part.requests, "warmup": part.warmup, "timeout_s": part.timeout_s}
    job = job_of(settings, clips, **how)
    budgets = tuple(row for row in settings.budgets if row.metric.startswith("load."))
    criterion = _criterion(settings.budgets)
    common.tell(f"load: trials of {part.requests} requests, clips: {part.set} {len(clips)}")
    with (
        recorded(
            settings,
            verb="load",
            runs=common.runs_folder(reports),
            say=common.tell,
            facts={
                "budgets": budget_facts(budgets),
                "load": {"limit": criterion.limit if criterion else None},
                "clip_seconds": clip_seconds(job),
            },
            identity={f"set {part.set}": set_digest(clips)},
        ) as recording,
        progress("load, trials at most", total=most_trials(part)) as step,
    ):
        if criterion is None:
            recording.doubt(NO_LIMIT)
        load_pass(Trials(job, recording.keep), part, criterion, step=step)
    sys.exit(judged(recording, budgets, as_json=as_json))


def _criterion(budgets: Iterable[Budget]) -> Criterion | None:
    """Return what the server has to keep: the lowest p95 budget end to end; None without one."""
    from harness.judge.intervals import percentile
    from harness.judge.serving import P, bounds
    from harness.records import Statistic
    from harness.run.load import Criterion

    limits = [
        row.limit
        for row in budgets
        if (row.metric, row.statistic) == ("latency.end_to_end", Statistic.P95) and row.at_most
    ]
    if not limits:
        return None
    return Criterion(limit=min(limits), p95=lambda taken: percentile(taken, P), bounds=bounds)
