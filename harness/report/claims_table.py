"""The claims table in the terminal."""

from __future__ import annotations

from harness.records import Run
from harness.report.claims_rows import claim_rows, claims_sentence
from harness.report.tables import Row, drawn, table

HEADS = ("The document claims", "Measured", "Verdict")


def claims_table(run: Run, *, colour: bool = False) -> str:
    """Return every claim with what was measured, and why; "" without claims."""
    rows = claim_rows(run)
    if not rows:
        return ""
    found: list[Row] = [((row.text, row.measured, row.outcome), row.style) for row in rows]
    lines = [f"{row.outcome}  {row.text}. {row.sentence}" for row in rows if row.style != "pass"]
    told = f"{claims_sentence(run)} They gate nothing."
    return drawn([table(HEADS, found), told, *lines], colour) + "\n"
