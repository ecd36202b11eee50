"""The picture of ratios with their intervals against 1 and the margin, a row for each metric."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from harness.judge.change import Word
from harness.records import Interval
from harness.report.drawing import (
    Frame,
    Label,
    Picture,
    canvas,
    centre,
    colour,
    legend,
    picture,
    unit_axis,
)
from harness.report.names import WORD_STYLES, signed
from harness.units import Unit

_WIDEST = 0.5  # relative change at which an axis ends, however wide an interval is

Entries = Sequence[tuple[str, str, str]]  # as in `drawing.legend`


@dataclass(frozen=True, kw_only=True)
class Ratio:
    """One row."""

    title: str
    ratio: float
    interval: Interval | None
    control: Interval | None = None  # of the first side against itself; None: not taken
    word: Word


def ratio_picture(
    rows: Sequence[Ratio], *, margin: float, axis: str, entries: Entries, sentence: str
) -> Picture | None:
    """Draw every ratio with its interval; None without any.

    Args:
        rows: from top to bottom.
        margin: relative change within which nothing is called a difference.
        axis: what the foot is about: "new against old".
        entries: of the legend.
        sentence: what the picture shows.
    """
    if not rows:
        return None
    return picture(lambda frame: _ratios(frame, rows, margin, axis, entries), sentence)


def _ratios(
    frame: Frame, rows: Sequence[Ratio], margin: float, axis: str, entries: Entries
) -> Figure:
    figure, axes = canvas(frame, [_label(row) for row in rows], entries=len(entries))
    ends = [
        abs(end - 1)
        for row in rows
        for bar in (row.interval, row.control)
        if bar
        for end in (bar.low, bar.high)
    ]
    reach = min(_WIDEST, max(*ends, 2 * margin, 2 * margin) * 1.1)
    axes.set_xlim(-reach, reach)
    axes.axvspan(1 / (1 + margin) - 1, margin, color=colour("muted"), alpha=0.13, linewidth=0)
    axes.axvline(0, color=colour("muted"), linewidth=1)
    for place, row in enumerate(rows):
        _draw(axes, centre(frame, place), row)
    axes.locator_params(axis="x", nbins=5 if frame.above else 9)
    unit_axis(axes, Unit.RATIO, axis)
    legend(figure, frame, entries)
    return figure


def _draw(axes: Axes, y: float, row: Ratio) -> None:
    shade = "sample" if row.word is Word.SAME else WORD_STYLES[row.word]
    _bar(axes, y + 0.16, row.control, "rest", 5)
    middle = y - 0.08 if row.control else y
    _bar(axes, middle, row.interval, shade, 3)
    low, high = axes.get_xlim()
    change = row.ratio - 1
    marker = "D" if low < change < high else ">" if change > 0 else "<"
    place = min(max(change, 0.98 * low), 0.98 * high)
    axes.plot(place, middle, marker, color=colour(shade), markersize=7, zorder=5)


def _bar(axes: Axes, y: float, interval: Interval | None, name: str, width: float) -> None:
    if interval is not None:
        ends = [interval.low - 1, interval.high - 1]
        axes.plot(ends, [y, y], color=colour(name), linewidth=width, zorder=4)


def _label(row: Ratio) -> Label:
    return Label(
        name=row.title,
        figure=signed(row.ratio - 1),
        outcome="" if row.word is Word.SAME else row.word,
        style=WORD_STYLES[row.word],
    )
