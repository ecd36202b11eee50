"""The picture of a load: every request at every rate, the lowest rate on top."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from harness.judge.serving import Level, levels, limit_of
from harness.judge.shapes import SERVER
from harness.records import Run
from harness.report.drawing import (
    Frame,
    Label,
    Picture,
    canvas,
    centre,
    colour,
    dots,
    jitter,
    legend,
    picture,
    unit_axis,
)
from harness.report.load_rows import load_sentence
from harness.units import Unit, show

SEARCH = "load.search"
_TICKS = [m * 10.0**e for e in range(-4, 3) for m in (1, 3)]  # seconds
_LEGEND = (
    ("o", "sample", "one request"),
    ("o", "rest", "one of the search"),
    ("|", "ink", "p95, written beside"),
    ("|", "muted", "limit of p95; beyond it is tinted"),
)


def load_picture(run: Run) -> Picture | None:
    """Draw latency against the rate of arrivals; None without a server trial."""
    limit = limit_of(run)
    rows = [(False, level) for level in levels(run, SEARCH)]
    rows += [(True, level) for level in levels(run, SERVER)]
    if limit is None or not rows:
        return None
    rows.sort(key=lambda row: (row[1].rate, row[0]))
    return picture(lambda frame: _rates(frame, rows, limit), load_sentence(run))


def _rates(frame: Frame, rows: list[tuple[bool, Level]], limit: float) -> Figure:
    labels = [_label(final, level, limit) for final, level in rows]
    figure, axes = canvas(frame, labels, entries=len(_LEGEND))
    axes.set_xscale("log")
    values = np.concatenate([level.latency.values for _, level in rows])
    axes.set_xlim(min(float(values.min()), limit) * 0.8, max(float(values.max()), limit) * 1.25)
    for row, (final, level) in enumerate(rows):
        _requests(axes, frame, row, level, "sample" if final else "rest")
        _limit(axes, frame, row, limit)
    low, high = axes.get_xlim()
    ticks = [tick for tick in _TICKS if low <= tick <= high]
    unit_axis(axes, Unit.SECONDS, "from arrival to answer, log scale", ticks)
    legend(figure, frame, _LEGEND)
    return figure


def _label(final: bool, level: Level, limit: float) -> Label:
    outcome, style = "", "none"
    if final and level.bounds[1] <= limit:
        outcome, style = "KEPT", "pass"
    elif final:
        broken = level.bounds[0] > limit
        outcome, style = ("BROKEN", "fail") if broken else ("NOT PROVEN", "not-proven")
    return Label(
        name=f"at {show(level.rate, Unit.RATE)}{'' if final else ', search'}",
        figure=show(level.p95, Unit.SECONDS),
        outcome=outcome,
        style=style,
        part=not final,
    )


def _requests(axes: Axes, frame: Frame, row: int, level: Level, shade: str) -> None:
    values, half = level.latency.values, 0.15 if frame.above else 0.24
    y = centre(frame, row)
    dots(axes, values, y + jitter(len(values), half), name=shade, size=3)
    ends = [y - half - 0.05, y + half + 0.05]
    axes.plot([level.p95, level.p95], ends, color=colour("ink"), linewidth=1.5, zorder=4)


def _limit(axes: Axes, frame: Frame, row: int, limit: float) -> None:
    y, half = centre(frame, row), 0.23 if frame.above else 0.36
    high, shade = axes.get_xlim()[1], colour("muted")
    axes.fill_between([limit, high], y - half, y + half, color=shade, alpha=0.13, linewidth=0)
    axes.plot([limit, limit], [y - half, y + half], color=shade, linewidth=2.5, zorder=5)
