"""`harness ab`: two pipelines compared, interleaved process by process."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from harness.verbs import common
from harness.verbs.common import COULD_NOT_WORK, MISSED, NOT_PROVEN, PASSED
from harness.verbs.gate import refusals

if TYPE_CHECKING:
    from harness.judge.arms import Answer
    from harness.records import Run


@click.command(short_help="Compare two pipelines, interleaved.")
@click.option("--a", "first", metavar="WHAT", help="Baseline: a config file, or git:REVISION.")
@click.option("--b", "second", metavar="WHAT", help="What is compared with it, named likewise.")
@click.option("--a-python", metavar="PATH", help="Interpreter of a: its environment's packages.")
@click.option("--b-python", metavar="PATH", help="Interpreter of b.")
@click.option(
    "--processes", type=click.IntRange(min=3), help="Processes an arm. Default: suite.yaml's."
)
@click.option("--quick", is_flag=True, help="Fewer processes and clips (`quick` in suite.yaml).")
@common.config
@common.reports
@common.as_json
def ab(
    first: str | None,
    second: str | None,
    a_python: str | None,
    b_python: str | None,
    processes: int | None,
    quick: bool,
    config: str,
    reports: str,
    as_json: bool,
) -> None:
    """Compare two pipelines: is b faster, slower, lighter, heavier, better or worse than a?

    A side is a config file, or a git revision in a worktree and an environment of its own
    (git:main; its config is the one at --config in that revision), or either of them under another
    interpreter. What is not named is --config as it is in the current folder.

    Ends with 0 when nothing that decides is worse, 1 when something is or a process failed, 2 when
    a clip was refused, 3 when it cannot tell.
    """
    from harness.config import read_settings
    from harness.run.ab import compare_sides
    from harness.run.sides import GIT, Wanted

    base = Path(config if first is None or first.startswith(GIT) else first)
    settings = read_settings(base, quick=quick, judged=False)
    part = common.section(settings.suite.ab, "ab", base)
    if processes is not None:
        part = part.model_copy(update={"processes": processes})
    wanted = tuple(
        Wanted(name=name, pipeline=given or config, config=Path(config), python=python)
        for name, given, python in (("a", first, a_python), ("b", second, b_python))
    )
    runs = common.runs_folder(reports)
    folder, run = compare_sides(wanted, settings, part, runs=runs, say=common.tell)
    sys.exit(show(run, folder, as_json=as_json))


def show(run: Run, folder: Path, *, as_json: bool) -> int:
    """Draw the page of an A/B run, print what came of it, and return the exit code."""
    from harness.judge.arms import judge_sides
    from harness.report.ab_rows import answer_sentence
    from harness.report.ab_table import ab_table
    from harness.report.page import page
    from harness.store import keep_page

    sides, kept = judge_sides(run), keep_page(folder, page(run, ()))
    told = {
        "run": run.id,
        "page": str(kept),
        "answer": sides.answer,
        "sentence": answer_sentence(run, sides),
        "sides": run.facts.get("sides", {}),
        "differences": [asdict(difference) for difference in sides.differences],
        "heard": [asdict(change) for change in sides.heard],
        "tainted": sides.tainted,
        "findings": [asdict(finding) for finding in run.findings],
        "doubts": run.doubts,
    }
    table = ab_table(run, sides, colour=common.colour())
    click.echo(common.to_json(told) if as_json else f"{table}\npage: {kept}")
    if refused := refusals(run):
        click.echo(f"harness: {' '.join(refused)}", err=True)
        return COULD_NOT_WORK
    return exit_code(sides.answer)


def exit_code(answer: Answer) -> int:
    """0 nothing is worse, 1 something is or a process failed, 3 it cannot tell."""
    from harness.judge.arms import Answer

    match answer:
        case Answer.SAME | Answer.BETTER:
            return PASSED
        case Answer.UNKNOWN:
            return NOT_PROVEN
        case Answer.WORSE | Answer.BROKEN:
            return MISSED
