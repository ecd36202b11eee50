"""The roofline: what the machine can compute, by how many operations a byte allows.

Williams, Waterman and Patterson, "Roofline: an insightful visual performance model", CACM 2009.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullLocator

from harness.judge.needs import ceilings_of, work_of
from harness.records import Run
from harness.report.drawing import POINTS, Frame, Picture, colour, legend, picture
from harness.report.roof_rows import inference_rate, roof_sentence
from harness.units import Unit, show

_HEIGHT = {True: 300.0, False: 340.0}  # drawing units; True: the narrow variant


@dataclass(frozen=True, kw_only=True)
class _Roof:
    """What is drawn."""

    read: float  # bytes per second
    flat: dict[str, float]  # operations per second: "fp32", "int8"
    intensity: float  # operations per byte that the model must move
    rate: float | None  # operations per second of the median inference


def roof_picture(run: Run) -> Picture | None:
    """Draw the roofs of the machine and the model below them; None without both."""
    work, ceilings = work_of(run), ceilings_of(run)
    if work is None or not (ceilings.fp32 and ceilings.int8 and ceilings.read):
        return None
    moved, flops = work.weight_bytes + work.output_bytes, work.flops + work.int8_flops
    if not (moved and flops):
        return None
    roof = _Roof(
        read=ceilings.read,
        flat={"int8": ceilings.int8, "fp32": ceilings.fp32},
        intensity=flops / moved,
        rate=inference_rate(run),
    )
    return picture(lambda frame: _drawn(frame, roof), roof_sentence(run))


def _drawn(frame: Frame, roof: _Roof) -> Figure:
    height, foot = _HEIGHT[frame.above], 122.0 if frame.above else 84.0
    figure = Figure(figsize=(frame.width / POINTS, height / POINTS))
    left = 74.0
    axes = figure.add_axes(
        (left / frame.width, foot / height, 1 - (left + 16) / frame.width, 1 - (foot + 12) / height)
    )
    ridges = [rate / roof.read for rate in roof.flat.values()]
    low, high = min(*ridges, roof.intensity) / 8, max(*ridges, roof.intensity) * 8
    axes.set(xscale="log", yscale="log", xlim=(low, high))
    x = np.geomspace(low, high, 200)
    for name, shade in (("int8", "second"), ("fp32", "sample")):
        top = np.minimum(roof.flat[name], roof.read * x)
        axes.plot(x, top, color=colour(shade), linewidth=2.5, zorder=3)
        _note(axes, high, roof.flat[name], f"{name} {show(roof.flat[name], Unit.COMPUTE)}", "right")
    _model(axes, roof)
    _axes(axes, roof, low)
    legend(figure, frame, _entries(roof))
    return figure


def _model(axes: Axes, roof: _Roof) -> None:
    x = roof.intensity
    top = min(roof.flat["fp32"], roof.read * x)
    bottom = roof.rate or top / 10
    axes.plot([x, x], [bottom, top], color=colour("muted"), linewidth=1.5, linestyle=(0, (3, 3)))
    if roof.rate:
        axes.plot([x], [roof.rate], marker="o", ms=9, color=colour("pass"), zorder=5)


def _axes(axes: Axes, roof: _Roof, low: float) -> None:
    lowest = min(roof.read * low, roof.rate or np.inf, roof.flat["fp32"])
    axes.set_ylim(lowest / 2, max(roof.flat.values()) * 3)
    for side in ("right", "top"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(colour("grid"))
    axes.patch.set_visible(False)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: show(value, Unit.COMPUTE)))
    axes.tick_params(colors=colour("muted"), length=0, pad=6)
    axes.grid(color=colour("grid"), linewidth=1, zorder=-1)
    axes.set_axisbelow(True)
    axes.set_xlabel("operations per byte that must move, log scale", color=colour("muted"))


def _entries(roof: _Roof) -> list[tuple[str, str, str]]:
    read = show(roof.read, Unit.BANDWIDTH)
    entries = [
        ("s", "sample", f"fp32; the slope is reading at {read}"),
        ("s", "second", "int8"),
    ]
    return [*entries, ("o", "pass", "median inference")] if roof.rate else entries


def _note(axes: Axes, x: float, y: float, words: str, align: str) -> None:
    axes.annotate(
        words,
        (x, y),
        xytext=(-4, 6),
        textcoords="offset points",
        ha=align,
        color=colour("muted"),
        parse_math=False,
    )
