"""`harness bench` and `harness validate`: a suite run by pytest, judged, and shown."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harness.errors import ConfigError, StoreError
from harness.verbs import common
from harness.verbs.common import COULD_NOT_WORK, MISSED, NOT_PROVEN, PASSED
from harness.verbs.outputs import outputs, write_outputs

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harness.records import Budget, Run, Verdict
    from harness.run.recording import Recording

# How pytest runs a suite here: its own output off, nothing written but the run, whatever the
# project's settings for its own tests are.
PYTEST = [
    *("-p", "no:terminal", "-p", "no:cacheprovider", "--capture=no", "--import-mode=importlib"),
    *("-o", "addopts=", "-o", "filterwarnings=default"),
]
FEW = 3  # refused clips that are told one by one
NOTHING = {  # why there is no run, by pytest's exit code
    0: "Every test was skipped before it measured anything.",
    1: "A test failed before anything was measured.",
    2: "Interrupted before anything was measured.",
    3: "pytest failed inside; see above.",
    4: "pytest could not be used as asked; see above.",
    5: "No test fits. Give another -k, or none.",
}


def _gate(command: Any) -> Any:
    """The options that bench and validate share."""
    for option in (
        click.argument("pytest_args", nargs=-1, type=click.UNPROCESSED),
        common.as_json,
        click.option("-k", "select", metavar="EXPR", help="Only tests that fit, as in pytest."),
        click.option("--quick", is_flag=True, help="Fewer runs and clips (`quick` in suite.yaml)."),
        outputs,
        common.reports,
        common.config,
    ):
        command = option(command)
    return command


@click.command()
@_gate
@click.option("--strict", is_flag=True, help="End with 3, not 0, when something is not proven.")
@click.option(
    "--wait-quiet",
    type=click.FloatRange(min=0),
    metavar="SECONDS",
    help="Wait at most so long for a quiet machine before measuring.",
)
def bench(strict: bool, **given: Any) -> None:
    """Measure time, memory and accuracy against the budgets.

    What follows `--` goes to pytest: harness bench -- --maxfail=1
    """
    sys.exit(_run("bench", "benchmarks", strict=strict, **given))


@click.command()
@_gate
@click.option(
    "--full", is_flag=True, help="Every clip, whatever suite.yaml says of this bundle alone."
)
def validate(**given: Any) -> None:
    """Check files, contract and accuracy, as before a release."""
    sys.exit(_run("validate", "validation", strict=True, **given))


def _run(
    verb: str,
    folder: str,
    *,
    config: str,
    reports: str,
    quick: bool,
    strict: bool,
    full: bool = False,
    select: str | None,
    as_json: bool,
    pytest_args: tuple[str, ...],
    wait_quiet: float | None = None,
    **written: Any,
) -> int:
    """Run the suite in `folder` by pytest, show what came of it, and return the exit code."""
    import pytest

    from harness.config import read_settings
    from harness.plugin import RunPlugin

    if quick and full:
        raise click.UsageError("--quick and --full exclude each other")
    settings = read_settings(Path(config), quick=quick, full=full)
    if not Path(folder).is_dir():
        raise ConfigError(f"{folder}/: no such folder. Run from the project's folder.")
    if wait_quiet is not None:
        from harness.measure.noise import wait_for_quiet

        wait_for_quiet(wait_quiet, common.tell)
    plugin = RunPlugin(settings, verb=verb, runs=common.runs_folder(reports), say=common.tell)
    chosen = ["-k", select] if select else []
    ended = pytest.main([folder, *PYTEST, *chosen, *pytest_args], plugins=[plugin])
    if plugin.run:
        show(plugin.run, plugin.verdicts, plugin.page, as_json=as_json)
        write_outputs(plugin.run, plugin.verdicts, plugin.page, **written)
        _redraw(Path(reports))
    if plugin.problem or not plugin.run:
        click.echo(f"harness: {plugin.problem or NOTHING[int(ended)]}", err=True)
        return COULD_NOT_WORK
    return conclude(plugin.run, plugin.verdicts, strict=strict)


def _redraw(reports: Path) -> None:
    """Draw the history anew: a quarter of a second for 20 runs. Without it the run is as good."""
    from harness.report.history_page import keep_history, read_history

    try:
        common.tell(f"history: {keep_history(reports, read_history(reports))}")
    except StoreError as error:
        common.tell(f"the history was not drawn: {error}")


def judged(recording: Recording, budgets: Iterable[Budget], *, as_json: bool) -> int:
    """Judge a run that was just recorded, keep its page, show it, and return the exit code."""
    from harness.judge.verdicts import judge_all

    run = recording.run
    verdicts = judge_all(budgets, run)
    draw(run, verdicts, recording.folder, as_json=as_json)
    return conclude(run, verdicts, strict=True)


def draw(run: Run, verdicts: tuple[Verdict, ...], folder: Path, *, as_json: bool) -> Path:
    """Keep the page of a run, show the run, and return the page's path.

    The run is shown where the page cannot be kept, too.

    Raises:
        StoreError: the page cannot be written.
    """
    from harness.report.keeping import keep_judged

    try:
        kept = keep_judged(folder, run, verdicts)
    except StoreError:
        show(run, verdicts, None, as_json=as_json)
        raise
    show(run, verdicts, kept, as_json=as_json)
    return kept


def conclude(run: Run, verdicts: tuple[Verdict, ...], *, strict: bool) -> int:
    """Return the exit code, and tell first what the pipeline refused: then nothing is judged."""
    if refused := refusals(run):
        told = " ".join(f"{detail}." for detail in refused[:FEW])
        more = len(refused) - FEW
        told += f" So do {more} more; the page lists them." if more > 0 else ""
        remedy = "These are not measured; all else is kept. Mend the pipeline, or the set."
        click.echo(f"harness: {told} {remedy}", err=True)
        return COULD_NOT_WORK
    return exit_code(run, verdicts, strict=strict)


def refusals(run: Run) -> tuple[str, ...]:
    """Return each request that ended with an exception of the pipeline: its clip is not measured.

    What was measured beside it stands in the run.
    """
    from harness.measure.keeper import ANSWERS

    found = (f.detail for f in run.findings if f.rule == ANSWERS and not f.holds)
    return tuple(dict.fromkeys(detail.rstrip(".") for detail in found))


def exit_code(run: Run, verdicts: tuple[Verdict, ...], *, strict: bool) -> int:
    """0 passed, 1 missed, 3 not proven (without `strict`: 0, as a noisy machine is no defect)."""
    from harness.judge.gate import Decision, decide

    match decide(run, verdicts).decision:
        case Decision.PASSED:
            return PASSED
        case Decision.MISSED:
            return MISSED
        case Decision.NOT_PROVEN:
            return NOT_PROVEN if strict else PASSED


def show(run: Run, verdicts: tuple[Verdict, ...], page: Path | None, *, as_json: bool) -> None:
    """Print what came of a run."""
    from harness.judge.claims import judge_claims
    from harness.judge.gate import decide
    from harness.judge.growth import growth_of
    from harness.judge.serving import serving
    from harness.judge.shapes import shapes_of
    from harness.report.claims_table import claims_table
    from harness.report.load_table import load_table
    from harness.report.soak_table import soak_table
    from harness.report.terminal import closing_table

    gate, grown, rate = decide(run, verdicts), growth_of(run), serving(run)
    claims = [
        {"claim": one.claim.text, "word": one.word, "sentence": one.sentence}
        for one in judge_claims(run)
    ]
    told = {
        "run": run.id,
        "page": str(page or ""),
        "decision": gate.decision,
        "sentence": gate.sentence,
        "verdicts": [asdict(verdict) for verdict in verdicts],
        "findings": [asdict(finding) for finding in run.findings],
        "doubts": run.doubts,
        **({"claims": claims} if claims else {}),
        **({"growth": asdict(grown)} if grown else {}),
        **({"shapes": list(map(asdict, shapes_of(run)))} if shapes_of(run) else {}),
        **({"highest_rate": asdict(rate)} if rate else {}),
    }
    tables = f"{load_table(run)}{soak_table(run)}{closing_table(run, verdicts)}{claims_table(run)}"
    click.echo(common.to_json(told) if as_json else f"{tables}\npage: {page or 'none'}")
