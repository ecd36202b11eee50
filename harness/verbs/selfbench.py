"""`harness selfbench`: the harness measured by itself."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from harness.verbs import common

if TYPE_CHECKING:
    from harness.records import Run
    from harness.run.recording import Recording
    from harness.suite import Selfbench

PARTS = (
    "help",
    "curve",
    "coverage",
    "history",
    "overhead",
    "memory",
    "alarms",
)  # in the order in which `all` takes them


@click.command()
@click.argument("part", type=click.Choice(["all", *PARTS]), default="all")
@click.option("--comparisons", type=click.IntRange(min=1), help="So many, not those of suite.yaml.")
@click.option("--from", "stored", metavar="RUN", help="Judge a stored run again; measure nothing.")
@common.config
@common.reports
@common.as_json
def selfbench(
    part: str, comparisons: int | None, stored: str | None, config: str, reports: str, as_json: bool
) -> None:
    """Measure the harness itself, or one PART of that.

    help: how long `harness --help` takes. curve: how often a latency gate is wrong, simulated.
    coverage: how often the interval of a WER holds the truth, simulated (some minutes).
    history: how often a history of clean runs is called changed, and how soon a changed one is,
    simulated (some minutes).
    overhead: what measuring adds to a request. memory: whether memory planted in a stage is seen.
    alarms: how often identical code is called slower, and how often slower code is (the better part
    of an hour; what is measured is kept as it comes, and --from judges it, interrupted or not).
    """
    from harness.store import read_run

    runs = common.runs_folder(reports)
    if stored is None:
        folder = _measured(PARTS if part == "all" else (part,), comparisons, Path(config), runs)
    elif part != "all" or comparisons is not None:
        raise click.UsageError("--from judges what the run holds: give neither PART nor a number.")
    else:
        folder = common.find(reports, stored)
    sys.exit(show(read_run(folder), folder, as_json=as_json))


def _measured(parts: tuple[str, ...], comparisons: int | None, config: Path, runs: Path) -> Path:
    """Measure the parts and return the folder of the run."""
    from harness.config import read_settings
    from harness.run import selfbench as measured
    from harness.run.recording import recorded

    settings = read_settings(config)
    part = common.section(settings.suite.selfbench, "selfbench", config)
    if comparisons is not None:
        part = part.model_copy(update={"comparisons": comparisons})
    with recorded(settings, verb="selfbench", runs=runs, say=common.tell) as recording:
        common.tell(
            f"run {recording.folder.name}: `harness selfbench --from` judges it at any time"
        )
        takes = {**measured.PARTS, "curve": _curve, "coverage": _coverage, "history": _history}
        measured.selfbench(part, {name: takes[name] for name in parts}, recording)
    return recording.folder


def _curve(part: Selfbench, recording: Recording) -> None:
    """Simulate the latency gate; what came of each cell is a fact of the run."""
    from harness.judge.curve import RATES, SHARES, operating_curve
    from harness.progress import progress

    with progress("curve", total=len(RATES) * len(SHARES) * part.gates) as step:
        cells = operating_curve(part.gates, recording.settings.suite.seed, step)
    recording.fact("curve", [asdict(cell) for cell in cells])


def _coverage(part: Selfbench, recording: Recording) -> None:
    """Simulate sets with a known WER; what came of each cell is a fact of the run."""
    from harness.judge.coverage import REGIMES, SPEAKERS, coverage
    from harness.progress import progress

    with progress("coverage", total=len(REGIMES) * len(SPEAKERS) * part.covered) as step:
        cells = coverage(part.covered, recording.settings.suite.seed, step)
    recording.fact("coverage", [asdict(cell) for cell in cells])


def _history(part: Selfbench, recording: Recording) -> None:
    """Simulate series of runs; what was said of each cell is a fact of the run."""
    from harness.judge.watching import KINDS, families, watches
    from harness.progress import progress

    with progress("history", total=len(KINDS) * part.watched) as step:
        cells = watches(part.watched, recording.settings.suite.seed, step)
    together = families(10 * part.watched, recording.settings.suite.seed)
    recording.fact("history", [asdict(cell) for cell in cells])
    recording.fact("history_families", [asdict(cell) for cell in together])


def show(run: Run, folder: Path, *, as_json: bool) -> int:
    """Print what came of a run, draw its page, and return the exit code.

    Raises:
        StoreError: the run is of another verb.
    """
    from harness.errors import StoreError
    from harness.judge.alarms import alarms_of
    from harness.judge.gate import decide
    from harness.judge.selfbench import judge_selfbench
    from harness.report.page import page
    from harness.report.selfbench_table import selfbench_table
    from harness.store import keep_page
    from harness.verbs.gate import exit_code

    if run.verb != "selfbench":
        raise StoreError(f"{folder}: a run of `{run.verb}`, not of `selfbench`. Name another.")
    verdicts = judge_selfbench(run)
    kept = keep_page(folder, page(run, verdicts))
    gate = decide(run, verdicts)
    told = {
        "run": run.id,
        "page": str(kept),
        "decision": gate.decision,
        "sentence": gate.sentence,
        "verdicts": [asdict(verdict) for verdict in verdicts],
        "alarms": [asdict(alarms) for alarms in alarms_of(run)],
        "findings": [asdict(finding) for finding in run.findings],
        "doubts": run.doubts,
    }
    table = selfbench_table(run, verdicts, colour=common.colour())
    click.echo(common.to_json(told) if as_json else f"{table}\npage: {kept}")
    return exit_code(run, verdicts, strict=True)
