"""Longer audio: windows that overlap, and what they heard as one."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from agents.errors import InputShapeError
from agents.features import SAMPLES
from agents.windows import OVERLAP, STEP, cut, middles, seams, starts, stitch

SECOND = 16_000
FRAMES, SHARED = 512, 100  # log-probabilities of a window, and those of an overlap: 20 ms each
ADVANCE = FRAMES - SHARED

Float32 = NDArray[np.float32]


def loud(seconds: float) -> Float32:
    """Return noise, the same at every call."""
    return np.random.default_rng(0).normal(0, 0.1, round(seconds * SECOND)).astype(np.float32)


def heard_alike(windows: int, frames: int = FRAMES) -> tuple[Float32, list[Float32]]:
    """Return what one endless window hears, every frame another, and what windows hear of it."""
    step = frames - round(frames * OVERLAP / SAMPLES)
    random = np.random.default_rng(windows).normal(size=(step * (windows - 1) + frames, 5))
    whole = random.astype(np.float32)
    return whole, [whole[at * step : at * step + frames].copy() for at in range(windows)]


@pytest.mark.parametrize(
    ("length", "windows"),
    [
        (1, 1),
        (SAMPLES, 1),  # exactly one window
        (SAMPLES + 1, 2),  # the second holds the overlap and one sample
        (SAMPLES + STEP, 2),
        (SAMPLES + STEP + 1, 3),
        (600 * SECOND, 73),
    ],
)
def test_there_are_as_many_windows_as_it_takes(length: int, windows: int) -> None:
    assert len(cut(np.zeros(length, np.float32))) == windows


@given(length=st.integers(1, 50 * SECOND))
@settings(deadline=None, max_examples=30)
def test_every_window_fits_and_begins_with_the_end_of_the_one_before(length: int) -> None:
    clip = np.arange(length, dtype=np.float32)  # every sample is its own place
    pieces = cut(clip)
    assert [piece[0] / SECOND for piece in pieces] == starts(len(pieces))
    assert all(len(piece) == SAMPLES for piece in pieces[:-1])
    news = [piece[OVERLAP:] for piece in pieces[1:]]
    assert all(map(len, news))
    np.testing.assert_array_equal(np.concatenate([pieces[0], *news]), clip)


def test_one_window_is_passed_on_as_it_is() -> None:
    _, (alone,) = heard_alike(1)
    assert stitch([alone], []) is alone
    assert seams(loud(10.24)) == []


@given(windows=st.integers(2, 6), places=st.data())
@settings(deadline=None, max_examples=30)
def test_every_frame_is_taken_once_wherever_the_seams_lie(
    windows: int, places: st.DataObject
) -> None:
    whole, heard = heard_alike(windows)
    at = [start + places.draw(st.floats(0.0, 2.0)) for start in starts(windows)[1:]]
    np.testing.assert_array_equal(stitch(heard, at), whole)


@pytest.mark.parametrize("frames", [1, 2, 3, 10, 100, 128, 1024])
def test_a_decoder_may_give_any_number_of_frames(frames: int) -> None:
    whole, heard = heard_alike(5, frames)
    np.testing.assert_array_equal(stitch(heard, middles(5)), whole)


def test_what_a_window_hears_at_its_edges_counts_for_nothing() -> None:
    whole, heard = heard_alike(4)
    for before, after in pairwise(heard):
        before[-20:] = after[:20] = np.nan  # 0.4 s
    np.testing.assert_array_equal(stitch(heard, seams(loud(8.24 * 3 + 5))), whole)


def test_up_to_the_seam_the_earlier_window_counts_and_then_the_later_one() -> None:
    earlier, later = np.zeros((FRAMES, 5), np.float32), np.ones((FRAMES, 5), np.float32)
    found = stitch([earlier, later], [8.24 + 0.5])
    assert found[: ADVANCE + 25].max() == 0
    assert found[ADVANCE + 25 :].min() == 1


def test_the_seam_lies_in_the_middle_of_a_pause() -> None:
    clip = loud(15.0)
    clip[round(9.3 * SECOND) : round(9.5 * SECOND)] = 0
    assert seams(clip) == [pytest.approx(9.4)]


def test_a_pause_at_the_end_of_an_overlap_is_passed_over() -> None:
    clip = loud(15.0)
    clip[round(8.24 * SECOND) : round(8.54 * SECOND)] = 0
    assert seams(clip)[0] >= 8.64


def test_in_silence_the_seams_lie_in_the_middle_of_the_overlaps() -> None:
    silence = np.zeros(60 * SECOND, np.float32)
    assert seams(silence) == pytest.approx(middles(len(cut(silence))))
    assert middles(3) == pytest.approx([9.24, 17.48])


@given(length=st.integers(1, 50 * SECOND))
@settings(deadline=None, max_examples=30)
def test_there_is_a_seam_in_every_overlap_and_not_at_its_ends(length: int) -> None:
    clip = loud(length / SECOND)
    found = seams(clip)
    begins = starts(len(cut(clip)))[1:]
    assert all(b + 0.4 <= at <= b + 1.6 for b, at in zip(begins, found, strict=True))


@pytest.mark.parametrize("at", [[], [9.0, 17.0], [8.0], [10.3]])
def test_seams_of_other_audio_are_refused(at: list[float]) -> None:
    _, heard = heard_alike(2)
    with pytest.raises(InputShapeError, match=r"seams in the metadata: .*of 2 windows"):
        stitch(heard, at)
