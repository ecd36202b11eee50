"""Bounds of percentiles, means and rates."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.judge.intervals import (
    LEVEL,
    lower_rank,
    mean_interval,
    percentile,
    percentile_interval,
    processes_from_above,
    processes_needed,
    proportion_interval,
    rate_difference,
    rate_interval,
    runs_needed,
    upper_rank,
)


def test_the_worked_example_by_hand() -> None:
    # 59 runs of 1..59 ms. P(all 59 below p95) = 0.95 ** 59 = 4.85 %, so the maximum, rank 59,
    # bounds p95 with 95.15 %. p95 itself is rank ceil(0.95 * 59) = 57.
    runs = np.arange(1, 60) / 1000
    assert upper_rank(59, 0.95) == 59
    assert percentile(runs, 0.95) == 0.057
    independent = percentile_interval(runs, np.arange(59), 0.95)
    assert independent.high >= 0.059


@pytest.mark.parametrize(
    ("n", "p", "rank", "why"),
    [
        (58, 0.95, None, "0.95 ** 58 is 5.1 %: one run short"),
        (59, 0.95, 59, "the maximum bounds p95 from 59 on"),
        (92, 0.95, 92, "still the maximum"),
        (93, 0.95, 92, "one run may be over"),
        (298, 0.99, None, "p99 needs 299"),
        (299, 0.99, 299, "p99 from 299 on"),
        (4, 0.50, None, "half to the fourth is 6.25 %"),
        (5, 0.50, 5, "a median needs five"),
        (1, 0.95, None, "one run bounds nothing"),
    ],
)
def test_an_upper_bound_needs_enough_runs(n: int, p: float, rank: int | None, why: str) -> None:
    assert upper_rank(n, p) == rank, why


@pytest.mark.parametrize(("over", "needed"), [(0, 59), (1, 93), (2, 124)])
def test_runs_needed_follow_the_published_table(over: int, needed: int) -> None:
    assert runs_needed(over, 0.95) == needed


def test_a_lower_bound_allows_as_many_runs_above_it_as_chance_does() -> None:
    # Of 80 runs at most 7 exceed p95 with 95 % confidence: rank 73.
    assert lower_rank(80, 0.95) == 73


@settings(deadline=None)
@given(st.lists(st.floats(0.001, 10), min_size=1, max_size=120), st.sampled_from([0.5, 0.95, 0.99]))
def test_a_percentile_is_always_one_of_the_samples(values: list[float], p: float) -> None:
    assert percentile(values, p) in values


@settings(deadline=None, max_examples=30)
@given(st.lists(st.floats(0.001, 10), min_size=59, max_size=120), st.integers(2, 12))
def test_a_bound_never_lies_inside_of_what_independent_runs_would_give(
    values: list[float], processes: int
) -> None:
    owners = np.arange(len(values)) % processes
    interval = percentile_interval(values, owners, 0.95)
    rank = upper_rank(len(values), 0.95)
    assert rank is not None
    assert interval.high >= sorted(values)[rank - 1]
    assert interval.low <= percentile(values, 0.95) <= interval.high


def test_one_process_bounds_nothing_from_above() -> None:
    interval = percentile_interval(np.linspace(1, 2, 100), np.zeros(100), 0.95)
    assert interval.high == math.inf
    assert interval.low > 1.8


def test_processes_that_differ_widen_the_bound() -> None:
    rng = np.random.default_rng(3)
    runs, owners = rng.normal(10, 1, 80), np.repeat(np.arange(10), 8)
    alike = percentile_interval(runs, owners, 0.95)
    apart = percentile_interval(runs + np.repeat(rng.normal(0, 1, 10), 8), owners, 0.95)
    assert apart.high - percentile(runs, 0.95) > alike.high - percentile(runs, 0.95)


def test_a_single_slow_process_is_not_shown_to_be_more_than_chance() -> None:
    runs, owners = np.ones(80), np.repeat(np.arange(10), 8)
    runs[owners == 3] = 2.0
    assert percentile_interval(runs, owners, 0.95).low == 1.0


def test_runs_without_any_spread_are_their_own_bound() -> None:
    interval = percentile_interval(np.full(60, 0.25), np.arange(60) // 6, 0.95)
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


def test_the_gate_keeps_its_promise_on_alike_and_on_clustered_runs() -> None:
    # 10 processes of 8 runs, half of the variance between them, 5 % of all runs over the limit:
    # a pass is wrong, and may happen at most about one time in twenty.
    rng = np.random.default_rng(11)
    owners, passes = np.repeat(np.arange(10), 8), 0
    for _ in range(100):
        middles = np.repeat(rng.normal(0, math.sqrt(0.5), 10), 8)
        runs = np.exp(middles + rng.normal(0, math.sqrt(0.5), 80))
        passes += percentile_interval(runs, owners, 0.95).high <= math.exp(1.6449)
    assert passes <= 10


def test_a_rate_is_bounded_by_resampling_utterances() -> None:
    # 300 utterances of 7 words, every 21st wrong in one word: 15 / 2100 = 0.71 %.
    errors = (np.arange(300) % 21 == 0).astype(int)
    interval = rate_interval(errors, np.full(300, 7))
    assert interval is not None
    assert 0.003 < interval.low < errors.sum() / 2100 < interval.high < 0.012
    assert interval == rate_interval(errors, np.full(300, 7)), "seeded: the same every time"


def test_no_error_at_all_is_never_proof_of_none() -> None:
    interval = rate_interval(np.zeros(300), np.full(300, 7))
    assert interval is not None
    # 3.69 / 2100 words, doubled because errors of one utterance come together.
    assert interval.low == 0
    assert interval.high == pytest.approx(2 * 3.6889 / 2100, rel=1e-4)


@pytest.mark.parametrize(
    ("errors", "words", "why"),
    [([], [], "no utterance"), ([0], [0], "no word"), ([2], [0], "insertions into nothing")],
)
def test_a_rate_without_a_reference_word_has_no_interval(
    errors: list[int], words: list[int], why: str
) -> None:
    assert rate_interval(errors, words) is None, why


def test_a_paired_difference_is_narrower_than_two_rates_apart() -> None:
    rng = np.random.default_rng(2)
    first = rng.poisson(0.5, 300)
    second = first + (np.arange(300) % 10 == 0)
    difference = rate_difference((first, second), np.full(300, 7))
    alone = rate_interval(second, np.full(300, 7))
    assert difference is not None
    assert alone is not None
    assert difference.low > 0
    assert difference.high - difference.low < alone.high - alone.low


def test_two_runs_that_never_differ_are_not_proven_equal() -> None:
    difference = rate_difference((np.ones(50), np.ones(50)), np.full(50, 7))
    assert difference is not None
    assert difference.low < 0 < difference.high


def test_a_mean_is_bounded_over_processes_and_not_over_their_runs() -> None:
    values, owners = np.array([1.0, 1.0, 1.0, 2.0, 2.0, 2.0]), np.array([0, 0, 0, 1, 1, 1])
    interval = mean_interval(values, owners)
    assert interval is not None
    # Two processes: 1.5 +- t(0.975, 1 freedom) 12.706 * 0.7071 / sqrt(2)
    assert interval.high == pytest.approx(1.5 + 12.706 * 0.5, rel=1e-3)
    assert mean_interval([1.0], [0]) is None


def test_a_proportion_is_exact() -> None:
    interval = proportion_interval(10, 10)
    assert interval.low == pytest.approx(0.025 ** (1 / 10))
    assert interval.high == 1.0
    assert interval.level == LEVEL
