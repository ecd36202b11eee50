"""Comparisons whose truth is known: counted by hand, and as peers would judge them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest

from harness.judge.alarms import METRIC, alarms_of, threshold_says_slower, welch_says_slower
from harness.judge.samples import Floats
from harness.records import Measurement, Run
from harness.units import Unit
from tests.sample_run import empty_run

FACT = {
    "rounds": 3,
    "comparisons": 2,
    "baseline": ["a", "a again"],
    "planted": {"same": 0.0, "slow15": 0.15},
}


def run_of(arms: Mapping[str, Sequence[Sequence[float]]], rounds: int = 3) -> Run:
    """A run in which the processes of each arm took these times."""
    taken = tuple(
        Measurement(
            metric=METRIC, unit=Unit.SECONDS, samples=tuple(samples), process=number, arm=arm
        )
        for arm, processes in arms.items()
        for number, samples in enumerate(processes)
    )
    return replace(empty_run(), measurements=taken, facts={"alarms": {**FACT, "rounds": rounds}})


def by_hand() -> dict[str, list[list[float]]]:
    # Two comparisons of three rounds; the slow arm only in the first: later it is as quick as a.
    steady = [[1.0, 1.01, 1.02]] * 6
    slow = [[1.15, 1.16, 1.17]] * 3 + [[1.0, 1.01, 1.02]] * 3
    return {"a": steady, "a again": steady, "same": steady, "slow15": slow}


def test_two_comparisons_by_hand() -> None:
    same, slow = alarms_of(run_of(by_hand()))
    assert (same.added, slow.added) == (0.0, 0.15)
    assert (same.comparisons, same.slower, same.welch, same.threshold) == (2, 0, 0, 0)
    assert (slow.comparisons, slow.slower, slow.welch, slow.threshold) == (2, 1, 1, 1)


@pytest.mark.parametrize(
    ("arm", "kept"),
    [
        pytest.param("slow15", 5, id="the end of an interrupted run cut the last round"),
        pytest.param("a again", 4, id="of the control too"),
    ],
)
def test_a_comparison_that_is_not_whole_is_left_out(arm: str, kept: int) -> None:
    arms = by_hand()
    arms[arm] = arms[arm][:kept]
    for alarms in alarms_of(run_of(arms)):
        assert (alarms.comparisons, alarms.left_out) == (1, 1)


def test_a_run_that_took_no_comparison_has_none() -> None:
    assert alarms_of(empty_run()) == ()
    assert [a.comparisons for a in alarms_of(run_of({}))] == [0, 0]


def one(base: list[float], other: list[float]) -> tuple[list[Floats], list[Floats], list[Floats]]:
    a, b = np.array(base), np.array(other)
    return [a], [a], [b]


def test_peers_judge_by_their_own_rules() -> None:
    assert threshold_says_slower(one([1.0], [1.06]))
    assert not threshold_says_slower(one([1.0], [1.05]))
    quick = [1.0, 1.1, 1.2]
    assert welch_says_slower(one(quick, [2.0, 2.1, 2.2]))
    assert not welch_says_slower(one([2.0, 2.1, 2.2], quick))  # faster is no alarm
    assert not welch_says_slower(one(quick, [1.0, 1.15, 1.2]))


def test_runs_of_one_process_are_alike_and_only_the_harness_knows() -> None:
    rng = np.random.default_rng(0)
    rounds, comparisons = 10, 60

    def processes() -> list[list[float]]:
        middles = 1 + 0.02 * rng.standard_normal(rounds * comparisons)
        return [list(m + 0.002 * rng.standard_normal(8)) for m in middles]

    arms = {arm: processes() for arm in ("a", "a again", "same", "slow15")}
    same = alarms_of(run_of(arms, rounds))[0]
    assert same.comparisons == comparisons
    assert same.slower <= 0.05 * comparisons
    assert same.welch > 0.15 * comparisons
