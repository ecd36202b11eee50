"""Whether interleaved arms differ: by hand, with an A/A control, and as often as is stated."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from harness.judge.ab import Difference, holm, judge_ratio
from harness.judge.change import Word
from harness.judge.samples import Floats
from harness.units import Unit

Noise = Callable[[np.random.Generator, tuple[int, int]], Floats]


def judged(a: list[float], again: list[float], b: list[float]) -> Difference:
    arms = (np.array(arm, dtype=np.float64) for arm in (a, again, b))
    return judge_ratio("latency.end_to_end", Unit.SECONDS, *arms)


def test_three_rounds_by_hand() -> None:
    # log b - log a is log 2 - 0.1, log 2, log 2 + 0.1: mean log 2, standard error 0.1 / sqrt 3.
    told = judged([1, 1, 1], [1, 1, 1], [2 * math.exp(shift) for shift in (-0.1, 0.0, 0.1)])
    half = stats.t.ppf(0.975, 2) * 0.1 / math.sqrt(3)
    assert told.interval is not None
    assert told.ratio == pytest.approx(2)
    assert math.log(told.interval.high) == pytest.approx(math.log(2) + half)
    assert told.p == pytest.approx(
        2 * stats.t.sf((math.log(2) - math.log(1.03)) / (0.1 / math.sqrt(3)), 2)
    )
    assert told.word is Word.SLOWER


def test_both_baseline_arms_count_and_a_round_cancels() -> None:
    # Each round is slower as a whole; the baseline of a round is the geometric mean of 1 and 1.01.
    slow = [1.0, 3.0, 2.0, 5.0]
    told = judged(slow, [1.01 * s for s in slow], [1.2 * s for s in slow])
    assert told.ratio == pytest.approx(1.2 / math.sqrt(1.01))
    assert told.control is not None
    assert told.control.low == pytest.approx(told.control.high) == pytest.approx(1.01)


def test_a_fifth_of_the_rounds_is_trimmed_at_each_end() -> None:
    # Of 5 rounds the least and the greatest log ratio are left out: a wild round changes nothing.
    a = [1.0] * 5
    calm, wild = ([1.0, 1.1, 1.1, 1.1, end] for end in (1.2, 50.0))
    assert judged(a, a, calm).ratio == pytest.approx(judged(a, a, wild).ratio) == pytest.approx(1.1)


@pytest.mark.parametrize(
    ("a", "again", "b", "word", "reason"),
    [
        ([1, 1], [1, 1], [2, 2], Word.UNKNOWN, "2 of 3 rounds"),
        ([], [], [], Word.UNKNOWN, "0 of 3 rounds"),
        ([1, 1, 1], [1, 1, 0], [1, 1, 1], Word.UNKNOWN, "positive number"),
        ([1, 1, 1], [1, 1, math.nan], [1, 1, 1], Word.UNKNOWN, "positive number"),
        ([1, 1, 1], [1, 1, 1], [1, 1, 1], Word.SAME, ""),
        ([1, 1, 1], [1, 1, 1], [1.029, 1.029, 1.029], Word.SAME, ""),  # within the margin
        ([1, 1, 1], [1, 1, 1], [1.031, 1.031, 1.031], Word.SLOWER, ""),
        ([1, 1, 1], [1, 1, 1], [0.9, 0.9, 0.9], Word.FASTER, ""),
        ([1, 1, 1], [1.2, 1.2, 1.2], [2, 2, 2], Word.UNKNOWN, "the machine drifted"),
        (
            [1, 1, 1],
            [1.01, 1.06, 1.11],
            [1.0502, 1.0759, 1.101],
            Word.UNKNOWN,
            "same code differed",
        ),
        ([1, 1, 1], [1, 1, 1], [0.5, 1, 2], Word.UNKNOWN, "too wide"),
    ],
)
def test_it_says_why_it_cannot_tell(
    a: list[float], again: list[float], b: list[float], word: Word, reason: str
) -> None:
    told = judged(a, again, b)
    assert told.word is word
    assert reason in told.note
    assert bool(told.note) == bool(reason)


def test_bytes_are_more_or_less() -> None:
    one, two = np.ones(3), np.full(3, 2.0)
    assert judge_ratio("memory.peak", Unit.BYTES, one, one, two).word is Word.MORE
    assert judge_ratio("memory.peak", Unit.BYTES, two, two, one).word is Word.LESS


def test_the_ratio_turns_over_with_the_arms() -> None:
    rng = np.random.default_rng(7)
    a, b = np.exp(rng.normal(0, 0.05, (2, 10)))
    there, back = judge_ratio("m", Unit.SECONDS, a, a, b), judge_ratio("m", Unit.SECONDS, b, b, a)
    assert there.ratio is not None
    assert back.ratio is not None
    assert there.ratio * back.ratio == pytest.approx(1)
    assert there.p == pytest.approx(back.p)


def test_arms_of_unequal_length_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="3, 3 and 2 rounds"):
        judged([1, 1, 1], [1, 1, 1], [1, 1])


def normal(rng: np.random.Generator, shape: tuple[int, int]) -> Floats:
    return rng.normal(0, 0.05, shape)


def heavy(rng: np.random.Generator, shape: tuple[int, int]) -> Floats:
    return 0.03 * rng.standard_t(3, shape)


def bursts(rng: np.random.Generator, shape: tuple[int, int]) -> Floats:
    calm: Floats = rng.normal(0, 0.03, shape)
    return calm + (rng.random(shape) < 0.05) * rng.uniform(0.1, 0.47, shape)


def words(noise: Noise, slower: float, times: int = 300) -> Counter[Word]:
    """Return what comparisons of 10 rounds say; the machine drifts by 5 % from round to round."""
    rng = np.random.default_rng(3)
    said: Counter[Word] = Counter()
    for _ in range(times):
        arms = np.exp(noise(rng, (3, 10)) + rng.normal(0, 0.05, 10).cumsum())
        a, again, b = arms
        said[judge_ratio("m", Unit.SECONDS, a, again, b * (1 + slower)).word] += 1
    return said


@pytest.mark.parametrize("noise", [normal, heavy, bursts])
def test_identical_code_is_called_slower_in_at_most_5_of_100(noise: Noise) -> None:
    said = words(noise, 0.0)
    assert said[Word.SLOWER] + said[Word.FASTER] <= 0.02 * said.total()


@pytest.mark.parametrize("noise", [normal, heavy, bursts])
def test_a_slowdown_of_15_percent_is_found_in_85_of_100(noise: Noise) -> None:
    said = words(noise, 0.15)
    assert said[Word.SLOWER] >= 0.90 * said.total()
    assert said[Word.SAME] == 0


def test_the_smallest_detectable_difference_is_found_in_about_80_of_100() -> None:
    rng = np.random.default_rng(5)
    least = [judge_ratio("m", Unit.SECONDS, *np.exp(normal(rng, (3, 10)))) for _ in range(100)]
    typical = float(np.median([told.detectable or math.nan for told in least]))
    said = words(normal, typical - 1)
    assert 0.70 <= said[Word.SLOWER] / said.total() <= 0.95


def test_holm_by_hand() -> None:
    # p 0.04, 0.01, 0.02 over three: 3 x 0.01 = 0.03, 2 x 0.02 = 0.04, and 0.04 is not less than it.
    rows = [_slower("one", 0.04), _slower("two", 0.01), _slower("three", 0.02)]
    told = holm(rows)
    assert [d.metric for d in told] == ["one", "two", "three"]
    assert [d.adjusted for d in told] == pytest.approx([0.04, 0.03, 0.04])
    assert {d.word for d in told} == {Word.SLOWER}


def test_holm_takes_back_what_one_of_several_shows_only_alone() -> None:
    first, second = holm([_slower("one", 0.03), _slower("two", 0.9)])
    assert first.adjusted == pytest.approx(0.06)
    assert first.word is Word.UNKNOWN
    assert "Holm's correction over 2 metrics" in first.note
    assert second.adjusted == pytest.approx(0.9)


def test_holm_does_not_count_what_could_not_be_tested() -> None:
    untested = judged([1], [1], [1])
    told = holm([_slower("one", 0.03), untested])
    assert told[0].adjusted == pytest.approx(0.03)
    assert told[0].word is Word.SLOWER
    assert told[1].adjusted is None


def _slower(metric: str, p: float) -> Difference:
    return replace(judged([1, 1, 1], [1, 1, 1], [2, 2, 2]), metric=metric, p=p)
