"""`harness history`: runs over months, and whether the newest fits in."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harness.verbs import common
from harness.verbs.common import MISSED, PASSED

if TYPE_CHECKING:
    from harness.judge.history import Series


@click.command()
@click.option("--config", help="Print what runs of this config say: config/reference.yaml.")
@click.option("--bundle", help="Print what runs of this bundle say: reference.")
@click.option("--strict", is_flag=True, help="End with 1 where the newest run is worse.")
@common.reports
@common.as_json
def history(
    config: str | None, bundle: str | None, strict: bool, reports: str, as_json: bool
) -> None:
    """Say how the newest run fits in, where levels moved, and draw reports/index.html.

    The page holds every run, whatever is printed. Ends with 0; with --strict, with 1 where a figure
    with a budget is worse than expected in the newest run and `harness accept` says nothing of it.
    """
    from harness.judge.history import WORSE
    from harness.report.collector import uncollected
    from harness.report.history_page import keep_history, read_history
    from harness.report.history_table import history_table

    with uncollected():
        found = read_history(Path(reports))
        page = keep_history(Path(reports), found)
    asked = {"config": config, "bundle": bundle}

    def fits(run: Any) -> bool:
        return all(value is None or getattr(run, key) == value for key, value in asked.items())

    shown = replace(
        found,
        runs=tuple(run for run in found.runs if fits(run)),
        series=tuple(one for one in found.series if fits(one.newest.run)),
    )
    worse = [one for one in shown.called if one.budgeted and one.word == WORSE]
    if as_json:
        told = {
            "newest": shown.newest.id if shown.newest else None,
            "page": str(page),
            "worse": [one.name for one in worse],
            "left_out": found.problems,
            "series": [_told(one) for one in shown.series],
        }
        click.echo(common.to_json(told))
    else:
        click.echo(f"{history_table(shown, colour=common.colour())}\npage: {page}")
    sys.exit(MISSED if strict and worse else PASSED)


def _told(one: Series) -> dict[str, Any]:
    bundle, verb, machine, quick = one.group
    return {
        "bundle": bundle,
        "verb": verb,
        "machine": machine,
        "quick": quick,
        "figure": one.name,
        "run": one.newest.run.id,
        "value": one.newest.value,
        "usual": one.usual,
        "expected": one.band,
        "chance": one.chance,
        "word": one.word,
        "values": {point.run.id: point.value for point in one.points},
        "shifts": [
            {
                "before": shift.before.id,
                "first": shift.first.id,
                "commits": [shift.before.commit, shift.first.commit],
                "old": shift.old,
                "new": shift.new,
                "change": shift.change,
                "worse": shift.worse,
                "accepted": shift.accepted,
            }
            for shift in one.shifts
        ],
    }
