"""What every estimate of a metric is made of."""

from __future__ import annotations

import math
from dataclasses import dataclass

from harness.errors import ConfigError
from harness.records import Budget, Interval, Statistic
from harness.units import Unit


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """What a run knows about one metric."""

    value: float  # the statistic itself, exact
    interval: Interval  # decides; low is high for an observed extreme
    samples: int
    remedy: str  # what to do when the interval holds the limit
    broken: int = 0  # samples that are not a finite number: they can never pass
    needed: int = 1  # samples from which on the statistic is more than one of them


def must_be(budget: Budget, statistic: Statistic, unit: Unit) -> None:
    """Refuse a budget on a derived metric that has another statistic or unit.

    Raises:
        ConfigError: it has.
    """
    if (budget.statistic, budget.unit) != (statistic, unit):
        raise ConfigError(
            f'budget "{budget.title}" ({budget.metric}): expected statistic {statistic} in '
            f"{unit.value}, got {budget.statistic} in {budget.unit.value}. Correct the row."
        )


def opened(interval: Interval, *, above: bool | None = None) -> Interval:
    """Return `interval` without the end that too few units cannot give (None: without both)."""
    return Interval(
        low=interval.low if above is True else -math.inf,
        high=interval.high if above is False else math.inf,
        level=interval.level,
        method=interval.method,
    )
