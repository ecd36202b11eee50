"""From verdicts and findings to one decision and one sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from harness.judge.gate import Decision, decide
from harness.judge.verdicts import judge_all
from harness.records import Finding, Outcome, Statistic, Verdict, Waiver
from harness.units import Unit
from tests.sample_run import budget, budgets, empty_run, interrupted, sample_run

HOLDS = Finding(rule="present", title="Every file is there", holds=True, detail="")
BROKEN = Finding(rule="digests", title="Every digest is right", holds=False, detail="one is not")
UNCHECKED = Finding(rule="d", title="Every digest", holds=True, detail="no list", checked=False)


def verdict(outcome: Outcome, *, required: bool = True) -> Verdict:
    row = budget("latency.inference", 1.0, Unit.SECONDS, required=required)
    return Verdict(
        budget=row, outcome=outcome, value=None, interval=None, samples=0, sentence="because"
    )


def test_the_sample_run_is_told_in_one_sentence() -> None:
    run = sample_run()
    gate = decide(run, judge_all(budgets(), run))
    assert gate.decision is Decision.MISSED
    assert gate.sentence == (
        "1 of 12 budgets missed, 1 of 8 rules does not hold, 1 not proven, 1 waived, "
        "1 not measured yet."
    )


PASS, FAIL, OPEN = Outcome.PASS, Outcome.FAIL, Outcome.NOT_PROVEN


@pytest.mark.parametrize(
    ("outcomes", "findings", "decision", "why"),
    [
        ([PASS, PASS], [HOLDS], Decision.PASSED, "everything was shown"),
        ([PASS, FAIL], [HOLDS], Decision.MISSED, "one budget failed"),
        ([PASS], [BROKEN], Decision.MISSED, "one rule is broken"),
        ([PASS, OPEN], [], Decision.NOT_PROVEN, "one is open"),
        ([FAIL, OPEN], [], Decision.MISSED, "a miss outweighs a doubt"),
        ([PASS, Outcome.WAIVED], [], Decision.PASSED, "a waived one is counted, not red"),
        ([PASS, Outcome.NOT_MEASURED], [], Decision.MISSED, "required and absent"),
        ([Outcome.INFEASIBLE], [], Decision.MISSED, "infeasible is a miss"),
        ([PASS], [UNCHECKED], Decision.NOT_PROVEN, "a rule that was not applied shows nothing"),
        ([], [HOLDS], Decision.PASSED, "rules alone can be all that was asked"),
        ([], [], Decision.NOT_PROVEN, "nothing was judged"),
    ],
)
def test_only_what_was_shown_passes(
    outcomes: Sequence[Outcome], findings: Sequence[Finding], decision: Decision, why: str
) -> None:
    run = empty_run(findings=tuple(findings))
    assert decide(run, [verdict(outcome) for outcome in outcomes]).decision is decision, why


def test_an_optional_metric_may_be_absent_but_is_counted() -> None:
    gate = decide(empty_run(), [verdict(PASS), verdict(Outcome.NOT_MEASURED, required=False)])
    assert gate.decision is Decision.PASSED
    assert gate.sentence == "1 of 2 budgets kept, 1 not measured yet."


def test_optional_metrics_alone_are_no_pass() -> None:
    gate = decide(empty_run(), [verdict(Outcome.NOT_MEASURED, required=False)])
    assert gate.decision is Decision.NOT_PROVEN


def test_a_waived_absence_is_counted_apart_and_is_no_pass() -> None:
    waiver = Waiver(reason="no listeners yet", expires="2099-01-01", covers="absence")
    mean = budget("quality.tts_mos", 4.0, Unit.SCORE, statistic=Statistic.MEAN, at_most=False)
    row = replace(mean, waiver=waiver)
    absent = judge_all([row], empty_run())
    assert decide(empty_run(), absent).decision is Decision.NOT_PROVEN
    gate = decide(empty_run(), [verdict(PASS), *absent])
    assert gate.decision is Decision.PASSED
    assert gate.sentence == "1 of 2 budgets kept, 1 waived and not measured."


def test_an_interrupted_run_never_passes_and_says_so() -> None:
    gate = decide(interrupted(empty_run()), [verdict(PASS)])
    assert gate.decision is Decision.NOT_PROVEN
    assert gate.sentence == "The run was interrupted; of what it saw, 1 of 1 budget kept."
