"""The picture of a soak: resident memory over requests, a band for each process."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from harness.judge.growth import Floats, floors, growth_of, mean_growth
from harness.records import Measurement, Run
from harness.report.drawing import (
    Frame,
    Label,
    Picture,
    canvas,
    colour,
    dots,
    legend,
    picture,
    unit_axis,
)
from harness.report.soak_rows import resident, soak_sentence
from harness.units import Unit, show

BAND = 150  # drawing units of one process from top to bottom
_LEGEND = (
    ("o", "sample", "after one request"),
    ("o", "rest", "warm-up"),
    ("o", "ink", "lowest of a round"),
    ("s", "second", "mean growth"),
)

Band = tuple[float, float, float]  # y of the lowest memory, its bytes, bytes from there to the top


def soak_picture(run: Run) -> Picture | None:
    """Draw the memory of every process with its growth; None without a soak."""
    taken, grown = resident(run), growth_of(run)
    if grown is None:
        return None
    warm = {m.process: m for m in run.measurements if m.metric == "soak.warmup"}
    pairs = [(warm.get(m.process), m) for m in taken]
    return picture(lambda frame: _soak(frame, pairs, grown.size), soak_sentence(run))


def _soak(frame: Frame, pairs: list[tuple[Measurement | None, Measurement]], size: int) -> Figure:
    tall = replace(frame, row=BAND)
    figure, axes = canvas(tall, [_label(m, size) for _, m in pairs], entries=len(_LEGEND))
    values = [value for pair in pairs for m in pair if m for value in m.samples]
    low, high = min(values), max(values)
    early = max(len(warm.samples) if warm else 0 for warm, _ in pairs)
    axes.set_xlim(-early, max(len(m.samples) for _, m in pairs))
    for row, (warm, measured) in enumerate(pairs):
        band = (row + 0.40, low, max(high - low, 1.0))
        _scale(axes, band, high)
        if warm is not None:
            _dots(axes, band, warm.samples, -len(warm.samples), "rest")
        _dots(axes, band, measured.samples, 0, "sample")
        _growth(axes, band, measured, size)
    axes.locator_params(axis="x", nbins=4 if frame.above else 8)
    unit_axis(axes, Unit.COUNT, "requests since the warm-up")
    legend(figure, frame, _LEGEND)
    return figure


def _label(measured: Measurement, size: int) -> Label:
    growth = mean_growth([floors(measured.samples, size)], size)
    name = f"Process {measured.process}"
    return Label(name=name, figure=f"{show(growth, Unit.BYTES)} a request")


def _y(band: Band, values: Floats) -> Floats:
    foot, low, span = band
    return np.asarray(foot - 0.72 * (values - low) / span, np.float64)


def _scale(axes: Axes, band: Band, high: float) -> None:
    """Draw the ground and the top of a band with their bytes."""
    for value in (band[1], high):
        y = float(_y(band, np.array([value]))[0])
        axes.axhline(y, color=colour("grid"), linewidth=1, zorder=-1)
        where = axes.get_yaxis_transform()
        text = show(value, Unit.BYTES)
        axes.text(0.004, y - 0.02, text, color=colour("muted"), transform=where, fontsize=11)


def _dots(axes: Axes, band: Band, samples: tuple[float, ...], begin: int, shade: str) -> None:
    dots(axes, begin + np.arange(len(samples)), _y(band, np.array(samples)), name=shade, size=3)


def _growth(axes: Axes, band: Band, measured: Measurement, size: int) -> None:
    """Draw the lowest of each round and the line from the first to the last of them."""
    lows = floors(measured.samples, size)
    if not len(lows):
        return
    middles = (np.arange(len(lows)) + 0.5) * size
    y = _y(band, lows)
    axes.plot(middles[[0, -1]], y[[0, -1]], color=colour("second"), linewidth=3, zorder=4)
    dots(axes, middles, y, name="ink", size=5)
