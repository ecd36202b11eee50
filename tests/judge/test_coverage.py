"""Whether intervals of a WER hold the truth as often as they say, in small."""

from __future__ import annotations

import numpy as np
import pytest

from harness.judge.coverage import Cover, coverage, simulate


@pytest.fixture(scope="module")
def seen() -> Cover:
    """150 sets of 20 speakers who are heard unlike each other, 10 clips each."""
    (cell,) = coverage(150, 1, speakers=[20], regimes=[(0.1, 200)])
    return cell


def test_the_interval_over_speakers_holds_and_the_one_over_utterances_does_not(seen: Cover) -> None:
    # 95 %: within 3.3 standard errors of 1.8 %. Taking clips as strangers held in 82 % of 1000.
    assert 0.89 <= seen.held / seen.sets <= 1.0
    assert seen.utterances / seen.sets < 0.89
    assert seen.quantiles <= seen.held
    assert seen.difference / seen.sets >= 0.89


def test_the_simulated_rate_is_the_true_one_and_speakers_differ() -> None:
    drawn = simulate(np.random.default_rng(5), 0.02, 200_000, 400)
    assert drawn.errors.sum() / drawn.words.sum() == pytest.approx(0.02, rel=0.15)
    assert drawn.others.sum() / drawn.errors.sum() == pytest.approx(1.2, rel=0.1)
    rates = drawn.by_speaker(drawn.errors) / drawn.by_speaker(drawn.words)
    assert rates.std() / rates.mean() == pytest.approx(0.7, abs=0.1)
    assert len(np.unique(drawn.owners)) == 400, "every speaker has a clip"


def test_sets_without_an_error_are_counted_and_bounded() -> None:
    (cell,) = coverage(20, 2, speakers=[20], regimes=[(0.0002, 100)])
    assert cell.silent >= 10
    assert cell.held >= cell.silent, "the upper bound of none is above so low a truth"


def test_the_same_seed_simulates_the_same_sets() -> None:
    told: list[int] = []
    first = coverage(1, 3, lambda: told.append(1), regimes=[(0.02, 60)])
    assert first == coverage(1, 3, regimes=[(0.02, 60)])
    assert [cell.speakers for cell in first] == [8, 12, 20, 50]
    assert [cell.enough for cell in first] == [False, False, True, True]
    assert len(told) == len(first)
