"""Percentiles of a sample, and intervals of means and rates."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.judge.intervals import (
    DRAWS,
    LEVEL,
    effective,
    freedom,
    mean_interval,
    percentile,
    proportion_interval,
    rate_difference,
    rate_interval,
    resampled_rates,
    unseen,
)


@settings(deadline=None)
@given(st.lists(st.floats(0.001, 10), min_size=1, max_size=120), st.sampled_from([0.5, 0.95, 0.99]))
def test_a_percentile_is_always_one_of_the_samples(values: list[float], p: float) -> None:
    assert percentile(values, p) in values


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
    [
        ([], [], "no utterance"),
        ([0], [0], "no word"),
        ([2], [0], "insertions into nothing"),
        ([1], [9], "one unit has no spread"),
    ],
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


def test_a_rate_is_bounded_by_students_t_on_the_logarithm_over_the_units() -> None:
    """By hand: 4 speakers of 100 words with 2, 4, 4 and 6 errors, a rate of 4 %.

    Standard error of the mean of 2, 4, 4, 6 is 1.633 / 2 = 0.816 in 100 words; t of 3 degrees of
    freedom at 0.975 is 3.182: 0.04 x exp(+- 3.182 x 0.00816 / 0.04).
    """
    interval = rate_interval([2, 4, 4, 6], [100] * 4, unit="speakers")
    assert interval is not None
    assert interval.low == pytest.approx(0.04 * np.exp(-3.182 * 0.2041), rel=0.02)
    assert interval.high == pytest.approx(0.04 * np.exp(3.182 * 0.2041), rel=0.02)


def test_units_of_unlike_size_leave_fewer_degrees_of_freedom() -> None:
    assert effective([7] * 20) == pytest.approx(20)
    assert effective([81, 1, 1, 1]) == pytest.approx(84**2 / (81**2 + 3))
    assert freedom([81, 1, 1, 1]) == 1.0, "never less than one"


def test_a_difference_is_never_bounded_more_narrowly_than_one_of_which_nothing_was_seen() -> None:
    words, none = np.full(300, 7), np.zeros(300)
    one = np.where(np.arange(300) == 0, 1, 0)
    for second in (none, one):
        difference = rate_difference((none, second), words)
        assert difference is not None
        assert (difference.high - difference.low) / 2 == pytest.approx(unseen(2100))


def test_draws_are_of_as_many_units_and_add_up_exactly() -> None:
    """The mean of the draws is the rate, and their spread that of the mean of 0 and 1: 0.5 / 10."""
    rates = resampled_rates(np.array([0.0, 1.0] * 50), np.ones(100))
    assert len(rates) == DRAWS
    assert rates.mean() == pytest.approx(0.5, abs=0.002)
    assert rates.std() == pytest.approx(0.05, rel=0.03)
    assert np.allclose(rates * 100, np.round(rates * 100), atol=1e-9)


def test_kinds_of_many_units_are_drawn_as_the_units_would_be() -> None:
    """Two kinds among 1 000 units, and the same with lengths that make every unit a kind."""
    wrong = np.arange(1000) % 4 == 0
    kinds = resampled_rates(wrong * 1.0, np.full(1000, 7.0))
    units = resampled_rates(wrong * 1.0, np.linspace(7, 7 + 1e-6, 1000))
    assert kinds.mean() == pytest.approx(units.mean(), rel=0.01)
    assert kinds.std() == pytest.approx(units.std(), rel=0.03)
    assert kinds.std() == pytest.approx(np.sqrt(0.25 * 0.75 / 1000) / 7, rel=0.03)
