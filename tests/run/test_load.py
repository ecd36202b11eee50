"""The search for the highest rate, on a queue worked out by hand."""

from __future__ import annotations

import math

import pytest

from harness.judge.intervals import percentile
from harness.judge.serving import bounds
from harness.measure.load import SEARCH, SERVER, Trial, Trials, poisson
from harness.run.load import NEAR, Criterion, Groups, highest_rate, load_pass, most_trials
from harness.suite import Load

SERVICE = 0.02  # seconds that one request takes: 50 a second at most


def queued(arrivals: list[float], service: float) -> list[float]:
    """Latencies of one worker: each request begins when it came, or when the last one ended."""
    free, latencies = 0.0, []
    for at in arrivals:
        free = max(free, at) + service
        latencies.append(free - at)
    return latencies


class Simulated(Trials):
    """Trials of that queue, in no time."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, float]] = []

    @property
    def given_up(self) -> bool:
        return False

    def single_stream(self) -> Trial:
        return Trial(latencies=(SERVICE,), throughput=1 / SERVICE, whole=True)

    def offline(self, workers: int) -> Trial:
        return self.single_stream()

    def server(self, rate: float, *, workers: int, limit: float, over: int, name: str) -> Trial:
        self.asked.append((name, rate))
        found: list[float] = []
        for latency in queued(poisson(rate, 200, len(self.asked)), SERVICE):
            if sum(one > limit for one in found) > over:
                break
            found.append(latency)
        return Trial(latencies=tuple(found), throughput=rate, whole=len(found) == 200)

    def close(self) -> None:
        pass


def test_a_queue_by_hand() -> None:
    assert queued([0.0, 0.01, 0.1], 0.02) == pytest.approx([0.02, 0.03, 0.02])


@pytest.mark.parametrize("true", [50.0, 31.0, 13.0, 6.5])
def test_the_search_ends_within_five_percent_below_the_highest_rate(true: float) -> None:
    asked: list[float] = []

    def keeps(rate: float) -> bool:
        asked.append(rate)
        return rate <= true

    found = highest_rate(keeps, 50.0)
    assert found is not None
    assert true / NEAR <= found <= true
    assert max(asked) <= 50.0
    assert len(asked) <= 9


def test_where_even_an_eighth_is_too_much_there_is_no_rate() -> None:
    asked: list[float] = []

    def keeps(rate: float) -> bool:
        asked.append(rate)
        return False

    assert highest_rate(keeps, 80.0) is None
    assert asked == [80.0, 40.0, 20.0, 10.0]


class Refusing(Simulated):
    """Answers at once, and above ten a second some requests not at all."""

    def server(self, rate: float, *, workers: int, limit: float, over: int, name: str) -> Trial:
        self.asked.append((name, rate))
        return Trial(latencies=(0.001,) * 100, throughput=rate, whole=rate <= 10)


def load(limit: float, trials: Simulated | None = None) -> tuple[Simulated, int, Load]:
    trials, steps = trials or Simulated(), []
    part = Load(
        set="",
        clips=1,
        processes=3,
        requests=200,
        warmup=0,
        concurrency=(1,),
        workers=1,
        timeout_s=1,
    )
    criterion = Criterion(limit=limit, p95=lambda taken: percentile(taken, 0.95), bounds=bounds)
    load_pass(trials, part, criterion, step=lambda: steps.append(1))
    return trials, len(steps), part


def test_the_rate_found_is_shown_by_new_trials_on_both_sides() -> None:
    trials, steps, part = load(3 * SERVICE)
    searched = [rate for name, rate in trials.asked if name == SEARCH]
    shown = list(dict.fromkeys(rate for name, rate in trials.asked if name == SERVER))
    assert searched[0] == 1 / SERVICE  # the offline throughput
    assert shown[0] in searched
    assert all(
        sum(rate == one for name, rate in trials.asked if name == SERVER) == 3 for one in shown
    )
    assert max(shown) > shown[0] > min(searched) * 0.5
    assert steps == len(trials.asked) + 2 * 3 <= most_trials(part)


def test_a_limit_that_no_rate_keeps_is_shown_at_the_lowest_one() -> None:
    trials, _, _ = load(SERVICE / 2)
    assert {rate for name, rate in trials.asked if name == SERVER} == {1 / SERVICE / 8}


def test_a_rate_at_which_requests_are_not_answered_is_not_kept() -> None:
    trials, _, _ = load(1.0, Refusing())
    found = next(rate for name, rate in trials.asked if name == SERVER)
    assert 10 / NEAR <= found <= 10


def test_bounds_are_open_where_one_trial_is_all_there_is() -> None:
    groups: Groups = [[0.01] * 20]
    assert bounds(groups) == (-math.inf, math.inf)
