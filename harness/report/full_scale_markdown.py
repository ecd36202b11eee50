"""The full-scale table as Markdown, to be read in a terminal or put into a document."""

from __future__ import annotations

from collections.abc import Sequence

from harness.report.full_scale_rows import Cell, Table


def full_scale_markdown(table: Table) -> str:
    """Return the table, what it says, how it was made, and why a figure is missed or open."""
    body = [[line.title, line.limit, *map(_text, line.cells)] for line in table.lines]
    heads = ["", "Limit", *table.names]
    widths = [max(len(row[i]) for row in [heads, *body]) for i in range(len(heads))]
    ruled = ["-" * width for width in widths]
    lines = [_line(row, widths) for row in (heads, ruled, *body)]
    return "\n".join([table.sentence, "", *lines, "", table.method, "", *_listed(table)]).rstrip()


def _text(cell: Cell) -> str:
    return f"{cell.text} {cell.outcome}".rstrip()


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = (text.ljust(width) for text, width in zip(row, widths, strict=True))
    return f"| {' | '.join(cells)} |"


def _listed(table: Table) -> list[str]:
    return [f"- {note}" for note in table.notes]
