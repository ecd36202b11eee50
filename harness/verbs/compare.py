"""`harness compare`: what changed between two stored runs."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click

from harness.verbs import common
from harness.verbs.conditions import trade_told
from harness.verbs.stored import fitting


@click.command(short_help="Say what changed between two runs.")
@click.argument("old")
@click.argument("new")
@click.option("--anyway", is_flag=True, help="Compare runs made under unlike conditions.")
@common.reports
@common.as_json
def compare(old: str, new: str, anyway: bool, reports: str, as_json: bool) -> None:
    """Say what changed from run OLD to run NEW, named as in `harness report`."""
    from harness.judge.compare import compare as compared
    from harness.judge.conditions import trade
    from harness.report.conditions_table import trade_table
    from harness.report.terminal import comparison_table
    from harness.store import read_run

    folders = [common.find(reports, name) for name in (old, new)]
    first, second = map(read_run, folders)
    with fitting(*folders):
        comparison = compared(first, second, anyway=anyway)
        traded, colour = trade(first, second, anyway=anyway), common.colour()
    changes = [asdict(change) for change in comparison.changes]
    told: dict[str, Any] = {
        "old": first.id,
        "new": second.id,
        "unlike": comparison.unlike,
        "changes": changes,
    }
    told |= {"trade": trade_told(traded)} if traded else {}
    table = comparison_table(comparison, colour=colour)
    table += f"\n{trade_table(traded, colour=colour)}" if traded else ""
    click.echo(common.to_json(told) if as_json else table)
