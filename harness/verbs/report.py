"""`harness report`: a stored run, judged by today's budgets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harness.verbs import ab, common, conditions, full_scale, score, selfbench, tune
from harness.verbs.gate import draw
from harness.verbs.outputs import outputs, write_outputs
from harness.verbs.stored import fitting

if TYPE_CHECKING:
    from harness.config import Settings
    from harness.records import Budget, Run, Verdict

# Runs that are not judged by budgets.
OWN_PAGES = {
    "ab": ab.show,
    "conditions": conditions.show,
    "full-scale": full_scale.show,
    "selfbench": selfbench.show,
    "tune": tune.show,
}

SCORE = "score"  # judged by the budgets on its set alone


@click.command()
@click.argument("run")
@click.option("--config", help="Judge by the budgets beside this config. Default: the run's own.")
@outputs
@common.reports
@common.as_json
def report(run: str, config: str | None, reports: str, as_json: bool, **written: Any) -> None:
    """Judge a stored run by today's budgets and draw its page again.

    RUN is a folder, an id or the start of one, `latest`, or `latest~1` for the one before.
    """
    from harness.config import read_settings
    from harness.store import read_run

    folder = common.find(reports, run)
    found = read_run(folder)
    with fitting(folder):
        if found.verb in OWN_PAGES:
            OWN_PAGES[found.verb](found, folder, as_json=as_json)
        elif found.verb == SCORE:
            score.show(found, folder, config=config, as_json=as_json)
        else:
            found, verdicts = judged_again(found, read_settings(Path(config or found.config)))
            page = draw(found, verdicts, folder, as_json=as_json)
            write_outputs(found, verdicts, page, **written)


def judged_again(run: Run, settings: Settings) -> tuple[Run, tuple[Verdict, ...]]:
    """Return the run with today's limit of time, and the verdicts of today's budgets."""
    from harness.budgets import growth_budgets, time_limit
    from harness.judge.feasible import prospects
    from harness.judge.verdicts import judge_all

    if run.verb == "feasible":  # nothing of the pipeline was measured
        return run, prospects(settings.budgets, run)
    grown = growth_budgets(settings.suite, settings.budgets)
    today = {"time_limit": time_limit(settings.budgets)}
    timed = replace(run, facts={**run.facts, **today})
    budgets = _judged_then(dict.fromkeys((*settings.budgets, *grown)), run)
    return timed, judge_all(budgets, timed)


def _judged_then(budgets: Iterable[Budget], run: Run) -> tuple[Budget, ...]:
    """Today's rows of the kinds that the run was made for: a validate run has no latencies."""
    kinds = {row["metric"].split(".")[0] for row in run.facts.get("budgets", ())}
    return tuple(budget for budget in budgets if budget.metric.split(".")[0] in kinds)
