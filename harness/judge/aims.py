"""What the harness claims of itself, as budgets: `harness selfbench` judges them.

help       `harness --help` takes at most 6 times as long as `python -c pass`
curve      a simulated latency gate says PASS in at most 5 % of the cases where it must not, and
           FAIL in at most 5 % of those, in every cell of its operating curve
coverage   the interval of a WER holds the truth in 93 to 97 % of simulated sets, in every cell
           with 20 speakers or more
history    of simulated series of 40 runs in which nothing changed, at most 1 % are ever said to
           have moved to another level, though each is looked at after every run; and at most 1 %
           of their runs are called worse or better than their level
overhead   the p50 under the full latency pass is at most 2 % above a bare loop's
memory     the kernel's peak of a stage is within 1 % + 1 MB of what was planted, every time
alarms     identical code is called slower in at most 5 of 100 comparisons, a copy that takes
           15 % longer in at least 85 of 100; one that takes 10 % longer is reported
"""

from __future__ import annotations

from harness.records import Budget, Statistic
from harness.units import Unit


def _aim(
    metric: str,
    limit: float,
    title: str,
    *,
    statistic: Statistic = Statistic.RATE,
    unit: Unit = Unit.RATIO,
    at_most: bool = True,
) -> Budget:
    return Budget(
        metric=f"selfbench.{metric}",
        statistic=statistic,
        limit=limit,
        unit=unit,
        at_most=at_most,
        title=title,
    )


HELP = _aim(
    "help",
    6.0,
    "harness --help over python -c pass",
    statistic=Statistic.P50,
    unit=Unit.FACTOR,
)
FALSE_PASS = _aim("false_pass", 0.05, "Gates that pass wrongly, worst cell")
FALSE_FAIL = _aim("false_fail", 0.05, "Gates that fail wrongly, worst cell")
COVERAGE = _aim("coverage", 0.02, "Interval of a WER beside its 95 %, worst cell")
FALSE_SHIFTS = _aim("false_shifts", 0.01, "Clean series said to have shifted, worst cell")
FALSE_WORDS = _aim("false_words", 0.01, "Clean runs called worse or better, worst cell")
OVERHEAD = _aim(
    "overhead",
    0.02,
    "Time added by the full latency pass",
    statistic=Statistic.P50,
)
PLANTED = _aim("memory", 1.0, "Planted memory seen within 1 % + 1 MB", at_most=False)
FALSE_ALARMS = _aim("false_alarms", 0.05, "Identical code called slower")
POWER = _aim("power", 0.85, "Code made 15 % slower called slower", at_most=False)
