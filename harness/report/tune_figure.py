"""The picture of a search: time against memory, a numbered mark for each config."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from harness.judge.tuning import P95, PEAK, Standing, figures_of
from harness.records import Run
from harness.report.drawing import POINTS, Frame, Picture, colour, legend, picture, unit_axis
from harness.report.tune_rows import Tuned
from harness.units import Unit, show

_HEIGHT = 420.0  # drawing units
_LEFT = 86.0  # room for the figures of the upright axis


def tune_picture(run: Run, found: Tuned) -> Picture:
    """Draw p95 against peak memory: small dots are processes, a square is a config."""
    return picture(lambda frame: _scatter(frame, run, found.standings), found.sentence)


def _scatter(frame: Frame, run: Run, standings: Sequence[Standing]) -> Figure:
    entries = [
        ("s", "pass", "on the front"),
        ("s", "rest", "beaten"),
        ("o", "sample", "one process"),
    ]
    foot = 60.0 + (20 * len(entries) if frame.above else 32)
    figure = Figure(figsize=(frame.width / POINTS, (_HEIGHT + foot) / POINTS))
    height = _HEIGHT + foot
    right = 24.0
    axes = figure.add_axes(
        (
            _LEFT / frame.width,
            foot / height,
            1 - (_LEFT + right) / frame.width,
            1 - (foot + 12) / height,
        )
    )
    for number, one in enumerate(standings, start=1):
        if one.whole:
            _mark(axes, run, one, str(number))
    _frame_axes(axes, frame)
    legend(figure, frame, entries)
    return figure


def _mark(axes: Axes, run: Run, one: Standing, number: str) -> None:
    figures = figures_of(run, one.variant)
    shared = [n for n in figures[P95] if n in figures[PEAK]]
    axes.plot(
        [figures[P95][n] for n in shared],
        [figures[PEAK][n] for n in shared],
        linestyle="none",
        marker="o",
        markersize=3,
        color=colour("sample"),
        alpha=0.35,
        zorder=2,
    )
    shade = colour("pass" if one.on_front else "rest")
    x, y = one.values[P95], one.values[PEAK]
    axes.plot([x], [y], marker="s", markersize=8, color=shade, zorder=4 if one.on_front else 3)
    axes.annotate(
        number,
        (x, y),
        xytext=(6, 5),
        textcoords="offset points",
        color=colour("ink" if one.on_front else "muted"),
        fontweight="bold" if one.on_front else "normal",
        zorder=5,
    )


def _frame_axes(axes: Axes, frame: Frame) -> None:
    for side in ("left", "right", "top"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(colour("grid"))
    axes.patch.set_visible(False)
    axes.margins(0.06)
    axes.set_xlim(*_apart(*axes.get_xlim()))
    axes.set_ylim(*_apart(*axes.get_ylim()))
    axes.xaxis.set_major_locator(MaxNLocator(4 if frame.above else 6))
    axes.yaxis.set_major_locator(MaxNLocator(6))
    unit_axis(axes, Unit.SECONDS, "p95 of a request, end to end")
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: show(value, Unit.BYTES)))
    axes.tick_params(axis="y", colors=colour("muted"), length=0, pad=6)
    axes.grid(axis="y", color=colour("grid"), linewidth=1, zorder=-1)
    axes.set_ylabel("peak memory, 1 MB = 1 000 000 bytes", color=colour("muted"), labelpad=6)


def _apart(low: float, high: float) -> tuple[float, float]:
    """Widen an axis to a tenth of its values: ticks that differ by less would read the same."""
    middle, half = (low + high) / 2, (high - low) / 2
    half = max(half, 0.05 * middle)
    return middle - half, middle + half
