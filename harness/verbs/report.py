"""`harness report`: a stored run, judged by today's budgets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harness.verbs import ab, common, conditions, full_scale, score, selfbench, tune
from harness.verbs.gate import show
from harness.verbs.outputs import outputs, write_outputs

if TYPE_CHECKING:
    from harness.records import Budget, Run

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
    from harness.budgets import growth_budgets, time_limit
    from harness.config import read_settings
    from harness.judge.feasible import prospects
    from harness.judge.verdicts import judge_all
    from harness.report.keeping import keep_judged
    from harness.store import read_run

    folder = common.find(reports, run)
    found = read_run(folder)
    if found.verb in OWN_PAGES:
        OWN_PAGES[found.verb](found, folder, as_json=as_json)
        return
    if found.verb == SCORE:
        score.show(found, folder, config=config, as_json=as_json)
        return
    settings = read_settings(Path(config or found.config))
    if found.verb == "feasible":  # nothing of the pipeline was measured
        verdicts = prospects(settings.budgets, found)
    else:
        grown = growth_budgets(settings.suite, settings.budgets)
        budgets = _judged_then(dict.fromkeys((*settings.budgets, *grown)), found)
        today = {"time_limit": time_limit(settings.budgets)}
        found = replace(found, facts={**found.facts, **today})
        verdicts = judge_all(budgets, found)
    page = keep_judged(folder, found, verdicts)
    show(found, verdicts, page, as_json=as_json)
    write_outputs(found, verdicts, page, **written)


def _judged_then(budgets: Iterable[Budget], run: Run) -> tuple[Budget, ...]:
    """Today's rows of the kinds that the run was made for: a validate run has no latencies."""
    kinds = {row["metric"].split(".")[0] for row in run.facts.get("budgets", ())}
    return tuple(budget for budget in budgets if budget.metric.split(".")[0] in kinds)
