"""The gate: verdicts and findings become one decision, and the one sentence that opens a report."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from harness.records import Budget, Outcome, Run, Verdict


class Decision(StrEnum):
    """What a release gate says. Only PASSED is a pass."""

    PASSED = "PASSED"
    MISSED = "MISSED"  # a budget failed, a rule is broken, or a required metric is absent
    NOT_PROVEN = "NOT PROVEN"  # nothing missed, and not everything shown or checked


@dataclass(frozen=True, kw_only=True)
class Gate:
    """The decision with its counts."""

    decision: Decision
    passed: int
    failed: int  # FAIL and INFEASIBLE
    not_proven: int
    waived: int  # with a figure
    unmeasured: int  # waived although nothing was measured: shows nothing
    missing: int  # NOT MEASURED although required: gates
    not_measured: int  # NOT MEASURED and allowed to be
    rules: int  # findings
    broken: int  # findings that do not hold
    unchecked: int  # findings whose rule could not be applied
    complete: bool  # the run was sealed

    @property
    def budgets(self) -> int:
        """How many budgets were judged."""
        given = self.passed + self.failed + self.not_proven + self.waived + self.unmeasured
        return given + self.missing + self.not_measured

    @property
    def sentence(self) -> str:
        """One sentence with the counts, without the decision's own word."""
        parts = [text for text in self._parts() if text]
        start = "" if self.complete else "The run was interrupted; of what it saw, "
        text = start + (", ".join(parts) if parts else "nothing was judged") + "."
        return text[0].upper() + text[1:]

    def _parts(self) -> Iterable[str]:
        of = f" of {_count(self.budgets, 'budget')}"
        yield f"{self.failed}{of} missed" if self.failed else ""
        rule = "does not hold" if self.broken == 1 else "do not hold"
        yield f"{self.broken} of {_count(self.rules, 'rule')} {rule}" if self.broken else ""
        yield f"{self.missing} required but not measured" if self.missing else ""
        if not (self.failed or self.broken or self.missing):
            yield f"{self.passed}{of} kept" if self.budgets else ""
            holding = self.rules - self.unchecked
            yield f"{holding} of {_count(self.rules, 'rule')} seen to hold" if self.rules else ""
        yield f"{self.not_proven} not proven" if self.not_proven else ""
        rules = _count(self.unchecked, "rule")
        yield f"{rules} not checked" if self.unchecked else ""
        yield f"{self.waived} waived" if self.waived else ""
        yield f"{self.unmeasured} waived and not measured" if self.unmeasured else ""
        yield f"{self.not_measured} not measured yet" if self.not_measured else ""


def decide(run: Run, verdicts: Iterable[Verdict]) -> Gate:
    """Decide from these verdicts and the run's findings. Nothing judged is not a pass."""
    given = tuple(verdicts)
    absent = [v for v in given if v.outcome is Outcome.NOT_MEASURED]
    missing = sum(v.budget.required for v in absent)
    failed = _among(given, Outcome.FAIL, Outcome.INFEASIBLE)
    broken = sum(not finding.holds for finding in run.findings)
    unchecked = sum(finding.holds and not finding.checked for finding in run.findings)
    waived = [v for v in given if v.outcome is Outcome.WAIVED]
    unmeasured = sum(covers_absence(v.budget) for v in waived)
    with_figure = len(waived) - unmeasured
    passed = _among(given, Outcome.PASS)
    shown = passed or with_figure or (not given and run.findings)
    open_ = _among(given, Outcome.NOT_PROVEN) or unchecked
    proven = run.complete and shown and not open_
    decision = Decision.PASSED if proven else Decision.NOT_PROVEN
    if failed or broken or missing:
        decision = Decision.MISSED
    return Gate(
        decision=decision,
        passed=passed,
        failed=failed,
        not_proven=_among(given, Outcome.NOT_PROVEN),
        waived=with_figure,
        unmeasured=unmeasured,
        missing=missing,
        not_measured=len(absent) - missing,
        rules=len(run.findings),
        broken=broken,
        unchecked=unchecked,
        complete=run.complete,
    )


def covers_absence(budget: Budget) -> bool:
    """Whether the waiver of a budget is for want of a measurement, and for no miss."""
    return budget.waiver is not None and budget.waiver.covers == "absence"


def _among(verdicts: tuple[Verdict, ...], *outcomes: Outcome) -> int:
    return sum(verdict.outcome in outcomes for verdict in verdicts)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
