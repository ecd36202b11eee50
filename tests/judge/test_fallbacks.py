"""A run in which another model answered passes no budget of the measured one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.judge.fallbacks import METRIC, RULE, fallback_sentence
from harness.judge.verdicts import judge
from harness.measure.keeper import OWN_MODEL
from harness.measure.samples import FALLBACKS
from harness.records import Measurement, Outcome, Run, Statistic
from harness.units import MB, Unit
from tests.sample_run import budget, empty_run, measurement

PEAK = budget("memory.peak", 250 * MB, Unit.BYTES, statistic=Statistic.MAX)


def run(*peaks: float, answers: int = 0) -> Run:
    """Return a run of a process for each peak; the first gave so many answers by another model."""
    found = [measurement("memory.peak", [peak], n, unit=Unit.BYTES) for n, peak in enumerate(peaks)]
    if answers:
        note = "model: small, instead_of: large, why: no memory"
        one = Measurement(metric=METRIC, unit=Unit.COUNT, samples=(float(answers),), note=note)
        found.append(one)
    return replace(empty_run(), measurements=tuple(found))


def test_what_is_measured_and_what_is_judged_have_one_name() -> None:
    assert (METRIC, RULE) == (FALLBACKS, OWN_MODEL)


@pytest.mark.parametrize("peak", [100 * MB, 300 * MB])
def test_no_budget_of_such_a_run_passes_and_each_says_why(peak: float) -> None:
    alone = judge(PEAK, run(peak, peak, peak))
    assert alone.outcome is (Outcome.PASS if peak < PEAK.limit else Outcome.FAIL)
    verdict = judge(PEAK, run(peak, peak, peak, answers=2))
    assert verdict.outcome is (Outcome.NOT_PROVEN if peak < PEAK.limit else Outcome.FAIL)
    assert verdict.sentence.startswith("2 answers came from another model (a fallback). With those")
    assert (RULE in verdict.sentence) is (verdict.outcome is Outcome.NOT_PROVEN)


def test_one_answer_is_one() -> None:
    assert fallback_sentence(run(1.0, answers=1)).startswith("1 answer came from another model")
    assert fallback_sentence(run(1.0)) == ""
