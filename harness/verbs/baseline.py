"""`harness baseline`: names for runs that others are held against."""

from __future__ import annotations

from pathlib import Path

import click

from harness.verbs import common


@click.group()
def baseline() -> None:
    """Name a run, so that others can be held against it: harness compare v2.16.1 latest."""


@baseline.command("set")
@click.argument("name")
@click.argument("run")
@common.reports
def set_(name: str, run: str, reports: str) -> None:
    """Call RUN by NAME from now on."""
    from harness.notes import set_baseline
    from harness.store import read_run

    found = read_run(common.find(reports, run))
    if not found.complete:
        raise click.UsageError(f"{found.id} was interrupted; a baseline is a run that ended")
    set_baseline(Path(reports), name, found.id)
    click.echo(f"{name} is {found.id}")


@baseline.command("list")
@common.reports
@common.as_json
def list_(reports: str, as_json: bool) -> None:
    """List the names and their runs."""
    from harness.notes import baselines

    known = baselines(Path(reports))
    lines = [f"{name}  {run}" for name, run in sorted(known.items())]
    click.echo(common.to_json(known) if as_json else "\n".join(lines) or "No baseline was set.")


@baseline.command()
@click.argument("name")
@common.reports
def remove(name: str, reports: str) -> None:
    """Take NAME back; its run stays."""
    from harness.notes import set_baseline

    set_baseline(Path(reports), name, None)
    click.echo(f"{name} is no baseline any more")
