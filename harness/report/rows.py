"""Finished rows about the gate itself: what opens a report, and what explains it at its end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from harness.judge.gate import Decision, covers_absence, decide
from harness.records import Finding, Outcome, Run, Verdict
from harness.report import names
from harness.units import show

_SUMMARY = ("latency.end_to_end", "latency.first_result", "memory.peak", "accuracy.wer.")
_BAD = (Outcome.FAIL, Outcome.INFEASIBLE)


@dataclass(frozen=True, kw_only=True)
class Headline:
    """The first thing that is read."""

    word: str  # PASSED | MISSED | NOT PROVEN
    style: str
    sentence: str
    bundle: str
    verb: str
    incomplete: bool
    tiles: tuple[Tile, ...]


@dataclass(frozen=True, kw_only=True)
class Tile:
    """One of the few figures that a reader wants first, beside its limit."""

    title: str
    value: str
    limit: str
    outcome: str
    style: str
    filled: str  # how much of the limit is used, 0 to 100


@dataclass(frozen=True, kw_only=True)
class BudgetRow:
    """One budget with its verdict."""

    title: str
    metric: str
    name: str  # with the statistic: "latency.end_to_end.p95"
    limit: str
    value: str
    interval: str
    outcome: str
    style: str
    sentence: str


@dataclass(frozen=True, kw_only=True)
class RuleRow:
    """One finding."""

    area: str
    rule: str
    title: str
    detail: str
    outcome: str  # HOLDS | BROKEN | NOT CHECKED
    style: str


@dataclass(frozen=True, kw_only=True)
class Fact:
    """A name and its value."""

    name: str
    value: str


def headline(run: Run, verdicts: tuple[Verdict, ...]) -> Headline:
    """Return the decision with its one sentence and its counts."""
    gate = decide(run, verdicts)
    styles = {Decision.PASSED: "pass", Decision.MISSED: "fail", Decision.NOT_PROVEN: "not-proven"}
    return Headline(
        word=gate.decision,
        style=styles[gate.decision],
        sentence=gate.sentence,
        bundle=run.bundle,
        verb=run.verb,
        incomplete=not run.complete,
        tiles=_tiles(verdicts),
    )


def budget_rows(verdicts: tuple[Verdict, ...]) -> tuple[BudgetRow, ...]:
    """Return every budget, in the order judged."""
    return tuple(_budget_row(verdict) for verdict in verdicts)


def failing(verdicts: tuple[Verdict, ...]) -> tuple[BudgetRow, ...]:
    """Return the budgets that miss the gate: failed, or required and not measured."""
    return budget_rows(tuple(v for v in verdicts if v.outcome in _BAD or _is_missing(v)))


def undecided(verdicts: tuple[Verdict, ...]) -> tuple[BudgetRow, ...]:
    """Return the budgets that are neither kept nor missed: not proven, waived, not measured."""
    open_ = (Outcome.NOT_PROVEN, Outcome.WAIVED, Outcome.NOT_MEASURED)
    found = [v for v in verdicts if v.outcome in open_ and not _is_missing(v)]
    return budget_rows(tuple(sorted(found, key=lambda verdict: open_.index(verdict.outcome))))


def rule_rows(run: Run) -> tuple[RuleRow, ...]:
    """Return every finding: broken ones, those not checked, the rest as found."""
    order = sorted(run.findings, key=lambda finding: (finding.holds, finding.checked))
    return tuple(_rule_row(finding) for finding in order)


def broken_rules(run: Run) -> tuple[RuleRow, ...]:
    """Return the findings that do not hold."""
    return tuple(_rule_row(finding) for finding in run.findings if not finding.holds)


def unchecked_rules(run: Run) -> tuple[RuleRow, ...]:
    """Return the findings whose rule could not be applied."""
    return tuple(_rule_row(f) for f in run.findings if f.holds and not f.checked)


def facts(mapping: Mapping[str, str]) -> tuple[Fact, ...]:
    """Return a mapping as rows, in its own order."""
    return tuple(Fact(name=name, value=value) for name, value in mapping.items())


def run_facts(run: Run) -> tuple[Fact, ...]:
    """Return what names the run."""
    sealed = "yes" if run.complete else "no: it was interrupted, what is here is still true"
    return facts(
        {
            "run": run.id,
            "verb": run.verb,
            "bundle": run.bundle,
            "config": run.config,
            "started": run.started,
            "setting": _setting(run),
            "sealed": sealed,
        }
    )


def _setting(run: Run) -> str:
    if run.facts.get("quick"):
        return "short: fewer runs and clips"
    reduced = run.facts.get("reduced")
    return f"what suite.yaml has for {run.bundle}" if reduced else "full"


def _tiles(verdicts: tuple[Verdict, ...]) -> tuple[Tile, ...]:
    """Return one tile for each of the metrics that sum up a bundle, where it has a budget."""
    first: dict[str, Verdict] = {}
    for prefix in _SUMMARY:
        about = [v for v in verdicts if v.budget.metric.startswith(prefix) and v.value is not None]
        if about:
            first[prefix] = about[0]
    return tuple(_tile(verdict) for verdict in first.values())


def _tile(verdict: Verdict) -> Tile:
    row, budget, value = _budget_row(verdict), verdict.budget, verdict.value or 0.0
    over, under = (value, budget.limit) if budget.at_most else (budget.limit, value)
    used = over / under if under > 0 else 1.0
    return Tile(
        title=row.title,
        value=row.value,
        limit=row.limit,
        outcome=row.outcome,
        style=row.style,
        filled=f"{100 * min(max(used, 0.0), 1.0):.1f}",
    )


def _budget_row(verdict: Verdict) -> BudgetRow:
    budget = verdict.budget
    return BudgetRow(
        title=budget.title,
        metric=budget.metric,
        name=f"{budget.metric}.{budget.statistic}",
        limit=names.limit_text(budget),
        value=_value(verdict),
        interval=names.interval_text(verdict.interval, budget.unit),
        outcome=verdict.outcome,
        style="fail" if _is_missing(verdict) else names.style_of(verdict.outcome),
        sentence=verdict.sentence,
    )


def _value(verdict: Verdict) -> str:
    """Write the value, or that too few runs give none, or that nothing was measured."""
    if verdict.value is not None:
        return show(verdict.value, verdict.budget.unit)
    if verdict.outcome is Outcome.WAIVED and covers_absence(verdict.budget):
        return str(Outcome.NOT_MEASURED)
    open_ = verdict.outcome in (Outcome.NOT_PROVEN, Outcome.WAIVED)
    return names.NOT_AVAILABLE if open_ else names.NONE


def _rule_row(finding: Finding) -> RuleRow:
    outcome, style = ("HOLDS", "pass") if finding.checked else ("NOT CHECKED", "not-proven")
    if not finding.holds:
        outcome, style = "BROKEN", "fail"
    return RuleRow(
        area=finding.area,
        rule=finding.rule,
        title=finding.title,
        detail=finding.detail,
        outcome=outcome,
        style=style,
    )


def _is_missing(verdict: Verdict) -> bool:
    return verdict.outcome is Outcome.NOT_MEASURED and verdict.budget.required
