"""The picture of an A/B run: ratios with their intervals, the margin, and the A/A control."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from harness.judge.ab import Difference
from harness.judge.arms import Sides
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
from harness.report.names import WORD_STYLES, signed, title
from harness.units import Unit

_WIDEST = 0.5  # relative change at which an axis ends, however wide an interval is
_LEGEND = (("D", "sample", "b / a, 95 % interval"), ("|", "rest", "a again / a"))


def ab_picture(sides: Sides) -> Picture | None:
    """Draw the ratio of every metric that has one; None without any."""
    shown = [d for d in sides.differences if d.ratio is not None]
    if not shown:
        return None
    sentence = (
        "Right of the band b takes more, left of it less; within it nothing is called a "
        "difference. The grey bars are a against itself, in the same rounds. An arrow points to "
        "what lies outside."
    )
    return picture(lambda frame: _ratios(frame, shown), sentence)


def _ratios(frame: Frame, shown: list[Difference]) -> Figure:
    figure, axes = canvas(frame, [_label(d) for d in shown], entries=len(_LEGEND))
    ends = [
        abs(end - 1) for d in shown for i in (d.interval, d.control) if i for end in (i.low, i.high)
    ]
    reach = min(_WIDEST, max(*ends, 2 * shown[0].margin) * 1.1)
    axes.set_xlim(-reach, reach)
    margin = shown[0].margin
    axes.axvspan(1 / (1 + margin) - 1, margin, color=colour("muted"), alpha=0.13, linewidth=0)
    axes.axvline(0, color=colour("muted"), linewidth=1)
    for row, difference in enumerate(shown):
        _draw(axes, centre(frame, row), difference)
    axes.locator_params(axis="x", nbins=5 if frame.above else 9)
    unit_axis(axes, Unit.RATIO, "b against a")
    legend(figure, frame, _LEGEND)
    return figure


def _draw(axes: Axes, y: float, difference: Difference) -> None:
    shade = "sample" if difference.word is Word.SAME else WORD_STYLES[difference.word]
    _bar(axes, y + 0.16, difference.control, "rest", 5)
    _bar(axes, y - 0.08, difference.interval, shade, 3)
    low, high = axes.get_xlim()
    change = (difference.ratio or 1.0) - 1
    marker = "D" if low < change < high else ">" if change > 0 else "<"
    place = min(max(change, 0.98 * low), 0.98 * high)
    axes.plot(place, y - 0.08, marker, color=colour(shade), markersize=7, zorder=5)


def _bar(axes: Axes, y: float, interval: Interval | None, name: str, width: float) -> None:
    if interval is not None:
        ends = [interval.low - 1, interval.high - 1]
        axes.plot(ends, [y, y], color=colour(name), linewidth=width, zorder=4)


def _label(difference: Difference) -> Label:
    return Label(
        name=title(difference.metric),
        figure=signed((difference.ratio or 1.0) - 1),
        outcome="" if difference.word is Word.SAME else difference.word,
        style=WORD_STYLES[difference.word],
    )
