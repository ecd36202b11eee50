"""Cutting longer audio."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.features import SAMPLES
from agents.windows import cut

SECOND = 16_000


def test_the_cut_falls_into_the_middle_of_the_pause() -> None:
    clip = np.ones(15 * SECOND, np.float32)
    clip[9 * SECOND : 9 * SECOND + 3_200] = 0  # 0.2 s of silence at 9.0 s
    first, second = cut(clip)
    assert len(first) == 9 * SECOND + 1_600
    assert len(second) == 6 * SECOND - 1_600


@pytest.mark.parametrize(
    ("length", "pieces"),
    [
        (1, 1),
        (SAMPLES, 1),  # exactly one window
        (SAMPLES + 1, 2),
        (60 * SECOND, 6),  # digital silence: the latest pause wins, windows stay long
    ],
)
def test_short_audio_stays_whole_and_long_audio_does_not(length: int, pieces: int) -> None:
    assert len(cut(np.zeros(length, np.float32))) == pieces


def test_a_pause_before_the_last_three_seconds_is_not_sought() -> None:
    clip = np.ones(15 * SECOND, np.float32)
    clip[3 * SECOND : 4 * SECOND] = 0
    assert len(cut(clip)[0]) > 7 * SECOND


@given(seed=st.integers(0, 1_000), length=st.integers(1, 50 * SECOND))
@settings(deadline=None, max_examples=30)
def test_the_pieces_are_the_audio_and_each_fits(seed: int, length: int) -> None:
    clip = np.random.default_rng(seed).normal(size=length).astype(np.float32)
    pieces = cut(clip)
    np.testing.assert_array_equal(np.concatenate(pieces), clip)
    assert all(0 < len(piece) <= SAMPLES for piece in pieces)
