"""The picture of memory: the process against its budgets, and what each stage adds."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from harness.judge.samples import Samples, metrics_of, samples_of
from harness.records import Run, Verdict
from harness.report import cost_rows, names
from harness.report.drawing import (
    Frame,
    Label,
    Picture,
    canvas,
    centre,
    colour,
    dots,
    legend,
    limits,
    picture,
    unit_axis,
)
from harness.units import MB, Unit, show

_LEGEND = (
    ("s", "sample", "resident"),
    ("s", "third", "private"),
    ("s", "second", "mapped files"),
    ("s", "rest", "shared, or before the stage"),
    ("o", "ink", "one process"),
    ("|", "muted", "budget"),
)
_SHADES = ("third", "second", "rest")  # of names.SPLIT, in that order


def memory_picture(run: Run, verdicts: tuple[Verdict, ...]) -> Picture | None:
    """Draw the memory of the process and the rise of each stage; None without a figure."""
    whole = [m for m in names.memory_metrics(metrics_of(run)) if _finite(run, m)]
    if not whole:
        return None
    sentence = cost_rows.memory_sentence(run, verdicts)
    return picture(lambda frame: _memory(frame, whole, run, verdicts), sentence)


def _memory(frame: Frame, whole: list[str], run: Run, verdicts: tuple[Verdict, ...]) -> Figure:
    stages = names.stages_weighed(metrics_of(run))
    labels = [_memory_label(metric, run, verdicts) for metric in whole]
    labels += [_rise_label(stage, run) for stage in stages]
    figure, axes = canvas(frame, labels, entries=len(_LEGEND))
    axes.set_xlim(0, _most_memory(run, verdicts) * 1.06)
    for row, metric in enumerate(whole):
        _bar(axes, frame, row, metric, run)
        limits(axes, frame, row, names.verdicts_on(metric, verdicts))
    for row, stage in enumerate(stages, start=len(whole)):
        _rise(axes, frame, row, stage, run)
    axes.locator_params(axis="x", nbins=4 if frame.above else 8)
    unit_axis(axes, Unit.BYTES, "resident memory, 1 MB = 1 000 000 bytes")
    legend(figure, frame, _LEGEND)
    return figure


def _finite(run: Run, metric: str) -> Samples | None:
    """Return the samples that a picture can show."""
    taken = samples_of(run, metric)
    return None if taken is None else taken.where(taken.finite)


def _memory_label(metric: str, run: Run, verdicts: tuple[Verdict, ...]) -> Label:
    taken, outcome = _finite(run, metric), names.worst(names.verdicts_on(metric, verdicts))
    value = 0.0 if taken is None else float(taken.values.max())
    return Label(
        name=names.title(metric),
        figure=f"max {show(value, Unit.BYTES)}",
        outcome=outcome or "",
        style=names.style_of(outcome),
    )


def _rise_label(stage: str, run: Run) -> Label:
    rise = _finite(run, f"memory.stage.{stage}.rise")
    text = "" if rise is None else f"+ {show(float(rise.values.max()), Unit.BYTES)}"
    return Label(name=names.title(f"latency.{stage}"), figure=text, part=True)


def _most_memory(run: Run, verdicts: tuple[Verdict, ...]) -> float:
    ends = [1.0 * MB]
    ends += [v for m in run.measurements if m.metric.startswith("memory.") for v in m.samples]
    ends += [v.budget.limit for v in verdicts if v.budget.metric.startswith("memory.")]
    return max(end for end in ends if end < np.inf)  # not a number is not below


def _bar(axes: Axes, frame: Frame, row: int, metric: str, run: Run) -> None:
    taken, y = _finite(run, metric), centre(frame, row)
    if taken is None:
        return
    split = _split(run) if metric == "memory.steady" else []
    start = 0.0
    for size, shade in zip(split, _SHADES, strict=False):
        axes.barh(y, size, left=start, height=0.44, color=colour(shade), alpha=0.85, zorder=2)
        start += size
    if not split:
        highest = float(taken.values.max())
        axes.barh(y, highest, height=0.44, color=colour("sample"), alpha=0.85, zorder=2)
    offsets = y + np.linspace(-0.12, 0.12, len(taken.values)) if len(taken.values) > 1 else [y]
    dots(axes, taken.values, offsets, name="ink")


def _split(run: Run) -> list[float]:
    parts = [_finite(run, f"memory.{name}") for name in names.SPLIT]
    return [float(part.values.mean()) for part in parts if part is not None]


def _rise(axes: Axes, frame: Frame, row: int, stage: str, run: Run) -> None:
    peak = _finite(run, f"memory.stage.{stage}.peak")
    rise = _finite(run, f"memory.stage.{stage}.rise")
    if peak is None:
        return
    top = float(peak.values.max())
    up = 0.0 if rise is None else float(rise.values.max())
    y = centre(frame, row)
    axes.barh(y, top - up, height=0.28, color=colour("rest"), alpha=0.35, zorder=2)
    axes.barh(y, up, left=top - up, height=0.28, color=colour("sample"), alpha=0.85, zorder=2)
