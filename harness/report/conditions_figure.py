"""The picture of listening conditions: WER against severity, a curve for each kind."""

from __future__ import annotations

from itertools import groupby

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from harness.accuracy.conditions.treatment import Kind
from harness.judge.conditions import Severity, severities
from harness.judge.scores import score_set
from harness.records import Run
from harness.report.conditions_rows import CLEAN, treated_sentence
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
from harness.report.names import signed
from harness.units import Unit, show

_LEGEND = (
    ("o", "sample", "WER, 95 % interval"),
    ("|", "muted", "as it is"),
)
_TICKS = (0, 0.01, 0.03, 0.1, 0.2, 0.4, 0.6, 1.0, 1.5, 2.0)  # word error rates

Row = tuple[Label, Severity | None]  # None: the clips as they are


def treated_picture(run: Run) -> Picture | None:
    """Draw the WER at every level of every kind; None without treatments.

    A run hears one set; of several the first is drawn.
    """
    found = severities(run)
    if not found:
        return None
    several = [one for one in found if one.set == found[0].set]
    return picture(lambda frame: _curves(frame, run, several), treated_sentence(run))


def _curves(frame: Frame, run: Run, found: list[Severity]) -> Figure:
    clean = score_set(run, found[0].set)
    rows: list[Row] = [(Label(name=CLEAN, figure=_figure(found[0].clean)), None)]
    rows += [(_label(one), one) for one in found]
    figure, axes = canvas(frame, [label for label, _ in rows], entries=len(_LEGEND))
    axes.set_xscale("function", functions=(lambda x: np.sqrt(np.maximum(x, 0)), np.square))
    ends = [one.interval.high for one in found if one.interval]
    axes.set_xlim(0, max([*ends, 0.05]) * 1.1)
    half = 0.23 if frame.above else 0.5
    for row in range(len(rows)):
        ends_at = [centre(frame, row) - half, centre(frame, row) + half]
        axes.plot([found[0].clean] * 2, ends_at, color=colour("muted"), linewidth=2, zorder=1)
    spread = clean.interval() if clean else None
    if spread is not None:
        _point(axes, centre(frame, 0), found[0].clean, (spread.low, spread.high))
    kinds = groupby(enumerate(found, start=1), key=lambda pair: pair[1].treatment.kind)
    for _, level in kinds:
        _curve(axes, frame, list(level))
    near = 0.02 if frame.above else 0  # what would be written over each other
    ticks = [t for t in _TICKS if (t == 0 or t > near) and t <= axes.get_xlim()[1]]
    unit_axis(axes, Unit.RATIO, "word error rate, square-root scale", ticks)
    legend(figure, frame, _LEGEND)
    return figure


def _curve(axes: Axes, frame: Frame, level: list[tuple[int, Severity]]) -> None:
    """Draw one kind: a point with its interval at each level, and the line through them.

    No line where the levels go both ways from the clip as it is, or names stand in its way.
    """
    places = [centre(frame, row) for row, _ in level]
    rates = [one.clean + one.more for _, one in level]
    if not frame.above and level[0][1].treatment.kind not in (Kind.GAIN, Kind.SPEED):
        axes.plot(rates, places, color=colour("sample"), linewidth=1, alpha=0.5, zorder=2)
    for place, rate, (_, one) in zip(places, rates, level, strict=True):
        if one.interval is not None:
            _point(axes, place, rate, (one.interval.low, one.interval.high))


def _point(axes: Axes, y: float, rate: float, ends: tuple[float, float]) -> None:
    ink = colour("sample")
    axes.plot(ends, [y, y], color=ink, linewidth=2, zorder=3)
    axes.plot(rate, y, marker="o", markersize=7, color=ink, zorder=4)


def _label(one: Severity) -> Label:
    worse = one.difference is not None and one.difference.low > 0
    title, amount = one.treatment.title, one.treatment.amount
    short = amount.removeprefix("SNR ").removeprefix("RT60 ")  # names beside a row are short
    return Label(
        name=f"{title} {short}".strip(),
        figure=f"{show(one.clean + one.more, Unit.RATIO)}  {signed(one.more)}",
        outcome="WORSE" if worse else "",
        style="fail" if worse else "none",
    )


def _figure(rate: float) -> str:
    return show(rate, Unit.RATIO)
