"""What `harness feasible` prints: the machine's rates, the graph's work, the least per budget."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.records import Budget, Run
from harness.report import roof_rows
from harness.report.tables import Row, drawn, table

if TYPE_CHECKING:
    from rich.console import RenderableType


def feasible_table(run: Run, budgets: tuple[Budget, ...], *, colour: bool = False) -> str:
    """Return the tables of one run as text of at most 100 columns."""
    found = roof_rows.need_rows(budgets, run)
    parts: list[RenderableType] = [
        _opening(run, found),
        *_ceilings(run),
        *_needs(found),
        *(f"{text}" for text in (roof_rows.work_text(run),) if text),
        *roof_rows.sentences(budgets, run),
        *(f"DOUBT  {text}" for text in (*run.doubts, *roof_rows.refutations(budgets, run))),
        *(text for text in (roof_rows.boundless_text(budgets, run),) if text),
    ]
    return drawn(parts, colour)


def _opening(run: Run, found: tuple[roof_rows.NeedRow, ...]) -> str:
    missed = sum(row.outcome == "INFEASIBLE" for row in found)
    if missed:
        return (
            f"INFEASIBLE  {run.bundle}: {missed} of {len(found)} limits that have a least cannot "
            "be kept on this machine with this graph."
        )
    return f"FEASIBLE  {run.bundle}: no limit is below the least that this machine needs for it."


def _ceilings(run: Run) -> list[RenderableType]:
    rows: list[Row] = [
        ((row.title, row.best, row.typical, row.samples, row.how), "none")
        for row in roof_rows.ceiling_rows(run)
    ]
    heads = ("This machine", "highest", "median", "Samples", "By")
    return [roof_rows.ceiling_text(run), table(heads, rows)] if rows else []


def _needs(found: tuple[roof_rows.NeedRow, ...]) -> list[RenderableType]:
    rows: list[Row] = [
        ((r.title, r.limit, r.least, r.binds, r.measured, r.times, r.outcome), r.style)
        for r in found
    ]
    heads = ("Budget", "Limit", "Least", "Binds", "Measured", "Of least", "Verdict")
    return [table(heads, rows)] if rows else []
