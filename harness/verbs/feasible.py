"""`harness feasible`: what this machine allows, before anything of the pipeline is run."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harness.verbs import common
from harness.verbs.common import MISSED, NOT_PROVEN, PASSED

if TYPE_CHECKING:
    from harness.config import Settings
    from harness.judge.feasible import Feasibility
    from harness.records import Run


@click.command()
@click.option("--run", "stored", help="Say it of a stored run and of its config, not of --config.")
@common.config
@common.reports
@common.as_json
def feasible(stored: str | None, config: str, reports: str, as_json: bool) -> None:
    """Say what this machine allows: the least time and memory that each budget needs here.

    Measures the machine's own rates (seconds) and counts the work of the model's graph; the
    model itself is not run, and its data file may be absent. Ends with 1 where a budget is
    infeasible, with 3 where a stored run has a sample below what was held to be the least.
    """
    from harness.config import read_settings
    from harness.judge.feasible import feasibility
    from harness.report.feasible_table import feasible_table
    from harness.store import find_run, keep_page, read_run

    runs = common.runs_folder(reports)
    kept = read_run(common.find(reports, stored)) if stored else None
    settings = read_settings(Path(kept.config if kept else config))
    run = kept or _measured(settings, runs)
    found = feasibility(settings.budgets, run)
    page = None if stored else keep_page(find_run(runs, run.id), _page(run, settings))
    text = feasible_table(run, settings.budgets, colour=common.colour())
    shown = f"{text}\npage: {page}" if page else text
    click.echo(common.to_json(_told(run, found)) if as_json else shown)
    sys.exit(_code(found))


def _measured(settings: Settings, runs: Path) -> Run:
    """Record a run of the machine's rates and the graph's work."""
    from harness.errors import BundleError
    from harness.integrity.bundle import absent_data
    from harness.run.host import host_pass
    from harness.run.recording import recorded

    if not settings.model.exists():
        raise BundleError(
            f"{settings.model}: no such model; {settings.config} names it. Its graph is needed "
            "(the .onnx file; not its data). Put it there, or name another pipeline with --config."
        )
    with recorded(settings, verb="feasible", runs=runs, say=common.tell) as recording:
        for file in absent_data(settings.model):
            recording.doubt(f"{file}: absent. Only the graph was counted; the model cannot be run.")
        host_pass(settings, recording)
    return recording.run


def _page(run: Run, settings: Settings) -> str:
    from harness.judge.feasible import prospects
    from harness.report.page import page

    return page(run, prospects(settings.budgets, run))


def _told(run: Run, found: tuple[Feasibility, ...]) -> dict[str, Any]:
    from harness.judge.needs import ceilings_of, work_of

    work = work_of(run)
    return {
        "run": run.id,
        "ceilings": asdict(ceilings_of(run)),
        "host": run.facts.get("host"),
        "work": asdict(work) if work else None,
        "budgets": [
            {
                **asdict(row),
                "way_out": row.way_out,
                "infeasible": row.infeasible,
                "refuted": row.refuted,
                "times_least": row.times_least,
                "sentence": row.sentence,
            }
            for row in found
        ],
    }


def _code(found: tuple[Feasibility, ...]) -> int:
    if any(row.infeasible for row in found):
        return MISSED
    return NOT_PROVEN if any(row.refuted for row in found) else PASSED
