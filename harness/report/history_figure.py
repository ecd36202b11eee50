"""The picture of a series: every run, its levels, what is expected next, and where it moved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from harness.judge.change_points import Floats
from harness.judge.history import WORSE, Point, Series
from harness.report.drawing import POINTS, Frame, Picture, colour, picture
from harness.report.history_rows import change_text, commits_text, title_of
from harness.units import Unit, show

SMALL = Frame(width=480, left=0, right=0, row=250, font=14)
EDGES = (78, 16, 26, 34)  # left, right, top, bottom, in drawing units
MANY = 5000  # points from which on they are an image inside the picture
Cap = Literal["butt", "projecting", "round"]
# Of machines: colour, cap and length of a point, marker on other branches.
CLASSES: tuple[tuple[str, Cap, int, str], ...] = (
    *(("sample", "round", 0, "o"), ("second", "projecting", 0, "s")),
    *(("third", "butt", 1, "D"), ("rest", "round", 1, "^")),
)
FEW = 20  # points from which on the date of the middle one is written too
RASTER = "#3d8fc4"  # points that are an image keep one colour on light and dark


def history_picture(series: Series, classes: Mapping[str, int] | None = None) -> Picture:
    """Draw a series.

    Args:
        series: of one class of machine, or of several where the figures are normalised.
        classes: number of the machine class of each run, by its id; None: there is one.
    """
    return picture(lambda frame: _drawn(frame, series, classes or {}), sentence(series), (SMALL,))


def sentence(series: Series) -> str:
    """Say what the picture shows."""
    newest, unit = series.newest, series.newest.figure.unit
    count = f"{len(series.points)} runs" if len(series.points) > 1 else "one run"
    told = f"{title_of(newest.figure)}: {show(newest.value, unit)} in the newest of {count}"
    if series.band:
        low, high = (show(end, unit) for end in series.band)
        told += f", {series.word}, with {low} to {high} expected"
    shifts = [
        f"({number}) {change_text(one.old, one.new, unit)} with {commits_text(one)}"
        + (f", accepted: {one.accepted}" if one.accepted else "")
        for number, one in enumerate(series.shifts, start=1)
    ]
    moved = f" The level moved {'; '.join(shifts)}." if shifts else ""
    return f"{told}.{moved}{_beyond(series)}"


def _drawn(frame: Frame, series: Series, classes: Mapping[str, int]) -> Figure:
    figure = Figure(figsize=(frame.width / POINTS, frame.row / POINTS))
    left, right, top, bottom = EDGES
    axes = figure.add_axes(
        (
            left / frame.width,
            bottom / frame.row,
            1 - (left + right) / frame.width,
            1 - (top + bottom) / frame.row,
        )
    )
    low, high = _reach(series)
    axes.set_xlim(-0.7, len(series.points) - 0.3 + max(1, len(series.points) / 40))
    axes.set_ylim(low, high)
    _ground(axes, series)
    _levels(axes, series)
    _points(axes, series, classes)
    _frame(axes, series)
    return figure


def _ground(axes: Axes, series: Series) -> None:
    """The budget, with the ground that breaks it, and the band of the newest run."""
    figure, (low, high) = series.newest.figure, axes.get_ylim()
    end = axes.get_xlim()[1]
    if figure.limit is not None and low <= figure.limit <= high:
        outside = (figure.limit, high) if figure.at_most else (low, figure.limit)
        axes.axhspan(*outside, color=colour("fail"), alpha=0.08, linewidth=0, zorder=0)
        axes.axhline(figure.limit, color=colour("fail"), linewidth=2, zorder=2)
    if series.band:
        start = _places(series)[series.levels[-1].first.id] if series.levels else 0
        axes.fill_between(
            (start - 0.5, end), *series.band, color=colour("sample"), alpha=0.13, linewidth=0
        )


def _levels(axes: Axes, series: Series) -> None:
    at = _places(series)
    for level in series.levels:
        ends = (at[level.first.id] - 0.5, at[level.last.id] + 0.5)
        axes.plot(ends, (level.value,) * 2, color=colour("ink"), linewidth=1.5, zorder=4)
    for number, shift in enumerate(series.shifts, start=1):
        shade = "waived" if shift.accepted else "fail" if shift.worse else "pass"
        x = at[shift.first.id] - 0.5
        axes.axvline(x, color=colour(shade), linewidth=1.5, linestyle=(0, (3, 2)), zorder=3)
        axes.text(
            *(x, 1.02, f"({number})"),
            color=colour(shade),
            transform=axes.get_xaxis_transform(),
            ha="center",
            va="bottom",
        )


def _points(axes: Axes, series: Series, classes: Mapping[str, int]) -> None:
    """One path for the trunk's points of a class; those of other branches are hollow."""
    size = float(np.clip(90 / len(series.points) ** 0.5, 3.5, 7))
    many = len(series.points) > MANY
    for kind, (name, cap, wide, marker) in enumerate(CLASSES):
        own = [
            (x, point.value, point.run.branch == series.trunk)
            for x, point in enumerate(series.points)
            if _kind(point, classes) == kind
        ]
        if not own:
            continue
        ink = RASTER if many else colour(name)
        trunk = np.array([(x, y) for x, y, on in own if on]).reshape(-1, 2)
        if many:  # as markers: what draws the image leaves out lines without a length
            axes.plot(*trunk.T, marker, ms=size, mec="none", color=ink, rasterized=True, zorder=5)
        else:
            _marks(axes, trunk, wide * size * len(series.points) / 720, ink, size, cap)
        others = np.array([(x, y) for x, y, on in own if not on]).reshape(-1, 2)
        if len(others):
            axes.plot(*others.T, marker, markersize=size, mfc="none", mec=ink, mew=1.2, zorder=5)
    if series.word == WORSE:
        x, y = len(series.points) - 1, series.newest.value
        axes.plot(x, y, "o", markersize=13, mfc="none", mec=colour("fail"), mew=2, zorder=6)


