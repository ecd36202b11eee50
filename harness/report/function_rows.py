"""Finished rows about single functions, as pytest-benchmark timed them."""

from __future__ import annotations

from dataclasses import dataclass

from harness.judge.intervals import percentile
from harness.judge.samples import metrics_of, samples_of
from harness.records import Run
from harness.report import names
from harness.units import Unit, show

PREFIX = "function."


@dataclass(frozen=True, kw_only=True)
class FunctionRow:
    """One function."""

    title: str
    about: str  # what one round does
    rounds: str
    p50: str
    lowest: str
    highest: str


def function_rows(run: Run) -> tuple[FunctionRow, ...]:
    """Return one row per function, in the order timed."""
    found = [metric for metric in metrics_of(run) if metric.startswith(PREFIX)]
    return tuple(_row(metric, run) for metric in found)


def _row(metric: str, run: Run) -> FunctionRow:
    taken = samples_of(run, metric)
    values = () if taken is None else taken.values
    return FunctionRow(
        title=names.title(metric),
        about=next(m.note for m in run.measurements if m.metric == metric),
        rounds=show(len(values), Unit.COUNT),
        p50=show(percentile(values, 0.50), Unit.SECONDS),
        lowest=show(min(values), Unit.SECONDS),
        highest=show(max(values), Unit.SECONDS),
    )
