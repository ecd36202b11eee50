"""From what a voice said and how it moved to values with an interval."""

from __future__ import annotations

from harness.budgets import OVER_FLOOR
from harness.judge.emotion import SENTENCES, Effect, effect_of
from harness.judge.estimated import Estimate, must_be, opened
from harness.judge.intervals import LEVEL
from harness.judge.round_trip import OverFloor, over_floor
from harness.judge.scores import UTTERANCES
from harness.records import Budget, Interval, Run, Statistic
from harness.units import Unit, show

_NONE = Interval(low=0, high=0, level=LEVEL, method="too few sentences")


def voiced(budget: Budget, run: Run) -> Estimate | None:
    """Estimate the voice over its floor, or what a control does; None of any other metric."""
    if budget.metric == OVER_FLOOR:
        over = over_floor(run)
        return None if over is None else _above_floor(budget, over)
    effect = effect_of(run, budget.metric)
    return None if effect is None else _moved(budget, effect)


def _above_floor(budget: Budget, found: OverFloor) -> Estimate:
    must_be(budget, Statistic.RATE, Unit.RATIO)
    some = f"It takes {UTTERANCES} sentences and there are {found.sentences}."
    least = show(found.detectable, Unit.RATIO) if found.detectable is not None else ""
    return Estimate(
        value=found.value,
        interval=found.interval or opened(_NONE),
        samples=found.sentences,
        remedy=f"So many sentences find a difference of {least}: say more." if least else some,
    )


def _moved(budget: Budget, found: Effect) -> Estimate:
    must_be(budget, Statistic.MEAN, found.control.unit)
    return Estimate(
        value=found.value,
        interval=found.interval or opened(_NONE),
        samples=found.sentences,
        remedy=f"It is told by {found.sentences} sentences, {SENTENCES} are the least: say more, "
        "or find out why the others have no such fact (no F0 where too little is voiced).",
    )
