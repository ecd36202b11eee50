"""What a comparison could have seen, and limits that are finer than that."""

from __future__ import annotations

import math

import numpy as np
import pytest

from harness.errors import ConfigError
from harness.judge.intervals import unseen
from harness.judge.power import detectable, detectable_on, finer_text, refuse_finer


def test_the_smallest_detectable_difference_is_as_by_hand() -> None:
    """100 utterances of 10 words, 16 better and 16 worse by one word.

    Standard error: sqrt(32 / 99 / 100) words of 10 = 0.569 points. Student's t with 99 degrees of
    freedom: 1.984 at 0.975 and 0.845 at 0.80, so that 2.829 x 0.569 = 1.61 points.
    """
    first = np.zeros(100)
    second = np.concatenate([np.ones(16), -np.ones(16), np.zeros(68)])
    assert detectable((first + 1, second + 1), np.full(100, 10)) == pytest.approx(0.0161, rel=0.02)


def test_a_difference_of_that_size_is_found_in_about_eighty_of_a_hundred() -> None:
    """Simulated: what power says is what intervals of many comparisons then do."""
    rng = np.random.default_rng(4)
    n, words = 4000, 10
    spread = math.sqrt(2) / words / math.sqrt(n)  # of two Poisson rates of an error a clip
    shift = (1.961 + 0.842) * spread
    found = 0
    for _ in range(400):
        apart = rng.poisson(1 + shift * words, n) - rng.poisson(1, n)
        error = apart.std(ddof=1) / math.sqrt(n) / words
        found += apart.mean() / words - 1.961 * error > 0
    assert 0.72 < found / 400 < 0.88
    seen = detectable((rng.poisson(1, n), rng.poisson(1, n)), np.full(n, words))
    assert seen == pytest.approx(shift, rel=0.1)


def test_nothing_that_differs_shows_what_the_words_can_show_at_all() -> None:
    same = np.arange(50) % 3
    assert detectable((same, same), np.full(50, 8)) == pytest.approx(2 * 3.6889 / 400, rel=1e-4)
    assert detectable(([1], [0]), [9]) is None
    assert detectable(([1, 0], [0, 0]), [0, 0]) is None


def test_before_a_second_system_is_heard_its_errors_are_taken_as_foreign() -> None:
    errors = np.arange(400) % 5 == 0
    lengths = np.full(400, 10)
    # Standard error of the rate: sqrt(0.2 x 0.8 / 399) / 10; t of 399: 1.966 + 0.843.
    expected = math.sqrt(2) * 2.809 * math.sqrt(0.16 / 399) / 10
    assert detectable_on(errors, lengths) == pytest.approx(expected, rel=0.02)
    assert detectable_on(np.zeros(400), lengths) == unseen(4000)


@pytest.mark.parametrize(
    ("limit", "words", "refused", "why"),
    [
        (0.005, 569, True, "60 clips of 9 words show 1.3 points"),
        (0.005, 1475, True, "0.50 points and a little"),
        (0.005, 1476, False, "just enough words"),
        (0.0, 10_000, True, "no number of words shows nothing at all"),
        (0.03, 0, True, "no word"),
    ],
)
def test_a_limit_that_nothing_could_keep_is_refused(
    limit: float, words: int, refused: bool, why: str
) -> None:
    if not refused:
        refuse_finer("full_scale.wer_points", limit, words, "es_synthetic, 60 clips")
        return
    with pytest.raises(ConfigError, match="es_synthetic, 60 clips can show") as raised:
        refuse_finer("full_scale.wer_points", limit, words, "es_synthetic, 60 clips")
    assert ("Hear 1476 words or more" in str(raised.value)) is (limit == 0.005), why


def test_a_limit_finer_than_what_was_detectable_is_said_so() -> None:
    assert "finer than the smallest difference" in finer_text(0.005, 0.012)
    assert "1.20 %" in finer_text(0.005, 0.012)
    assert not finer_text(0.012, 0.012)
    assert not finer_text(0.005, None)
