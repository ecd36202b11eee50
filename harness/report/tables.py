"""How text tables are drawn: plain, of at most 100 columns, so that they read the same in a log.

Colour is added only when asked for. rich is imported when a table is drawn, never by importing
this module, which imports nothing slow: a quick verb may print a table. Control characters are
written out: what a model, a file or a transcript says must not move the cursor.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from harness.untrusted import printable

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

WIDTH = 100  # columns
NOTHING = "–"  # stands where there is nothing to show

_STYLES = {
    "pass": "green",
    "fail": "bold red",
    "infeasible": "bold red",
    "not-proven": "yellow",
    "waived": "magenta",
    "not-measured": "dim",
    "none": "dim",
}

Row = tuple[Sequence[str], str]  # the cells, and the style of the last one


def table(heads: Sequence[str], found: Sequence[Row]) -> RenderableType:
    """Return a table; the last cell of a row has its style."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    drawing = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="bold")
    for head in heads:
        words = head in (heads[0], "Verdict", "Text", "Judged by")
        drawing.add_column(head, justify="left" if words else "right", no_wrap=not words)
    for cells, style in found:
        last = Text(printable(cells[-1]) or NOTHING, style=_STYLES[style])
        drawing.add_row(*(Text(printable(cell)) for cell in cells[:-1]), last)
    return drawing


def drawn(parts: Iterable[RenderableType], colour: bool) -> str:
    """Return tables and lines, one below the other, as text."""
    from rich.text import Text

    written = io.StringIO()
    console = _console(written, colour)
    for part in parts:
        console.print(Text(printable(part)) if isinstance(part, str) else part)
        if not isinstance(part, str):
            console.print()
    lines = [line.rstrip() for line in written.getvalue().splitlines()]
    return "\n".join(lines) + "\n"


def _console(written: io.StringIO, colour: bool) -> Console:
    from rich.console import Console

    return Console(
        file=written,
        width=WIDTH,
        force_terminal=colour,
        color_system="standard" if colour else None,
        highlight=False,
        legacy_windows=False,
    )
