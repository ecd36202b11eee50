"""What the terminal shows of an A/B run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.judge.arms import Sides
from harness.records import Run
from harness.report import rows
from harness.report.ab_rows import (
    AbRow,
    ab_rows,
    answer_sentence,
    apart_text,
    method_text,
    notes_of,
    side_rows,
)
from harness.report.tables import drawn, table

if TYPE_CHECKING:
    from rich.console import RenderableType


def ab_table(run: Run, sides: Sides, *, colour: bool = False) -> str:
    """Return the answer, both sides, every metric of both, and what to doubt.

    Args:
        run: sealed, or it reads as interrupted.
        sides: what it says.
        colour: with ANSI colours, for a terminal.
    """
    found = ab_rows(sides)
    parts: list[RenderableType] = [] if run.complete else ["INCOMPLETE: the run was not sealed."]
    parts += [f"{sides.answer}  {answer_sentence(run, sides)}"]
    parts += [f"{side.name}: {side.given} (commit {side.commit})" for side in side_rows(run)]
    parts += [apart_text(run)] if run.facts.get("sides") else []
    for head, gated in (("Decides", True), ("Beside it", False)):
        shown = [row for row in found if row.gated == gated]
        parts += [_compared(head, shown)] if shown else []
    parts += [_seen(found)] if found else []
    parts += notes_of(found)
    parts += [f"{r.outcome}  {r.title.rstrip('.')}. {r.detail}" for r in rows.broken_rules(run)]
    return drawn([*parts, method_text(sides), *(f"DOUBT  {d}" for d in run.doubts)], colour)


def _compared(head: str, found: list[AbRow]) -> RenderableType:
    heads = (head, "a", "b", "b / a", "95 % interval", "Verdict")
    cells = [((r.title, r.a, r.b, r.ratio, r.interval, r.word), r.style) for r in found]
    return table(heads, cells)


def _seen(found: tuple[AbRow, ...]) -> RenderableType:
    heads = ("What it could have seen", "A/A", "Smallest change found in 80 of 100")
    return table(heads, [((row.title, row.control, row.detectable), "none") for row in found])
