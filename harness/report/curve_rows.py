"""Finished rows of the operating curve: what simulated gates said where the truth is known."""

from __future__ import annotations

from dataclasses import dataclass

from harness.judge.curve import Cell
from harness.judge.selfbench import cells_of
from harness.records import Run
from harness.report import names
from harness.units import Unit, show

HEADS = ("Between", "Over the limit", "PASS", "of gates", "FAIL", "of gates", "Open", "Runs")
METHOD = (
    "Between: share of the variance between processes. Over the limit: share of all runs. Open: "
    "NOT PROVEN after 400 runs. Runs: taken on average. Intervals are exact, at 95 %."
)


@dataclass(frozen=True, kw_only=True)
class CurveRow:
    """What the gates of one cell said."""

    share: str  # of the variance, between processes
    rate: str  # of the runs, over the limit
    passed: str
    passed_interval: str  # exact, of the share of the gates
    failed: str
    failed_interval: str
    not_proven: str
    runs: str  # taken by a gate on average


def curve_rows(run: Run) -> tuple[CurveRow, ...]:
    """Return a row for each cell; () when no curve was simulated."""
    return tuple(_row(cell) for cell in cells_of(run))


def curve_sentence(run: Run) -> str:
    """Say what was simulated, and how often it is wrong at most; "" without cells."""
    cells = cells_of(run)
    if not cells:
        return ""
    passes = max(cell.false_passes / cell.gates for cell in cells)
    fails = max(cell.false_fails / cell.gates for cell in cells)
    return (
        f"{cells[0].gates} gates on p95 were simulated in each cell. Where 5 % of the runs or more "
        f"are over the limit, at most {show(passes, Unit.RATIO)} of them pass; where 5 % or fewer "
        f"are, at most {show(fails, Unit.RATIO)} fail."
    )


def _row(cell: Cell) -> CurveRow:
    return CurveRow(
        share=show(cell.share, Unit.RATIO),
        rate=show(cell.rate, Unit.RATIO),
        passed=str(cell.passed),
        passed_interval=names.interval_text(cell.interval(cell.passed), Unit.RATIO),
        failed=str(cell.failed),
        failed_interval=names.interval_text(cell.interval(cell.failed), Unit.RATIO),
        not_proven=str(cell.not_proven),
        runs=show(cell.runs, Unit.COUNT),
    )
