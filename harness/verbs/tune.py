"""`harness tune`: a grid of options, and the best trade-offs among them."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from harness.verbs import common

if TYPE_CHECKING:
    from harness.records import Run


@click.command(short_help="Measure a grid of options and print the best trade-offs.")
@click.option("--quick", is_flag=True, help="Fewer processes and clips (`quick` in suite.yaml).")
@common.config
@common.reports
@common.as_json
def tune(config: str, reports: str, quick: bool, as_json: bool) -> None:
    """Measure a grid of options and print those that no other beats.

    The grid is section `tune` of suite.yaml. Every config is judged by its p95 end to end, peak
    memory, warm load and WER, measured on the same clips, interleaved. It takes some minutes on the
    small model that comes with the project. A search, not a gate: it ends with 0.
    """
    from harness.config import read_settings
    from harness.judge.tuning import gains
    from harness.run.recording import recorded
    from harness.run.tune import tune as search

    settings = read_settings(Path(config), quick=quick)
    tuning = common.section(settings.suite.tune, "tune", settings.config)
    runs = common.runs_folder(reports)
    with recorded(settings, verb="tune", runs=runs, say=common.tell) as recording:
        search(settings, tuning, recording, gains)
    show(recording.run, recording.writer.folder, as_json=as_json)


def show(run: Run, folder: Path, *, as_json: bool) -> None:
    """Draw the page of a search and print what it found."""
    from harness.report.page import page
    from harness.report.tune_rows import tuned
    from harness.report.tune_table import tune_table
    from harness.store import keep_page

    drawn, found = keep_page(folder, page(run, ())), tuned(run)
    if not as_json:
        click.echo(f"{tune_table(run, found, colour=common.colour())}\npage: {drawn}")
        return
    standings = found.standings if found else ()
    told = {
        "run": run.id,
        "page": str(drawn),
        "sentence": found.sentence if found else "",
        "noise": found.noise if found else "",
        "variants": [{**asdict(one), "on_front": one.on_front} for one in standings],
        "findings": [asdict(finding) for finding in run.findings],
        "doubts": run.doubts,
    }
    click.echo(common.to_json(told))
