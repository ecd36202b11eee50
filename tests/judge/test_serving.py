"""The rate that the pipeline keeps up with, from trials made by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from harness.judge.serving import serving
from harness.judge.shapes import shapes_of
from harness.judge.verdicts import judge
from harness.records import Measurement, Outcome, Run, Statistic
from harness.units import Unit
from tests.sample_run import budget, empty_run, measurement

LIMIT = 0.100
REQUESTS = 60


def trials(rate: float, middle: float, first: int, *, disturbed: bool = False) -> list[Measurement]:
    """Three trials at one rate, of latencies close to `middle`."""
    found = []
    for process in range(first, first + 3):
        times = [middle * (1 + 0.001 * (number % 7)) for number in range(REQUESTS)]
        clips = tuple(f"c{number % 3}" for number in range(REQUESTS))
        told = {"clips": clips, "tainted": (disturbed,) * REQUESTS}
        found += [
            measurement("load.server.offered", [rate], process, unit=Unit.RATE),
            measurement("load.server.latency", times, process, **told),
            measurement("load.server.service", [time / 2 for time in times], process, **told),
            measurement("load.server.throughput", [rate], process, unit=Unit.RATE),
        ]
    return found


def load(*measured: list[Measurement]) -> Run:
    facts = {
        "load": {"limit": LIMIT},
        "suite": {"load": {"requests": REQUESTS, "workers": 2, "concurrency": [1]}},
        "clip_seconds": {"c0": 2.0, "c1": 2.0, "c2": 2.0},
    }
    every = tuple(one for part in measured for one in part)
    return empty_run(verb="load", measurements=every, facts=facts)


def test_the_rate_lies_between_the_highest_kept_and_the_lowest_broken_one() -> None:
    found = serving(load(trials(20, 0.05, 0), trials(30, 0.08, 3), trials(40, 0.2, 6)))
    assert found is not None
    assert (found.rate, found.interval.low, found.interval.high) == (30, 30, 40)
    assert found.requests == 9 * REQUESTS


@pytest.mark.parametrize(
    ("at_least", "outcome"),
    [(30.0, Outcome.PASS), (35.0, Outcome.NOT_PROVEN), (41.0, Outcome.FAIL)],
)
def test_a_budget_on_the_rate_is_judged_by_that_interval(at_least: float, outcome: Outcome) -> None:
    run = load(trials(30, 0.08, 0), trials(40, 0.2, 3))
    row = budget("load.server", at_least, Unit.RATE, statistic=Statistic.RATE, at_most=False)
    verdict = judge(row, run)
    assert verdict.outcome is outcome
    assert verdict.sentence.startswith("The highest rate that is kept is 30 /s")


def test_a_rate_that_only_disturbed_trials_break_is_not_shown_to_be_broken() -> None:
    found = serving(load(trials(30, 0.08, 0), trials(40, 0.2, 3, disturbed=True)))
    assert found is not None
    assert (found.rate, found.interval.high) == (30, math.inf)


def test_no_rate_is_kept_where_the_lowest_one_is_broken() -> None:
    found = serving(load(trials(5, 0.2, 0)))
    assert found is not None
    assert (found.rate, found.interval.low, found.interval.high) == (0, 0, 5)


def test_without_a_server_trial_there_is_no_rate() -> None:
    assert serving(load()) is None
    assert shapes_of(load()) == ()
    assert serving(empty_run()) is None


def test_the_figures_of_a_shape_by_hand() -> None:
    (shape,) = shapes_of(load(trials(30, 0.08, 0)))
    assert (shape.name, shape.offered, shape.trials, shape.requests) == ("server", 30, 3, 180)
    assert shape.throughput == pytest.approx(30)
    assert shape.rtf == pytest.approx(0.04 * 1.003 / 2, rel=1e-3)  # half the latency over 2 s
    assert shape.utilisation == pytest.approx(30 * 0.04 * 1.003 / 2, rel=1e-3)  # of two workers
    assert shape.p99 is None  # 372 are needed
    assert shape.unanswered == 0


def test_a_trial_that_ended_early_says_how_many_were_not_sent() -> None:
    short = []
    for m in trials(30, 0.2, 0):
        cut = {name: getattr(m, name)[:40] for name in ("samples", "clips", "tainted")}
        short.append(replace(m, **cut))
    (shape,) = shapes_of(load(short))
    assert shape.unanswered == 60
