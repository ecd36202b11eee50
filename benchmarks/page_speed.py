"""How long the page of a stored run takes: `python -m benchmarks.page_speed RUN [--rounds 5]`.

Each round is a process of its own, as after a run: it reads and judges the run, and then draws the
page, which alone is timed, the imports of the drawing library before it apart. Ends with 1 when
the quickest round took longer than the limit: what else the machine does can only add to it, so
that a failure on a busy machine says nothing, which is why the load is told.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

import click

from harness.report.tables import Row, drawn, table
from harness.units import Unit, show

LIMIT = 2.0  # seconds for the page of a full run
LARGEST = 3_000_000  # bytes of it


@click.command()
@click.argument("run", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--rounds", type=click.IntRange(1, 100), default=5, show_default=True)
@click.option("--inside", is_flag=True, hidden=True)
def main(run: Path, rounds: int, inside: bool) -> None:
    """Time the page of the run in the folder RUN."""
    if inside:
        click.echo(json.dumps(_page(run)))
        return
    again = [sys.executable, "-m", "benchmarks.page_speed", str(run), "--inside"]
    taken = [
        json.loads(subprocess.run(again, check=True, capture_output=True, text=True).stdout)
        for _ in range(rounds)
    ]
    keys = ("imports", "cpu", "wall")
    rows: list[Row] = [
        ((str(n), *(show(one[key], Unit.SECONDS) for key in keys)), "none")
        for n, one in enumerate(taken, start=1)
    ]
    heads = ("Round", "Imports, CPU", "Page, CPU", "Page, wall")
    click.echo(drawn([table(heads, rows)], colour=False), nl=False)
    least, size = min(one["wall"] for one in taken), taken[0]["bytes"]
    within = least <= LIMIT and size <= LARGEST
    click.echo(
        f"At best {show(least, Unit.SECONDS)} for {show(size, Unit.BYTES)}: "
        f"{'within' if within else 'not within'} {show(LIMIT, Unit.SECONDS)} and "
        f"{show(LARGEST, Unit.BYTES)}. CPU in the median "
        f"{show(median(one['cpu'] for one in taken), Unit.SECONDS)}; load average "
        f"{os.getloadavg()[0]:.1f} on {os.cpu_count()} cores."
    )
    sys.exit(0 if within else 1)


def _page(folder: Path) -> dict[str, float]:
    """Draw the page once; CPU is of the drawing thread, beside which others copy audio."""
    from harness.judge.likeness import budgets_then
    from harness.judge.verdicts import judge_all
    from harness.store import read_run

    run = read_run(folder)
    verdicts = judge_all(budgets_then(run), run)
    begun = time.thread_time()
    from harness.report.baseline import find_baseline
    from harness.report.page import page

    cpu, wall = time.thread_time(), time.perf_counter()
    html = page(run, verdicts, find_baseline(folder, run))
    return {
        "imports": cpu - begun,
        "cpu": time.thread_time() - cpu,
        "wall": time.perf_counter() - wall,
        "bytes": len(html.encode()),
    }


if __name__ == "__main__":
    main()
