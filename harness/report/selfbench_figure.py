"""Pictures of the harness measured by itself: what is called slower, and what ran side by side."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from harness.judge.aims import FALSE_ALARMS, HELP, OVERHEAD, POWER
from harness.judge.alarms import Alarms
from harness.judge.intervals import proportion_interval
from harness.judge.selfbench import nothing, pairs_of
from harness.records import Budget, Run, Verdict
from harness.report import names
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
from harness.report.selfbench_rows import (
    HARNESS,
    THRESHOLD,
    WELCH,
    alarm_sentence,
    counts,
    pairs_sentence,
    planted_text,
    whole,
)
from harness.units import Unit, show

_WAYS = (
    (HARNESS, "o", "sample", -0.2),
    (WELCH, "D", "second", 0.0),
    (THRESHOLD, "s", "third", 0.2),
)
_LEGEND = (
    *((marker, shade, way) for way, marker, shade, _ in _WAYS),
    ("|", "muted", "aim; beyond it is tinted"),
)

_PAIRS = (
    ("o", "rest", "one pair of processes"),
    ("s", "sample", "their trimmed mean, 95 % interval"),
    ("|", "muted", "aim; beyond it is tinted"),
)
AXES = {
    HELP.metric: "wall time of harness --help over that of python -c pass",
    OVERHEAD.metric: "how far the p50 under the full latency pass is above that under a bare clock",
}


def alarms_picture(run: Run, verdicts: tuple[Verdict, ...]) -> Picture | None:
    """Draw how often each way of judging says slower; None when no comparison is whole."""
    found = whole(run)
    if not found:
        return None
    return picture(lambda frame: _alarms(frame, found, verdicts), alarm_sentence(run))


def _alarms(frame: Frame, found: tuple[Alarms, ...], verdicts: tuple[Verdict, ...]) -> Figure:
    labels = [
        Label(name=planted_text(a.added), figure=f"{a.slower} of {a.comparisons}") for a in found
    ]
    figure, axes = canvas(frame, labels, entries=len(_LEGEND))
    axes.set_xlim(0, 1)
    for row, alarms in enumerate(found):
        _ways(axes, centre(frame, row), alarms)
        metric = {0.0: FALSE_ALARMS.metric, 0.15: POWER.metric}.get(alarms.added, "")
        limits(axes, frame, row, names.verdicts_on(metric, verdicts))
    unit_axis(axes, Unit.RATIO, "share of the comparisons called slower, 95 % interval")
    legend(figure, frame, _LEGEND)
    return figure


def _ways(axes: Axes, y: float, alarms: Alarms) -> None:
    said = counts(alarms)
    for way, marker, shade, shift in _WAYS:
        interval, ink = proportion_interval(said[way], alarms.comparisons), colour(shade)
        axes.plot([interval.low, interval.high], [y + shift] * 2, color=ink, linewidth=2, zorder=3)
        share = said[way] / alarms.comparisons
        axes.plot(share, y + shift, marker=marker, markersize=6, color=ink, zorder=6, clip_on=False)


def pairs_picture(run: Run, budget: Budget, verdicts: tuple[Verdict, ...]) -> Picture | None:
    """Draw every pair that the verdict on `budget` rests on; None without such a verdict."""
    found = [v for v in names.verdicts_on(budget.metric, verdicts) if v.interval is not None]
    if not found:
        return None
    return picture(lambda frame: _pairs(frame, run, found[0]), pairs_sentence(run, found[0]))


def _pairs(frame: Frame, run: Run, verdict: Verdict) -> Figure:
    base, other = pairs_of(run, verdict.budget)
    each = other / base - nothing(verdict.budget)
    unit, interval = verdict.budget.unit, verdict.interval
    value = names.NONE if verdict.value is None else show(verdict.value, unit)
    style = names.style_of(verdict.outcome)
    label = Label(name="each pair", figure=value, outcome=verdict.outcome, style=style)
    figure, axes = canvas(frame, [label], entries=len(_PAIRS))
    far = max(float(each.max()), verdict.budget.limit) * 1.1
    axes.set_xlim(min(0.0, 1.1 * float(each.min())), far)
    dots(axes, each, centre(frame, 0) + jitter(len(each)), name="rest")
    if interval is not None:
        y = centre(frame, 0)
        axes.plot(
            [interval.low, interval.high], [y, y], color=colour("sample"), linewidth=5, zorder=6
        )
    limits(axes, frame, 0, [verdict])
    unit_axis(axes, unit, AXES[verdict.budget.metric])
    legend(figure, frame, _PAIRS)
    return figure
