"""Finished rows about what the first time costs over every later one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from harness.judge.samples import samples_of
from harness.records import Run
from harness.units import Unit, show

# What, its metric the first time, and its metric from then on.
_PAIRS = (
    ("Load, files not in memory", "latency.load_cold", "latency.load_warm"),
    ("Inference, the first of a process", "latency.first_inference", "latency.inference"),
    ("A request, process start included", "latency.first_result", "latency.end_to_end"),
)


@dataclass(frozen=True, kw_only=True)
class ColdRow:
    """One thing, cold and warm."""

    title: str
    cold: str
    warm: str
    times: str


def cold_rows(run: Run) -> tuple[ColdRow, ...]:
    """Return medians side by side, for what was timed both ways."""
    rows = []
    for title, first, later in _PAIRS:
        cold, warm = _median(run, first), _median(run, later)
        if cold is not None and warm:
            rows.append(
                ColdRow(
                    title=title,
                    cold=show(cold, Unit.SECONDS),
                    warm=show(warm, Unit.SECONDS),
                    times=show(cold / warm, Unit.FACTOR),
                )
            )
    return tuple(rows)


def _median(run: Run, metric: str) -> float | None:
    taken = samples_of(run, metric)
    if taken is None or not taken.finite.any():
        return None
    return float(np.median(taken.values[taken.finite]))
