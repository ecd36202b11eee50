"""Times as multiples of the host's yardstick, so that runs of different machines read together.

Every run times a fixed piece of work beside the pipeline (`Summary.ceilings["yardstick"]`). What
takes 7 yardsticks here takes about 7 there; how nearly, the levels of the series show. Budgets are
left out: those of the product are seconds, on whatever machine.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from harness.summaries import Figure, Summary
from harness.units import Unit

YARDSTICK = "yardstick"
TOGETHER = "all machines, in yardsticks"  # in the place of the class of machine


def normalised(runs: Iterable[Summary]) -> tuple[Summary, ...]:
    """Return the runs that have a yardstick, with their times alone, divided by it."""
    return tuple(
        replace(
            run,
            machine=TOGETHER,
            figures=tuple(
                _divided(figure, run.ceilings[YARDSTICK])
                for figure in run.figures
                if figure.unit is Unit.SECONDS
            ),
        )
        for run in runs
        if run.ceilings.get(YARDSTICK, 0.0) > 0
    )


def _divided(figure: Figure, by: float) -> Figure:
    value, low, high = (
        None if one is None else one / by for one in (figure.value, figure.low, figure.high)
    )
    return Figure(
        metric=figure.metric,
        statistic=figure.statistic,
        unit=Unit.FACTOR,
        title=figure.title,
        value=value,
        low=low,
        high=high,
    )
