"""Whether a budget can be kept at all: the least that a graph needs against the limit.

    INFEASIBLE   the least is over the limit, and no sample was ever below the least

A sample below the least is no feat of the pipeline but an error here: the graph does not do what
was counted, or the machine was disturbed while its rates were measured. It is said, and nothing is
called infeasible on that ground.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from harness.judge.estimates import estimate
from harness.judge.needs import INFERENCE, TIMES, Need, needs_of
from harness.judge.samples import samples_of
from harness.records import Budget, Outcome, Run, Verdict
from harness.units import Unit, show

_OPEN = (Outcome.FAIL, Outcome.NOT_PROVEN)
_EVICTABLE = (
    "Mapped weights are clean pages: under a limit of memory the kernel may drop them, at the "
    "price of reading them from the disk again for every inference."
)


@dataclass(frozen=True, kw_only=True)
class Feasibility:
    """One budget against the least that its metric can be."""

    budget: Budget
    need: Need
    measured: float | None  # the budget's statistic in this run; None: not measured
    lowest: float | None  # the lowest sample that the least must hold for; None: none

    @property
    def refuted(self) -> bool:
        """Whether a sample was below the least, so that nothing may be claimed from it."""
        return self.lowest is not None and self.lowest < self.need.least

    @property
    def infeasible(self) -> bool:
        """Whether nothing on this machine can keep the budget with this graph."""
        return self.need.least > self.budget.limit and not self.refuted

    @property
    def times_least(self) -> float | None:
        """The measured value in multiples of the least; None where either is not there."""
        return self.measured / self.need.least if self.measured and self.need.least else None

    @property
    def way_out(self) -> str:
        """What to do about a budget that cannot be kept; "" where it can."""
        return _way_out(self) if self.infeasible else ""

    @property
    def sentence(self) -> str:
        """The least and how it comes about; or that a sample was below it."""
        least, unit = show(self.need.least, self.need.unit), self.need.unit
        if self.refuted:
            return (
                f"{self.budget.title}: a sample of {show(self.lowest or 0.0, unit)} is below the "
                f"least of {least}, which is an error of this harness: the graph does less than "
                "was counted, or the machine was disturbed while its rates were measured. "
                f"Measure again; until then nothing is called infeasible. {self.need.arithmetic}"
            )
        return f"This graph needs at least {least} on this machine. {self.need.arithmetic}"


def feasibility(budgets: Iterable[Budget], run: Run) -> tuple[Feasibility, ...]:
    """Return each budget whose metric has a least, in the order given."""
    needs = needs_of(run)
    return tuple(
        _against(budget, needs[budget.metric], run)
        for budget in budgets
        if budget.at_most and budget.metric in needs
    )


def prospects(budgets: Iterable[Budget], run: Run) -> tuple[Verdict, ...]:
    """Return what can be said of budgets before anything of the pipeline was measured.

    INFEASIBLE or NOT MEASURED, for those whose metric has a least.
    """
    return tuple(_prospect(found) for found in feasibility(budgets, run))


def forbidden(verdict: Verdict, run: Run) -> Verdict:
    """Return a verdict that is not a pass as INFEASIBLE where nothing could have kept its limit."""
    if verdict.outcome not in _OPEN:
        return verdict
    for found in feasibility((verdict.budget,), run):
        if found.infeasible:
            told = f"{found.sentence} {found.way_out} {verdict.sentence}"
            return replace(verdict, outcome=Outcome.INFEASIBLE, sentence=told)
    return verdict


def _prospect(found: Feasibility) -> Verdict:
    return Verdict(
        budget=replace(found.budget, required=False),
        outcome=Outcome.INFEASIBLE if found.infeasible else Outcome.NOT_MEASURED,
        value=None,
        interval=None,
        samples=0,
        sentence=f"{found.sentence} {found.way_out}".strip(),
    )


def _against(budget: Budget, need: Need, run: Run) -> Feasibility:
    found = estimate(budget, run)
    held = (budget.metric, INFERENCE) if budget.metric in TIMES else (budget.metric,)
    taken = [samples for metric in held if (samples := samples_of(run, metric)) is not None]
    finite = [samples.values[samples.finite] for samples in taken]
    known = np.concatenate(finite) if finite else np.empty(0)
    return Feasibility(
        budget=budget,
        need=need,
        measured=None if found is None or found.broken else found.value,
        lowest=float(known.min()) if known.size else None,
    )


def _way_out(found: Feasibility) -> str:
    limit, unit, ways = found.budget.limit, found.need.unit, found.need.ways_out
    note = f" {_EVICTABLE}" if unit is Unit.BYTES else ""
    open_ = [way for way in _helping(ways) if way[1] <= limit]
    if open_:
        told = ", or ".join(f"{words} (at least {show(least, unit)})" for words, least in open_)
        return f"Way out: {told}.{note}"
    words, least = min(ways, key=lambda way: way[1], default=("", found.need.least))
    tried = f": even with {words} it needs {show(least, unit)}" if ways else ""
    more = "a quicker machine" if unit is Unit.SECONDS else "more memory"
    return f"No way out is known here{tried}. Take {more} or a smaller model.{note}"


def _helping(ways: Sequence[tuple[str, float]]) -> list[tuple[str, float]]:
    """Leave out a way that does not need less than those before it, which change less."""
    kept: list[tuple[str, float]] = []
    for words, least in ways:
        if all(least < before for _, before in kept):
            kept.append((words, least))
    return kept
