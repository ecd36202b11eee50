"""The picture of the ledger: each line stands where the one above it ended."""

from __future__ import annotations

from matplotlib.figure import Figure

from harness.records import Run, Verdict
from harness.report import names
from harness.report.drawing import (
    Frame,
    Label,
    Picture,
    canvas,
    centre,
    colour,
    limits,
    picture,
    unit_axis,
)
from harness.report.ledger_rows import LINES, PREFIX, SUMMANDS, TOTAL, ledger_sentence, lines_of
from harness.units import Unit, show

_SHADES = {"left_over": "rest", TOTAL: "rest"}


def ledger_picture(run: Run, verdicts: tuple[Verdict, ...]) -> Picture | None:
    """Draw the ledger of the highest process; None without one."""
    lines = lines_of(run)
    if not lines:
        return None
    return picture(lambda frame: _ledger(frame, lines, verdicts), ledger_sentence(run))


def _ledger(frame: Frame, lines: dict[str, float], verdicts: tuple[Verdict, ...]) -> Figure:
    shown = (*SUMMANDS, TOTAL)
    figure, axes = canvas(frame, [_label(name, lines[name], verdicts) for name in shown])
    totals = [v.budget.limit for v in names.verdicts_on("memory.peak", verdicts)]
    axes.set_xlim(0, max(lines[TOTAL], *totals, 1.0) * 1.06)
    start = 0.0
    for row, name in enumerate(shown):
        begin = 0.0 if name == TOTAL else start
        shade = colour(_SHADES.get(name, "sample"))
        y = centre(frame, row)
        axes.barh(y, lines[name], left=begin, height=0.44, color=shade, alpha=0.85, zorder=3)
        start = begin + lines[name]
        if name != TOTAL:
            below = centre(frame, row + 1)
            axes.plot([start, start], [y, below], color=colour("rest"), linewidth=1, zorder=2)
    limits(axes, frame, len(shown) - 1, names.verdicts_on("memory.peak", verdicts))
    axes.locator_params(axis="x", nbins=4 if frame.above else 8)
    unit_axis(axes, Unit.BYTES, "resident memory, 1 MB = 1 000 000 bytes")
    return figure


def _label(name: str, value: float, verdicts: tuple[Verdict, ...]) -> Label:
    metric = "memory.peak" if name == TOTAL else PREFIX + name
    outcome = names.worst(names.verdicts_on(metric, verdicts))
    return Label(
        name=LINES[name][0],
        figure=show(value, Unit.BYTES),
        outcome=outcome or "",
        style=names.style_of(outcome),
    )
