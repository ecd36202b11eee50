"""`harness selftest`: faults are planted, and the harness must tell of each."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from harness.verbs import common
from harness.verbs.common import MISSED, NOT_PROVEN, PASSED

if TYPE_CHECKING:
    from harness.faults import Fault, Row


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--list", "listed", is_flag=True, help="Name every fault, plant none.")
@common.as_json
def selftest(names: tuple[str, ...], listed: bool, as_json: bool) -> None:
    """Plant faults, all of them or those NAMEd, and see whether the harness tells of each.

    Each is planted in a project of its own in a temporary folder, and the verb that is to tell of
    it is run there as a user runs it; beside it stands the same project without the fault. Ends
    with 0 when all are caught, 1 where a fault is missed or a healthy project is alarmed at, 3
    where none is and one cannot be planted on this machine.
    """
    import tempfile
    from pathlib import Path

    from harness.faults import tried, with_controls
    from harness.report.faults_table import fault_lines, faults_sentence
    from harness.run.selftest import FAULTS

    chosen = with_controls(_chosen(names, FAULTS))
    if listed:
        click.echo("\n".join(f"{fault.name}: {fault.title}" for fault in FAULTS))
        sys.exit(PASSED)
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="harness-selftest-") as folder:
        for row in tried(chosen, Path(folder)):
            rows.append(row)
            click.echo(fault_lines(row, colour=common.colour()), err=as_json)
    sentence = faults_sentence(rows)
    told = {"sentence": sentence, "rows": [_told(row) for row in rows]}
    click.echo(common.to_json(told) if as_json else f"\n{sentence}")
    sys.exit(_exit_code(rows))


def _chosen(names: tuple[str, ...], faults: tuple[Fault[Any], ...]) -> list[Fault[Any]]:
    """Return the faults of these names; all where none is given."""
    from harness.strict import nearest

    known = {fault.name: fault for fault in faults}
    for name in names:
        if name not in known:
            raise click.UsageError(f"no fault {name!r}.{nearest(name, known)} See --list.")
    return [fault for fault in faults if not names or fault.name in names]


def _exit_code(rows: list[Row]) -> int:
    from harness.faults import BAD, Result

    if any(row.result in BAD for row in rows):
        return MISSED
    return NOT_PROVEN if any(row.result is Result.IMPOSSIBLE for row in rows) else PASSED


def _told(row: Row) -> dict[str, object]:
    return {
        "name": row.fault.name,
        "title": row.fault.title,
        "expected": [*row.fault.expect, *row.fault.notes],
        "result": row.result,
        "seen": row.seen,
        "seconds": row.seconds,
    }
