"""Growth of memory: found where it is planted, not where an arena took a step."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from harness.errors import ConfigError
from harness.judge.growth import Growth, floors, growth_interval, growth_of, more_needed
from harness.judge.verdicts import judge
from harness.records import Interval, Outcome, Run, Statistic
from harness.units import KB, MB, Unit
from tests.sample_run import budget, empty_run, measurement

Floats = NDArray[np.float64]
Plant = Callable[[np.random.Generator, Floats], Floats]

PROCESSES, ROUNDS, SIZE = 2, 16, 26
SOAKS = 200
LIMIT = 2 * KB


def soak(resident: list[float]) -> Run:
    """A soak of rounds of two requests."""
    measured = (measurement("soak.resident", resident, unit=Unit.BYTES),)
    return empty_run(verb="soak", measurements=measured, facts={"soak": {"round": 2}})


def test_growth_by_hand() -> None:
    grown = growth_of(soak([100.0, 108, 102, 104, 112, 106, 106, 120]))
    assert grown is not None
    # lowest of each round of two: 100, 102, 106, 106; changes 2, 4, 0: mean 2, of two requests
    assert grown.slope == 1.0
    assert grown.rounds == 4
    half = 4.3027 * math.sqrt(4 / 3) / 2  # t(2) times the error of the mean, per request
    assert grown.interval.low == pytest.approx(1 - half, rel=1e-4)
    assert grown.interval.high == pytest.approx(1 + half, rel=1e-4)


def test_requests_after_the_last_whole_round_are_left_out() -> None:
    assert floors([3.0, 1, 2, 5, 0], 2).tolist() == [1.0, 2.0]


def test_three_rounds_bound_nothing() -> None:
    interval = growth_interval([floors([1.0, 2, 3], 1)], 1)
    assert (interval.low, interval.high) == (-math.inf, math.inf)


def walk(rng: np.random.Generator, requests: Floats) -> Floats:
    return np.repeat(rng.normal(0, 0.1 * MB, ROUNDS).cumsum(), SIZE)


def late_step(rng: np.random.Generator, requests: Floats) -> Floats:
    steps = [(rng.uniform(0.2, 1), rng.uniform(0, len(requests))) for _ in range(rng.poisson(1))]
    return np.asarray(sum(h * MB * (requests >= at) for h, at in steps) + 0 * requests, np.float64)


def leak(kilobytes: int) -> Plant:
    return lambda rng, requests: walk(rng, requests) + kilobytes * KB * requests


def intervals(plant: Plant) -> list[Interval]:
    """The intervals of many simulated soaks, each of clips and calls that leave up to 8 MB."""
    rng, found = np.random.default_rng(7), []
    for _ in range(SOAKS):
        lows = []
        for _ in range(PROCESSES):
            clip = rng.choice([0, 0, 1, 3], SIZE) * MB
            mix = np.concatenate([rng.permutation(clip) for _ in range(ROUNDS)])
            call = rng.choice([0, 0.2, 2, 5], len(mix)) * MB + rng.uniform(0, 0.1 * MB, len(mix))
            planted = plant(rng, np.arange(len(mix), dtype=np.float64))
            lows.append(floors(100 * MB + mix + call + planted, SIZE))
        found.append(growth_interval(lows, SIZE))
    return found


@pytest.mark.parametrize(
    ("plant", "true", "failed", "passed"),
    [
        pytest.param(lambda rng, n: 0 * n, 0, (0, 0), (0.9, 1), id="nothing grows"),
        pytest.param(walk, 0, (0, 0.03), (0.5, 1), id="what is kept adds up at random"),
        pytest.param(late_step, None, (0, 0.03), (0.1, 1), id="an arena takes one late step"),
        pytest.param(leak(4), 4 * KB, (0.5, 1), (0, 0.03), id="4 kB a request are found"),
        pytest.param(leak(10), 10 * KB, (0.97, 1), (0, 0), id="10 kB are always found"),
    ],
)
def test_the_verdict_on_simulated_soaks(
    plant: Plant, true: float | None, failed: tuple[float, float], passed: tuple[float, float]
) -> None:
    found = intervals(plant)
    if true is not None:
        held = sum(one.low <= true <= one.high for one in found) / SOAKS
        assert held >= 0.92  # 95 % less three standard errors of 200 soaks
    assert failed[0] <= sum(one.low > LIMIT for one in found) / SOAKS <= failed[1]
    assert passed[0] <= sum(one.high <= LIMIT for one in found) / SOAKS <= passed[1]


GROWTH = budget(
    "soak.growth", 2.0, Unit.BYTES, statistic=Statistic.MEAN, title="Memory growth per request"
)


@pytest.mark.parametrize(
    ("resident", "outcome"),
    [
        pytest.param([100.0, 100, 101, 101, 101, 101, 102, 102], Outcome.PASS, id="below"),
        pytest.param([float(9 * n) for n in range(8)], Outcome.FAIL, id="above"),
        pytest.param([0.0, 0, 1, 1, 90, 90, 90, 90], Outcome.NOT_PROVEN, id="one step"),
    ],
)
def test_growth_is_judged_by_its_interval(resident: list[float], outcome: Outcome) -> None:
    verdict = judge(GROWTH, soak(resident))
    assert verdict.outcome is outcome
    assert verdict.samples == 8
    assert verdict.sentence.startswith("The growth per request is ")
    assert ("more requests would decide it" in verdict.sentence) == (outcome is Outcome.NOT_PROVEN)


def test_without_a_soak_growth_is_not_measured() -> None:
    assert judge(GROWTH, empty_run()).outcome is Outcome.NOT_MEASURED


def test_a_row_with_another_statistic_is_refused() -> None:
    with pytest.raises(ConfigError, match="expected statistic mean in B, got p95 in B"):
        judge(budget("soak.growth", 2.0, Unit.BYTES), soak([1.0, 1]))


@pytest.mark.parametrize(
    ("slope", "half", "said"),
    [
        (1.0, 2.0, "About 300 more requests"),  # a gap of 1 needs half the width: four times 100
        (2.0, 1.0, "The growth is the limit itself"),
        (1.0, math.inf, "Raise soak.rounds"),
    ],
)
def test_how_many_more_requests_are_needed(slope: float, half: float, said: str) -> None:
    interval = Interval(low=slope - half, high=slope + half, level=0.95, method="")
    grown = Growth(slope=slope, interval=interval, requests=100, rounds=10, size=10)
    assert more_needed(grown, 2.0).startswith(said)
