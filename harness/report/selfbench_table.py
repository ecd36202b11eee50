"""What the terminal shows of the harness measured by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.records import Run, Verdict
from harness.report.selfbench_rows import METHOD, alarm_rows, alarm_sentence
from harness.report.terminal import closing_table, drawn, table

if TYPE_CHECKING:
    from rich.console import RenderableType


def selfbench_table(run: Run, verdicts: tuple[Verdict, ...], *, colour: bool = False) -> str:
    """Return the verdict on every claim, and how often each way of judging says slower."""
    text = closing_table(run, verdicts, colour=colour)
    rows = alarm_rows(run)
    if not rows:
        return text
    found = [((r.planted, r.judged_by, r.slower, r.interval, r.unknown), "none") for r in rows]
    heads = ("Planted", "Judged by", "Said slower", "95 % interval", "Cannot tell")
    parts: list[RenderableType] = [table(heads, found), alarm_sentence(run), METHOD]
    return f"{text}\n{drawn(parts, colour)}"
