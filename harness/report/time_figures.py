"""The pictures of time: every run of every stage, and where the time of one request goes."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from harness.judge.intervals import percentile
from harness.judge.percentiles import percentile_interval
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
    jitter,
    legend,
    limits,
    picture,
    unit_axis,
)
from harness.units import Unit, show

_TICKS = [m * 10.0**e for e in range(-7, 4) for m in (1, 3)]  # seconds


def time_picture(run: Run, verdicts: tuple[Verdict, ...]) -> Picture | None:
    """Draw every warm run of every stage against its budget; None without a time."""
    sentence = cost_rows.time_sentence(run)
    return _strips(names.stage_metrics(metrics_of(run)), run, verdicts, sentence)


def start_picture(run: Run, verdicts: tuple[Verdict, ...]) -> Picture | None:
    """Draw every start (load, first result) against its budget; None without a time."""
    sentence = cost_rows.start_sentence(run)
    return _strips(names.start_metrics(metrics_of(run)), run, verdicts, sentence)


def share_picture(run: Run) -> Picture | None:
    """Draw the mean time of each part of a request, end on end; None without parts."""
    parts = cost_rows.stage_means(run)
    if len(parts) < 2 or not 0 < sum(parts.values()) < np.inf:
        return None
    total = show(sum(parts.values()), Unit.SECONDS)
    sentence = f"The parts of a request, in the order in which they run, add up to {total}."
    return picture(lambda frame: _shares(frame, parts), sentence)


def _strips(
    metrics: list[str], run: Run, verdicts: tuple[Verdict, ...], sentence: str
) -> Picture | None:
    found = {metric: _on_log_scale(samples_of(run, metric)) for metric in metrics}
    drawable = {metric: taken for metric, taken in found.items() if taken is not None}
    if not drawable:
        return None
    return picture(lambda frame: _times(frame, drawable, run, verdicts), sentence)


def _on_log_scale(taken: Samples | None) -> Samples | None:
    return None if taken is None else taken.where(taken.finite & (taken.values > 0))


def _times(
    frame: Frame, pooled: dict[str, Samples], run: Run, verdicts: tuple[Verdict, ...]
) -> Figure:
    labels = [_time_label(metric, taken, run, verdicts) for metric, taken in pooled.items()]
    entries = _legend(pooled.values())
    figure, axes = canvas(frame, labels, entries=len(entries))
    axes.set_xscale("log")
    ends = [float(end) for t in pooled.values() for end in (t.values.min(), t.values.max())]
    ends += [v.budget.limit for m in pooled for v in names.verdicts_on(m, verdicts)]
    kept = [end for end in ends if 0 < end < np.inf]
    axes.set_xlim(min(kept) * 0.8, max(kept) * 1.5)
    for row, (metric, taken) in enumerate(pooled.items()):
        _runs(axes, frame, row, taken)
        limits(axes, frame, row, names.verdicts_on(metric, verdicts))
    low, high = axes.get_xlim()
    ticks = [t for t in _TICKS if low <= t <= high]
    unit_axis(axes, Unit.SECONDS, "one run, log scale", ticks[:: 2 if frame.above else 1])
    legend(figure, frame, entries)
    return figure


def _legend(pooled: Iterable[Samples]) -> list[tuple[str, str, str]]:
    drawn = list(pooled)
    entries = [("o", "sample", "one run")]
    if any(taken.tainted.any() for taken in drawn):
        entries.append(("o", "paper", "disturbed from outside"))
    if any(len(taken.values) >= cost_rows.P95_FROM for taken in drawn):
        entries.append(("|", "ink", "p95 is at most this (95 %)"))
    return [*entries, ("|", "muted", "budget; beyond it is tinted")]


def _time_label(metric: str, taken: Samples, run: Run, verdicts: tuple[Verdict, ...]) -> Label:
    outcome = names.worst(names.verdicts_on(metric, verdicts))
    many = len(taken.values) >= cost_rows.P95_FROM
    value = percentile(taken.values, 0.95 if many else 1.0)
    return Label(
        name=names.title(metric),
        figure=f"{'p95' if many else 'max'} {show(value, Unit.SECONDS)}",
        outcome=outcome or "",
        style=names.style_of(outcome),
        part=metric.removeprefix("latency.") in names.parts_of(run),
    )


def _runs(axes: Axes, frame: Frame, row: int, taken: Samples) -> None:
    y = centre(frame, row) + jitter(len(taken.values), 0.15 if frame.above else 0.24)
    quiet = ~taken.tainted
    if quiet.any():
        dots(axes, taken.values[quiet], y[quiet])
    if taken.tainted.any():
        axes.plot(
            taken.values[taken.tainted],
            y[taken.tainted],
            linestyle="none",
            marker="o",
            markersize=4.5,
            markerfacecolor="none",
            markeredgecolor=colour("muted"),
            zorder=4,
        )
    high = percentile_interval(taken.values, taken.processes, 0.95).high
    if len(taken.values) >= cost_rows.P95_FROM and np.isfinite(high):
        half = 0.20 if frame.above else 0.28
        ends = [centre(frame, row) - half, centre(frame, row) + half]
        axes.plot([high, high], ends, color=colour("ink"), linewidth=1.5, zorder=4)


def _shares(frame: Frame, parts: dict[str, float]) -> Figure:
    labels = [
        Label(name=names.title(f"latency.{stage}"), figure=show(mean, Unit.SECONDS))
        for stage, mean in parts.items()
    ]
    figure, axes = canvas(frame, labels)
    start = 0.0
    for row, mean in enumerate(parts.values()):
        y = centre(frame, row)
        axes.barh(y, mean, left=start, height=0.44, color=colour("sample"), alpha=0.85, zorder=3)
        start += mean
        if row + 1 < len(parts):
            below = centre(frame, row + 1)
            axes.plot([start, start], [y, below], color=colour("rest"), linewidth=1, zorder=2)
    axes.set_xlim(0, start * 1.02)
    axes.locator_params(axis="x", nbins=4 if frame.above else 8)
    unit_axis(axes, Unit.SECONDS, "mean time since the request came")
    return figure
