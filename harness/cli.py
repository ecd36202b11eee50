"""The verbs of the command line. Each says in its exit code what it found:

0 passed, 1 a budget or rule is missed, 2 could not work, 3 not proven.
"""

from __future__ import annotations

import json
import math
import os
import sys
import traceback
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harness.errors import ConfigError, HarnessError

if TYPE_CHECKING:  # each verb imports what it needs, so that `--help` stays quick
    from harness.records import Budget, Run, Verdict

REFERENCE = "config/reference.yaml"
PASSED, MISSED, COULD_NOT_WORK, NOT_PROVEN = 0, 1, 2, 3

# How pytest runs a suite here: its own output off, nothing written but the run, whatever the
# project's settings for its own tests are.
PYTEST = [
    *("-p", "no:terminal", "-p", "no:cacheprovider", "--capture=no", "--import-mode=importlib"),
    *("-o", "addopts=", "-o", "filterwarnings=default"),
]
NOTHING = {  # why there is no run, by pytest's exit code
    0: "Every test was skipped before it measured anything.",
    1: "A test failed before anything was measured.",
    2: "Interrupted before anything was measured.",
    3: "pytest failed inside; see above.",
    4: "pytest could not be used as asked; see above.",
    5: "No test fits. Give another -k, or none.",
}


class Verbs(click.Group):
    """A group that prints what the harness raises as one paragraph, and never ends with 1 for it.

    A traceback is for mistakes in the harness itself.
    """

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except HarnessError as error:
            click.echo(f"harness: {error}", err=True)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception:
            traceback.print_exc()
        sys.exit(COULD_NOT_WORK)


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="sarai-harness")
def main() -> None:
    """Is the speech pipeline whole, quick, small and right?

    Exit codes: 0 passed, 1 a budget or rule is missed, 2 could not work (or was interrupted),
    3 not proven.
    """


def _gate(command: Any) -> Any:
    """The options that bench and validate share."""
    for option in (
        click.argument("pytest_args", nargs=-1, type=click.UNPROCESSED),
        click.option("--json", "as_json", is_flag=True, help="Print the result as JSON."),
        click.option("-k", "select", metavar="EXPR", help="Only tests that fit, as in pytest."),
        click.option("--quick", is_flag=True, help="Fewer runs and clips (`quick` in suite.yaml)."),
        click.option(
            "--reports", default="reports", show_default=True, help="Where runs are kept."
        ),
        click.option(
            "--config", default=REFERENCE, show_default=True, help="The pipeline's config file."
        ),
    ):
        command = option(command)
    return command


@main.command()
@_gate
@click.option("--strict", is_flag=True, help="End with 3, not 0, when something is not proven.")
def bench(strict: bool, **given: Any) -> None:
    """Measure time, memory and accuracy against the budgets.

    What follows `--` goes to pytest: harness bench -- --junitxml=report.xml
    """
    sys.exit(_run("bench", "benchmarks", strict=strict, **given))


@main.command()
@_gate
def validate(**given: Any) -> None:
    """Check files, contract and accuracy, as before a release."""
    sys.exit(_run("validate", "validation", strict=True, **given))


@main.command()
@click.argument("run")
@click.option("--config", help="Judge by the budgets beside this config. Default: the run's own.")
@click.option("--reports", default="reports", show_default=True, help="Where runs are kept.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def report(run: str, config: str | None, reports: str, as_json: bool) -> None:
    """Judge a stored run by today's budgets and draw its page again.

    RUN is a folder, an id or the start of one, `latest`, or `latest~1` for the one before.
    """
    from harness.config import read_settings
    from harness.judge.verdicts import judge_all
    from harness.report.page import page
    from harness.store import find_run, keep_page, read_run

    folder = find_run(_runs(reports), run)
    found = read_run(folder)
    budgets = read_settings(Path(config or found.config)).budgets
    verdicts = judge_all(_judged_then(budgets, found), found)
    _show(found, verdicts, keep_page(folder, page(found, verdicts)), as_json=as_json)


@main.command(short_help="Say what changed between two runs.")
@click.argument("old")
@click.argument("new")
@click.option("--anyway", is_flag=True, help="Compare runs made under unlike conditions.")
@click.option("--reports", default="reports", show_default=True, help="Where runs are kept.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def compare(old: str, new: str, anyway: bool, reports: str, as_json: bool) -> None:
    """Say what changed from run OLD to run NEW, named as in `harness report`."""
    from harness.judge.compare import compare as compared
    from harness.report.terminal import comparison_table
    from harness.store import find_run, read_run

    first, second = (read_run(find_run(_runs(reports), name)) for name in (old, new))
    comparison = compared(first, second, anyway=anyway)
    changes = [asdict(change) for change in comparison.changes]
    told = {"old": first.id, "new": second.id, "unlike": comparison.unlike, "changes": changes}
    click.echo(_json(told) if as_json else comparison_table(comparison, colour=_colour()))


def _run(
    verb: str,
    folder: str,
    *,
    config: str,
    reports: str,
    quick: bool,
    strict: bool,
    select: str | None,
    as_json: bool,
    pytest_args: tuple[str, ...],
) -> int:
    """Run the suite in `folder` by pytest, show what came of it, and return the exit code."""
    import pytest

    from harness.config import read_settings
    from harness.plugin import RunPlugin

    settings = read_settings(Path(config), quick=quick)
    if not Path(folder).is_dir():
        raise ConfigError(f"{folder}/: no such folder. Run from the project's folder.")
    plugin = RunPlugin(settings, verb=verb, runs=_runs(reports), say=_tell)
    chosen = ["-k", select] if select else []
    ended = pytest.main([folder, *PYTEST, *chosen, *pytest_args], plugins=[plugin])
    if plugin.run:
        _show(plugin.run, plugin.verdicts, plugin.page, as_json=as_json)
    if plugin.problem or not plugin.run:
        click.echo(f"harness: {plugin.problem or NOTHING[int(ended)]}", err=True)
        return COULD_NOT_WORK
    return exit_code(plugin.run, plugin.verdicts, strict=strict)


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


def _show(run: Run, verdicts: tuple[Verdict, ...], page: Path | None, *, as_json: bool) -> None:
    from harness.judge.gate import decide
    from harness.report.terminal import closing_table

    gate = decide(run, verdicts)
    told = {
        "run": run.id,
        "page": str(page or ""),
        "decision": gate.decision,
        "sentence": gate.sentence,
        "verdicts": [asdict(verdict) for verdict in verdicts],
        "findings": [asdict(finding) for finding in run.findings],
        "doubts": run.doubts,
    }
    click.echo(
        _json(told) if as_json else f"{closing_table(run, verdicts)}\npage: {page or 'none'}"
    )


def _judged_then(budgets: Sequence[Budget], run: Run) -> tuple[Budget, ...]:
    """Today's rows of the kinds that the run was made for: a validate run has no latencies."""
    kinds = {row["metric"].split(".")[0] for row in run.facts.get("budgets", ())}
    return tuple(budget for budget in budgets if budget.metric.split(".")[0] in kinds)


def _colour() -> bool:
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ


def _runs(reports: str) -> Path:
    return Path(reports) / "runs"


def _tell(text: str) -> None:
    """What happens now, beside the result: standard output holds the result alone."""
    click.echo(text, err=True)


def _json(value: Any) -> str:
    return json.dumps(_finite(value), ensure_ascii=False, indent=2)


def _finite(value: Any) -> Any:
    """`value` with null for what JSON has no number for: the open end of a bound."""
    if isinstance(value, dict):
        return {key: _finite(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