def _marks(axes: Axes, at: Floats, reach: float, ink: str, size: float, cap: Cap) -> None:
    """Draw points as short lines of one path: hundreds of them stay small."""
    x, y = at.T
    axes.plot(
        np.column_stack([x - reach, x + reach, x * np.nan]).ravel(),
        np.repeat(y, 3),
        color=ink,
        linewidth=size / 2 if reach else size,
        alpha=0.75,
        solid_capstyle=cap,
        zorder=5,
    )


def _frame(axes: Axes, series: Series) -> None:
    """Grid and ticks as plain lines and texts: matplotlib's own take half of the time."""
    axes.set_axis_off()
    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    unit, count, ink = series.newest.figure.unit, len(series.points), colour("muted")
    heights = [tick for tick in MaxNLocator(5).tick_values(low, high) if low <= tick <= high]
    axes.hlines(heights, left, right, color=colour("grid"), linewidth=1, zorder=0)
    for height in heights:
        told = show(height, unit)
        axes.text(left - 0.02 * (right - left), height, told, color=ink, ha="right", va="center")
    foot = low - 0.04 * (high - low)
    dates = [point.run.started[:10] for point in series.points]
    places = [(left, dates[0], "left"), (right, dates[-1], "right")]
    if count >= FEW:
        places.append(((count - 1) / 2, dates[(count - 1) // 2], "center"))
    for x, date, align in places:
        axes.text(x, foot, date, color=ink, ha=align, va="top")


def _places(series: Series) -> dict[str, int]:
    return {point.run.id: x for x, point in enumerate(series.points)}


def _kind(point: Point, classes: Mapping[str, int]) -> int:
    return min(classes.get(point.run.id, 0), len(CLASSES) - 1)


def _reach(series: Series) -> tuple[float, float]:
    """The values to draw, with the budget where it leaves room for the rest."""
    values: Sequence[float] = [
        *(point.value for point in series.points),
        *(series.band or ()),
    ]
    low, high = min(values), max(values)
    limit = series.newest.figure.limit
    room = high - low or abs(high) * 0.1 or 1.0
    if limit is not None and min(low, limit) > max(high, limit) - 4 * max(room, 0.15 * abs(high)):
        low, high = min(low, limit), max(high, limit)
    edge = 0.08 * (high - low) or 0.05 * abs(high) or 1.0
    floor = 0.0 if low >= 0 and series.newest.figure.unit is not Unit.SCORE else -np.inf
    return max(low - edge, floor), high + edge


def _beyond(series: Series) -> str:
    figure = series.newest.figure
    if figure.limit is None:
        return ""
    low, high = _reach(series)
    limit = show(figure.limit, figure.unit)
    return "" if low <= figure.limit <= high else f" The budget, {limit}, lies outside the picture."
