"""The table of a soak in the terminal."""

from __future__ import annotations

from harness.records import Run
from harness.report.soak_rows import soak_rows, soak_sentence
from harness.report.tables import Row, drawn, table

HEADS = ("Soak", "Requests", "First round", "Last", "Anon", "File", "Per request", "95 % interval")


def soak_table(run: Run, *, colour: bool = False) -> str:
    """Return every process with its growth; "" without a soak."""
    found: list[Row] = [
        ((r.title, r.requests, r.first, r.last, r.anon, r.file, r.slope, r.interval), "none")
        for r in soak_rows(run)
    ]
    return drawn([table(HEADS, found), soak_sentence(run)], colour) + "\n" if found else ""
