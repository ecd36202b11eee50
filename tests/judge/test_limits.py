"""A limit that depends on the run: a share of a request, or stretched by the machine's speed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.judge.verdicts import judge
from harness.records import Outcome
from harness.units import Unit
from tests.sample_run import budget, empty_run, measurement

P95 = budget("latency.inference", 0.100, Unit.SECONDS)


@pytest.mark.parametrize(
    ("request_s", "rest_s", "outcome", "says", "why"),
    [
        (0.010, 0.0009, Outcome.PASS, "limit of 1 ms is kept", "5 % of 10 ms is less than 1 ms"),
        (0.010, 0.0011, Outcome.FAIL, "is not more", "so 1 ms counts"),
        (0.100, 0.0049, Outcome.PASS, "The limit is 5.00 % of the median request, 100 ms", "5 ms"),
        (0.100, 0.0051, Outcome.FAIL, "limit of 5.00 ms is missed", "5 % of 100 ms"),
        (None, 0.0011, Outcome.FAIL, "limit of 1 ms is missed", "no request: 1 ms"),
    ],
)
def test_a_limit_may_be_a_share_of_a_request(
    request_s: float | None, rest_s: float, outcome: Outcome, says: str, why: str
) -> None:
    row = replace(P95, metric="latency.unattributed", limit=0.001, share=0.05)
    times = {"latency.unattributed": rest_s, "latency.end_to_end": request_s}
    parts = [
        measurement(metric, [time] * 8, i)
        for metric, time in times.items()
        for i in range(10)
        if time is not None
    ]
    verdict = judge(row, empty_run(measurements=tuple(parts)))
    assert verdict.outcome is outcome, why
    assert says in verdict.sentence
    assert verdict.budget.share == 0.05


@pytest.mark.parametrize(
    ("yardstick_s", "outcome", "says", "why"),
    [
        (0.005, Outcome.FAIL, "The limit of 100 ms is missed", "as quick as where it was set"),
        (0.010, Outcome.PASS, "200 ms is kept. The limit is 100 ms, stretched", "half as quick"),
        (0.004, Outcome.FAIL, "The limit of 80 ms is missed", "a quicker machine has less time"),
        (None, Outcome.FAIL, "The limit of 100 ms is missed", "nothing to stretch it by"),
    ],
)
def test_a_limit_may_be_stretched_by_what_the_machine_takes_for_a_fixed_work(
    yardstick_s: float | None, outcome: Outcome, says: str, why: str
) -> None:
    row = replace(P95, limit=0.1, yardstick=0.005)
    times = {row.metric: 0.15, "host.yardstick": yardstick_s}
    parts = [
        measurement(metric, [time] * 8, process)
        for metric, time in times.items()
        for process in range(10)
        if time is not None
    ]
    verdict = judge(row, empty_run(measurements=tuple(parts)))
    assert verdict.outcome is outcome, why
    assert says in verdict.sentence
