"""`harness runs`: the runs that are kept, listed, shown, carried away, taken in and thinned out."""

from __future__ import annotations

import shutil
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from harness.verbs import common

if TYPE_CHECKING:
    from harness.summaries import Summary


@click.group()
def runs() -> None:
    """List runs, show one, export and import them, remove old ones.

    A run is a folder, and may be copied, merged and kept as an artefact of CI like any other.
    """


@runs.command("list")
@click.option("--verb", help="Only runs of this verb: bench.")
@click.option("--bundle", help="Only runs of this bundle: reference.")
@click.option("--branch", help="Only runs of this git branch.")
@common.reports
@common.as_json
def list_(
    verb: str | None, bundle: str | None, branch: str | None, reports: str, as_json: bool
) -> None:
    """List the runs that are kept, the newest last."""
    from harness.notes import baselines
    from harness.report.runs_table import runs_table

    wanted = {"verb": verb, "bundle": bundle, "branch": branch}
    asked = {key: value for key, value in wanted.items() if value is not None}
    found = [
        one
        for one in _summaries(Path(reports))
        if all(getattr(one, key) == value for key, value in asked.items())
    ]
    names = baselines(Path(reports))
    told = [
        {**_head(one), "baselines": [n for n, run in names.items() if run == one.id]}
        for one in found
    ]
    click.echo(common.to_json(told) if as_json else runs_table(found, names, common.colour()))


@runs.command()
@click.argument("run")
@common.reports
@common.as_json
def show(run: str, reports: str, as_json: bool) -> None:
    """Show a run's figures, and every decision that was issued about it."""
    from harness.report.keeping import summary_of
    from harness.report.runs_table import run_text
    from harness.summaries import read_decisions

    folder = common.find(reports, run)
    found, decisions = summary_of(folder), read_decisions(folder)
    told = {**asdict(found), "decisions": [asdict(one) for one in decisions]}
    click.echo(common.to_json(told) if as_json else run_text(found, decisions, common.colour()))


@runs.command()
@click.argument("run")
@click.argument("to", type=click.Path(path_type=Path), default=Path())
@click.option("--csv", "as_csv", is_flag=True, help="Every sample as a row of a CSV file instead.")
@common.reports
def export(run: str, to: Path, as_csv: bool, reports: str) -> None:
    """Write RUN into the file or folder TO: a .tar.gz of it, or its samples as CSV."""
    from harness.archive import export_run
    from harness.report.table_files import samples_csv
    from harness.store import read_run

    folder = common.find(reports, run)
    if as_csv:
        to = to / f"{folder.name}.csv" if to.is_dir() else to
        common.write(to, samples_csv(read_run(folder)))
    else:
        to = export_run(folder, to)
    click.echo(to)


@runs.command("import")
@click.argument("sources", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@common.reports
def import_(sources: tuple[Path, ...], reports: str) -> None:
    """Take in runs from elsewhere: folders, exported files, JSON files of pytest-benchmark."""
    from harness.archive import import_runs

    for source in sources:
        taken, known = import_runs(source, common.runs_folder(reports))
        for name in taken:
            click.echo(f"{name}  taken in")
        for name in known:
            click.echo(f"{name}  was there already")


@runs.command()
@click.option("--keep", type=click.IntRange(min=1), help="Keep so many of the newest.")
@click.option("--older", type=click.IntRange(min=1), metavar="DAYS", help="Only older ones.")
@click.option("--yes", is_flag=True, help="Remove them; without it they are only named.")
@common.reports
def prune(keep: int | None, older: int | None, yes: bool, reports: str) -> None:
    """Remove old runs, never one that a baseline or an accepted change names."""
    from harness.notes import accepted, baselines
    from harness.store import journals

    if keep is None and older is None:
        raise click.UsageError("say what goes: --keep N, --older DAYS, or both")
    place = Path(reports)
    named = {*baselines(place).values(), *(one.run for one in accepted(place))}
    folders = journals(common.runs_folder(reports))
    since = f"{datetime.now(UTC) - timedelta(days=older or 0):%Y%m%dT%H%M%SZ}"
    gone = [
        folder
        for folder in folders[: -keep if keep else None]
        if folder.name not in named and (older is None or folder.name < since)
    ]
    for folder in gone:
        if yes:
            shutil.rmtree(folder)
        click.echo(f"{folder.name}  {'removed' if yes else 'would be removed'}")
    click.echo(f"{len(gone)} of {len(folders)} runs. {'' if yes else 'Add --yes to remove them.'}")


def _summaries(reports: Path) -> list[Summary]:
    from harness.report.keeping import summary_of
    from harness.store import journals

    return [summary_of(folder) for folder in journals(common.runs_folder(str(reports)))]


def _head(one: Summary) -> dict[str, object]:
    told = asdict(one)
    return {key: told[key] for key in told if key not in ("figures", "ceilings", "place")}
