"""What differs between the decisions on two runs: budgets that moved, verdicts that turned."""

from __future__ import annotations

from dataclasses import dataclass

from harness.judge.likeness import budget_changes, differences
from harness.records import Run
from harness.summaries import Figure, Issued


@dataclass(frozen=True, kw_only=True)
class Decided:
    """Two decisions side by side."""

    old: str  # "PASSED: 12 of 12 budgets kept."; "": none was kept
    new: str
    budgets: tuple[str, ...]  # budgets that are not the same, a sentence each
    verdicts: tuple[str, ...]  # verdicts on one and the same metric that are not the same


def decided(old: Run, new: Run, before: Issued | None, after: Issued | None) -> Decided:
    """Compare the last decision on each run; budgets by the runs' own facts where one has none."""
    budgets = budget_changes(old, new)
    verdicts: tuple[str, ...] = ()
    if before is not None and after is not None:
        first, second = ({f.name: f for f in issued.figures} for issued in (before, after))
        moved = differences(
            {name: _budget(figure) for name, figure in first.items()},
            {name: _budget(figure) for name, figure in second.items()},
        )
        budgets = moved or budgets
        both = [name for name in first if name in second]
        verdicts = differences(
            {name: str(first[name].outcome) for name in both},
            {name: str(second[name].outcome) for name in both},
        )
    return Decided(old=_said(before), new=_said(after), budgets=budgets, verdicts=verdicts)


def _said(issued: Issued | None) -> str:
    return f"{issued.decision}: {issued.sentence}" if issued else ""


def _budget(figure: Figure) -> str:
    sign = "<=" if figure.at_most else ">="
    waiver = f", waived {figure.waiver}" if figure.waiver else ""
    return f"{sign} {figure.limit!r} {figure.unit}{waiver}"
