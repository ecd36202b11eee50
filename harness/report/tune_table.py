"""The table that `harness tune` prints."""

from __future__ import annotations

from textwrap import indent

from harness.records import Run
from harness.report import rows
from harness.report.tables import Row, drawn, table
from harness.report.tune_rows import Tuned, TuneRow


def tune_table(run: Run, found: Tuned | None, *, colour: bool = False) -> str:
    """Return the front, what is off it, and the options to paste into the config."""
    remarks = [f"{r.outcome}  {r.title.rstrip('.')}. {r.detail}" for r in rows.broken_rules(run)]
    remarks += [f"DOUBT  {doubt}" for doubt in run.doubts]
    opening = [] if run.complete else ["INCOMPLETE: the run was not sealed."]
    if found is None:
        return drawn([*opening, "Nothing was measured in full.", *remarks], colour)
    heads = ("Config", "#", "p95", "Peak", "Load", "WER", "Verdict")
    cells = [_cells(row) for row in found.rows]
    parts = [*opening, found.sentence, "", table(heads, cells), found.noise, *remarks]
    return drawn(parts, colour) + _to_paste(found)


def _cells(row: TuneRow) -> Row:
    outcome = f"{row.outcome} {row.why}".rstrip()
    return (row.name, row.number, row.p95, row.peak, row.load, row.wer, outcome), row.style


def _to_paste(found: Tuned) -> str:
    """Write the options of the front, in lines that are never broken."""
    told = [
        f"{one.number}  {one.name}\n   --config {one.config}\n{indent(one.lines, '     ')}\n"
        for one in found.pastes
    ]
    return "\nThe front, to paste into the config:\n" + "".join(told)
