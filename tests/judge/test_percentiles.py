"""Bounds of percentiles: they hold whenever one looks, and count the spread between processes."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.judge.intervals import percentile
from harness.judge.percentiles import (
    least_over,
    lower_bound,
    most_over,
    percentile_interval,
    processes_from_above,
    processes_needed,
    runs_needed,
    upper_bound,
)


def test_the_worked_example_by_hand() -> None:
    # A run within the limit is log(0.99 / 0.95) = 0.0412 for 1 % against 5 %, and log 20 = 2.996:
    # 72.6 of them. A run over it is log(0.01 / 0.05) = -1.609, which 39.02 more within it make up.
    assert runs_needed(0, 0.95) == math.ceil(math.log(20) / math.log(0.99 / 0.95)) == 73
    assert runs_needed(1, 0.95) == 1 + math.ceil((math.log(20) + math.log(5)) / 0.041244) == 113
    runs = np.arange(1, 74) / 1000
    assert percentile(runs, 0.95) == 0.070
    assert upper_bound([runs[:40], runs[40:]], 0.95) >= 0.073, "the highest bounds it"


@pytest.mark.parametrize(
    ("n", "p", "over", "why"),
    [
        (72, 0.95, None, "one run short"),
        (73, 0.95, 0, "none over the limit"),
        (112, 0.95, 0, "111 within and one over are not enough"),
        (113, 0.95, 1, "112 within make up for one over"),
        (400, 0.95, 8, "2 % of the most that a bench takes"),
        (372, 0.99, None, "p99 needs 373"),
        (373, 0.99, 0, "p99 from 373 on"),
        (7, 0.50, None, "a median needs eight: log 20 / log(0.75 / 0.5) = 7.4"),
        (8, 0.50, 0, "eight"),
        (1, 0.95, None, "one run bounds nothing"),
    ],
)
def test_a_pass_needs_enough_runs(n: int, p: float, over: int | None, why: str) -> None:
    assert most_over(n, p) == over, why


@pytest.mark.parametrize(
    ("n", "p", "over", "why"),
    [
        (2, 0.95, None, "log 20 / log 3 = 2.7: two runs fail nothing"),
        (3, 0.95, 3, "three of three do"),
        (80, 0.95, 10, "10 of 80: 10 * 1.0986 - 70 * 0.1112 = 3.2"),
        (400, 0.95, 40, "10 % of many"),
        (7, 0.50, None, "a median: log 20 / log 1.5 = 7.4"),
        (8, 0.50, 8, "eight of eight"),
    ],
)
def test_a_fail_needs_a_clear_excess(n: int, p: float, over: int | None, why: str) -> None:
    assert least_over(n, p) == over, why


@pytest.mark.parametrize("p", [0.5, 0.95, 0.99])
@pytest.mark.parametrize("rises", [False, True])
def test_a_test_that_is_looked_at_after_every_run_is_wrong_one_time_in_twenty(
    p: float, rises: bool
) -> None:
    # Independent runs, exactly at the limit: the worst that is not a pass, and the worst that is
    # not a fail. 1000 benches, each looked at 400 times.
    rng = np.random.default_rng(4)
    over = (rng.random((1000, 400)) < 1 - p).cumsum(axis=1)
    ends = [(least_over if rises else most_over)(n, p) for n in range(1, 401)]
    none = math.inf if rises else -1
    border = np.array([none if end is None else end for end in ends])
    wrong = (over >= border).any(axis=1) if rises else (over <= border).any(axis=1)
    assert wrong.mean() <= 0.06


@settings(deadline=None, max_examples=30)
@given(st.lists(st.floats(0.001, 10), min_size=73, max_size=120), st.integers(3, 12))
def test_the_spread_between_processes_only_widens_a_bound(
    values: list[float], processes: int
) -> None:
    interval = percentile_interval(values, np.arange(len(values)) % processes, 0.95)
    over, least = most_over(len(values), 0.95), least_over(len(values), 0.95)
    assert over is not None
    assert least is not None
    assert interval.high >= sorted(values)[-1 - over]
    assert interval.low <= sorted(values)[-least]
    assert interval.low <= percentile(values, 0.95) <= interval.high


@pytest.mark.parametrize(
    ("processes", "low", "why"),
    [(1, False, "one process"), (2, False, "two show no fail either"), (3, True, "three do")],
)
def test_few_processes_bound_nothing(processes: int, low: bool, why: str) -> None:
    interval = percentile_interval(np.linspace(1, 2, 100), np.arange(100) % processes, 0.95)
    assert math.isfinite(interval.low) is low, why
    assert math.isfinite(interval.high) is (processes > 1)


def test_processes_that_differ_widen_the_bound() -> None:
    rng = np.random.default_rng(3)
    runs, owners = rng.normal(10, 1, 80), np.repeat(np.arange(10), 8)
    alike = percentile_interval(runs, owners, 0.95)
    apart = percentile_interval(runs + np.repeat(rng.normal(0, 1, 10), 8), owners, 0.95)
    assert apart.high - percentile(runs, 0.95) > alike.high - percentile(runs, 0.95)


def test_a_single_slow_process_is_neither_a_fail_nor_a_pass() -> None:
    # 20 of 160 runs, all in one process: so many independent runs would be a fail. That one
    # process of eight was slow says little; that twelve of ninety-six were says much.
    assert least_over(160, 0.95) == 18
    groups = [np.full(20, 2.0), *[np.ones(20)] * 7]
    assert lower_bound(groups, 0.95) == 1.0
    assert upper_bound(groups, 0.95) >= 2.0
    assert lower_bound(groups * 12, 0.95) == 2.0


def test_resampled_processes_give_what_is_counted_by_hand() -> None:
    # Three processes, all runs of one alike: the p95 of a resample is its slowest process. It is
    # the fastest one only where all three draws are, in 1 of 27; the 3 % tail lies there.
    groups = [np.full(40, 1.0), np.full(40, 2.0), np.full(40, 3.0)]
    assert lower_bound(groups, 0.95) == 1.0
    # With six, all draws are the three fastest in 1 of 64 and the four fastest in 1 of 11.
    assert lower_bound([np.full(20, float(i)) for i in range(1, 7)], 0.95) == 4.0


def test_runs_without_any_spread_are_their_own_bound() -> None:
    interval = percentile_interval(np.full(80, 0.25), np.arange(80) // 8, 0.95)
    assert (interval.low, interval.high) == pytest.approx((0.25, 0.25))


def test_times_that_are_not_positive_are_bounded_without_logarithms() -> None:
    groups = [np.array([-1.0, 0.0, 1.0]), np.array([-2.0, 0.5, 1.5])]
    assert math.isfinite(processes_from_above(groups, 0.95))


def test_more_processes_of_the_same_kind_are_asked_for_only_if_they_help() -> None:
    rng = np.random.default_rng(5)
    groups = [rng.normal(10 + shift, 0.1, 8) for shift in rng.normal(0, 0.3, 4)]
    bound = processes_from_above(groups, 0.95)
    assert processes_needed(groups, 0.95, bound * 0.97) is not None
    assert processes_needed(groups, 0.95, 9.0) is None
