"""What the terminal shows of the history."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.judge.history import AS_BEFORE, TOO_FEW
from harness.report import history_rows as rows
from harness.report.history_page import History, headline
from harness.report.tables import drawn, table

if TYPE_CHECKING:
    from rich.console import RenderableType

FEW, NAMED = 6, 3  # changes that are told one by one, and figures of each
HEADS = ("Figure", "Newest", "Before", "Change", "Expected", "Verdict")


def history_table(found: History, *, colour: bool = False) -> str:
    """Return the figures of the newest run with what was expected, and the newest shifts."""
    word, said, _ = headline(found)
    parts: list[RenderableType] = [f"{word}. {said}"]
    shown = [one for one in found.called if one.budgeted or one.word not in (AS_BEFORE, TOO_FEW)]
    if shown:
        made = [rows.history_row(one) for one in shown]
        cells = [
            ((r.title, r.newest, r.usual, r.change, r.expected, r.word), r.style) for r in made
        ]
        parts += [table(HEADS, cells), rows.METHOD]
    shifts = rows.shift_rows(found.series)
    parts += ["Where levels moved:" if shifts else "No figure moved to another level."]
    parts += [_line(row) for row in shifts[:FEW]]
    if len(shifts) > FEW:
        parts.append(f"and {len(shifts) - FEW} more, on the page.")
    parts += [f"left out: {problem}" for problem in found.problems]
    return drawn(parts, colour)


def _line(row: rows.ShiftRow) -> str:
    because = f" ({'; '.join(row.because)})" if row.because else ""
    told, more = "; ".join(row.figures[:NAMED]), len(row.figures) - NAMED
    told += f"; and {more} more" if more > 0 else ""
    return f"  {row.at}  {row.word}{because}, {row.commits}: {told}  [{row.where}]"
