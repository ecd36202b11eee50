"""`harness compare`: what changed between two stored runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from harness.verbs import common
from harness.verbs.conditions import trade_told
from harness.verbs.stored import fitting


@click.command(short_help="Say what changed between two runs.")
@click.argument("old")
@click.argument("new")
@click.option("--anyway", is_flag=True, help="Compare runs made under unlike conditions.")
@click.option(
    "--markdown",
    metavar="FILE",
    help="Append it as Markdown: $GITHUB_STEP_SUMMARY; - prints that in place of the table.",
)
@click.option(
    "--html",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write it as a page: one file that needs no network and no script.",
)
@click.option("--page", is_flag=True, help="Draw the page beside the newer run: compare-OLD.html.")
@common.reports
@common.as_json
def compare(
    old: str,
    new: str,
    anyway: bool,
    markdown: str | None,
    html: Path | None,
    page: bool,
    reports: str,
    as_json: bool,
) -> None:
    """Say what changed from run OLD to run NEW, named as in `harness report`.

    Every metric with its interval and verdict, budgets that moved, and clip by clip what is heard
    better or worse. Runs made under unlike conditions are refused, naming the condition.
    """
    from harness.judge.conditions import trade
    from harness.report.compare_markdown import compare_markdown
    from harness.report.compare_page import compare_page
    from harness.report.compared import compare_stored
    from harness.report.conditions_rows import trade_line
    from harness.store import read_run

    if as_json and markdown == "-":
        raise click.UsageError("--json and --markdown - exclude each other")
    folders = [common.find(reports, name) for name in (old, new)]
    first, second = map(read_run, folders)
    with fitting(*folders):
        found = compare_stored(folders[0], folders[1], (first, second), anyway=anyway)
        traded = trade(first, second, anyway=anyway)
        line = trade_line(traded) if traded else ""
        files = [html] if html else []
        files += [_beside(folders[1], first.id)] if page else []
        drawn = compare_page(found, line) if files else ""
        written = compare_markdown(found, line) if markdown else ""
    for file in files:
        common.write(file, drawn)
        common.tell(f"page: {file}")
    if markdown and markdown != "-":
        common.append(Path(markdown), written)
    click.echo(written if markdown == "-" else _shown(found, traded, as_json=as_json))


def _shown(found: Any, traded: Any, *, as_json: bool) -> str:
    """The comparison as the terminal shows it, or as JSON."""
    from harness.report.compare_table import compared_table
    from harness.report.compared import told
    from harness.report.conditions_table import trade_table

    if as_json:
        return common.to_json(told(found) | ({"trade": trade_told(traded)} if traded else {}))
    colour = common.colour()
    return compared_table(found, colour=colour) + (
        f"\n{trade_table(traded, colour=colour)}" if traded else ""
    )


def _beside(folder: Path, old: str) -> Path:
    """The page's place in the folder of a run."""
    name = "".join(sign if sign.isalnum() or sign in "._-" else "_" for sign in old)
    return (folder if folder.is_dir() else folder.parent) / f"compare-{name[:100]}.html"
