"""A limit that depends on the run: stretched by the machine's speed, or a share of a request.

`yardstick`: the limit was set on a machine where a fixed piece of work took so long. Where the
median of that work, timed in every process of the latency pass, is another, the limit is stretched
by the ratio of the two, so that a slower machine of the same kind is not a slower program.
`share`: the limit is this part of the median request where that is more than the fixed limit.
"""

from __future__ import annotations

from dataclasses import replace

from harness.budgets import WHOLE
from harness.judge.intervals import percentile
from harness.judge.samples import samples_of
from harness.records import Budget, Run
from harness.units import Unit, show

YARDSTICK = "host.yardstick"


def resolve(budget: Budget, run: Run) -> tuple[Budget, str]:
    """Return the budget with the limit that counts in `run`, and how it came about; "": as written.

    Where the run has no sample to resolve it by, or one that is no finite time, the limit is as
    written.
    """
    if budget.yardstick is not None:
        return _stretched(budget, budget.yardstick, run)
    if budget.share is not None:
        return _share(budget, budget.share, run)
    return budget, ""


def _stretched(budget: Budget, there: float, run: Run) -> tuple[Budget, str]:
    here = _median(YARDSTICK, run)
    if here is None:
        return budget, ""
    limit = budget.limit * here / there
    written = show(budget.limit, budget.unit)
    took = f"{show(here, Unit.SECONDS)} here and {show(there, Unit.SECONDS)} where it was set"
    told = f"The limit is {written}, stretched: the yardstick took {took}."
    return replace(budget, limit=limit), told


def _share(budget: Budget, share: float, run: Run) -> tuple[Budget, str]:
    median = _median(WHOLE, run)
    if median is None:
        return budget, ""
    part = f"{show(share, Unit.RATIO)} of the median request, {show(median, Unit.SECONDS)}"
    fixed = show(budget.limit, budget.unit)
    if share * median > budget.limit:
        told = f"The limit is {part}, as that is more than {fixed}."
        return replace(budget, limit=share * median), told
    return budget, f"The limit is {fixed}, as {part}, is not more."


def _median(metric: str, run: Run) -> float | None:
    samples = samples_of(run, metric)
    if samples is None or not samples.finite.all():
        return None
    return percentile(samples.values, 0.5)
