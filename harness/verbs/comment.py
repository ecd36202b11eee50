"""`harness comment`: what a pull request is told of a run, and of what changed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from harness.verbs import common
from harness.verbs.stored import fitting

if TYPE_CHECKING:
    from harness.records import Run, Verdict
    from harness.report.compared import Compared

GATES = ("bench", "validate")


@click.command()
@click.argument("run")
@click.option("--against", metavar="NAME", help="A baseline or run. Default: found by the rule.")
@click.option("--config", help="Judge by the budgets beside this config. Default: the run's own.")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write it to this file. Default: print it.",
)
@common.reports
def comment(
    run: str, against: str | None, config: str | None, output: Path | None, reports: str
) -> None:
    """Write a pull request's comment about a run of bench or validate, as Markdown.

    What it came to, what failed with the command that repeats it, and what changed since the
    baseline: the newest named one of the same bundle, verb, setting and machine class, else the
    newest earlier complete run of them. Without one it says so. It ends with 0 whatever it tells:
    the run itself gated.
    """
    from harness.report.comment import comment as written
    from harness.store import PAGE, read_run

    folder = common.find(reports, run)
    found = read_run(folder)
    if found.verb not in GATES:
        raise click.UsageError(
            f"{found.id} is of {found.verb}; expected a run of bench or validate"
        )
    with fitting(folder):
        judged, verdicts = _judged(found, config)
        compared, about = _beside(folder, judged, against, reports)
        page = folder / PAGE
        text = written(judged, verdicts, compared, about, str(page) if page.is_file() else "")
    if output:
        common.write(output, text)
    else:
        click.echo(text, nl=False)


def _judged(run: Run, config: str | None) -> tuple[Run, tuple[Verdict, ...]]:
    """Today's verdicts; those of the budgets that the run was made for, where no config is here."""
    from harness.config import read_settings
    from harness.judge.likeness import budgets_then
    from harness.judge.verdicts import judge_all
    from harness.verbs.report import judged_again

    if config is None and not Path(run.config).is_file():
        return run, judge_all(budgets_then(run), run)
    return judged_again(run, read_settings(Path(config or run.config)))


def _beside(
    folder: Path, run: Run, against: str | None, reports: str
) -> tuple[Compared | None, str]:
    """The run beside its baseline, and which that is; None and why there is none."""
    from harness.errors import StoreError, UnlikeRunsError
    from harness.report.baseline import find_baseline
    from harness.report.compared import compare_stored
    from harness.store import read_run

    at, about = None, ""
    try:
        if against is None:
            baseline = find_baseline(folder, run)
            about = baseline.sentence
            at = folder.resolve().parent / baseline.run.id if baseline.run else None
        else:
            at = common.find(reports, against)
            about = f"Against {against}: {at.name}."
        if at is None:
            return None, about
        return compare_stored(at, folder, (read_run(at), run), anyway=False), about
    except StoreError as error:
        return None, f"No baseline: {error} The budgets alone decide."
    except UnlikeRunsError as error:
        return None, f"{about} It is not compared: {error} The budgets alone decide."
