"""The table of a load in the terminal."""

from __future__ import annotations

from harness.records import Run
from harness.report.load_rows import load_rows, load_sentence
from harness.report.tables import Row, drawn, table

HEADS = ("Load", "Answered", "RTF", "p50", "p95", "p95 bound", "p99", "Busy", "Verdict")


def load_table(run: Run, *, colour: bool = False) -> str:
    """Return every shape with its throughput, latency and RTF; "" without a load."""
    found: list[Row] = [
        (
            (r.title, r.throughput, r.rtf, r.p50, r.p95, r.bound, r.p99, r.utilisation, r.kept),
            r.style,
        )
        for r in load_rows(run)
    ]
    return drawn([table(HEADS, found), load_sentence(run)], colour) + "\n" if found else ""
