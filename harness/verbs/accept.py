"""`harness accept`: a change of a figure that is meant."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime
from pathlib import Path

import click

from harness.verbs import common


@click.command()
@click.argument("run")
@click.option("--metric", required=True, metavar="M", help="Which figure: latency.end_to_end.")
@click.option("--because", required=True, metavar="TEXT", help="Why the change is meant.")
@common.reports
def accept(run: str, metric: str, because: str, reports: str) -> None:
    """Accept that METRIC changed with RUN: later runs are held against it and those after it.

    Budgets stay as they are: an accepted change that misses one still misses it.
    """
    from harness.errors import StoreError
    from harness.notes import Accepted
    from harness.notes import accept as keep
    from harness.report.keeping import summary_of
    from harness.strict import nearest

    found = summary_of(common.find(reports, run))
    metrics = sorted({figure.metric for figure in found.figures})
    if metric not in metrics:
        raise StoreError(f"{found.id}: no figure {metric!r} in it.{nearest(metric, metrics)}")
    if not because.strip():
        raise click.UsageError("--because is empty: say why the change is meant")
    now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    given = Accepted(run=found.id, metric=metric, because=because.strip(), at=now, by=_who())
    keep(Path(reports), given)
    click.echo(f"{metric} is accepted from {found.id} on: {given.because}")


def _who() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""
