"""A limit that depends on the run: the larger of a fixed one and a share of a whole request."""

from __future__ import annotations

from dataclasses import replace

from harness.judge.intervals import percentile
from harness.judge.samples import samples_of
from harness.records import Budget, Run
from harness.units import Unit, show

WHOLE = "latency.end_to_end"


def resolve(budget: Budget, run: Run) -> tuple[Budget, str]:
    """Return the budget with the limit that counts in `run`, and how it came about; "": as written.

    The share is taken of the median time of a request, exact. Where no request was timed, or one
    took no finite time, the fixed limit counts.
    """
    whole = samples_of(run, WHOLE)
    if budget.share is None or whole is None or not whole.finite.all():
        return budget, ""
    median = percentile(whole.values, 0.5)
    limit = max(budget.limit, budget.share * median)
    share = f"{show(budget.share, Unit.RATIO)} of the median request, {show(median, whole.unit)}"
    fixed = show(budget.limit, budget.unit)
    if limit > budget.limit:
        return replace(budget, limit=limit), f"The limit is {share}, as that is more than {fixed}."
    return budget, f"The limit is {fixed}, as {share}, is not more."
