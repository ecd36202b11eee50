"""Which budgets a bench that may go on would go on for."""

from __future__ import annotations

from collections.abc import Iterable

from harness.judge.disturbed import MOST_DISTURBED
from harness.judge.estimates import PERCENTILES
from harness.judge.samples import samples_of
from harness.judge.verdicts import judge
from harness.records import Budget, Outcome, Run


def undecided(budgets: Iterable[Budget], run: Run, *, left: int) -> tuple[str, ...]:
    """Name each budget on a percentile of a latency that is not proven, and may be yet.

    Args:
        budgets: those that the run is judged by.
        run: as far as it has come.
        left: how many more runs may be added. A budget of which so many samples were disturbed that
            even quiet ones from here on would leave too many is not named.
    """
    return tuple(
        f"{budget.metric} {budget.statistic}"
        for budget in budgets
        if budget.metric.startswith("latency.")
        and budget.statistic in PERCENTILES
        and judge(budget, run).outcome is Outcome.NOT_PROVEN
        and _may_be_quiet_enough(budget, run, left)
    )


def _may_be_quiet_enough(budget: Budget, run: Run, left: int) -> bool:
    samples = samples_of(run, budget.metric)
    if samples is None:
        return False
    return int(samples.tainted.sum()) <= MOST_DISTURBED * (len(samples.values) + left)
