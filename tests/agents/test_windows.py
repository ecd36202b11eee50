"""Longer audio: windows that overlap, and what they heard as one."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from agents.features import SAMPLES
from agents.windows import OVERLAP, STEP, Stitched, cut, starts, stitch

SECOND = 16_000
FRAMES, SHARED = 512, 100  # log-probabilities of a window, and those of an overlap: 20 ms each
ADVANCE = FRAMES - SHARED
SILENCE, SPACE, LETTER_A, LETTER_B = range(4)  # symbols; any other is noise

Float32 = NDArray[np.float32]


def sure(symbols: NDArray[np.int64]) -> Float32:
    """Return log-probabilities that are sure of one symbol in each frame."""
    log_probs = np.full((len(symbols), 5), np.log(1e-3), np.float32)
    log_probs[np.arange(len(symbols)), symbols] = np.log(1 - 4e-3)
    return log_probs


def heard_alike(whole: Float32, frames: int = FRAMES, shared: int = SHARED) -> list[Float32]:
    """Return what windows hear that hear just what one endless window would."""
    count = 1 + max(0, -(-(len(whole) - frames) // (frames - shared)))
    windows = [whole[at * (frames - shared) :][:frames] for at in range(count)]
    assert len(windows[-1]) == frames
    return [window.copy() for window in windows]


def two_windows(before: NDArray[np.int64], after: NDArray[np.int64]) -> Stitched:
    """Stitch windows that hear `before` and `after` in their overlap, and noise elsewhere."""
    noise = np.full(ADVANCE, 4)
    return stitch([sure(np.append(noise, before)), sure(np.append(after, noise))])


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
    alone = sure(np.zeros(FRAMES, np.int64))
    assert stitch([alone]).log_probs is alone
    assert stitch([alone]).seams == []


@given(seed=st.integers(0, 1_000), windows=st.integers(2, 6))
@settings(deadline=None, max_examples=30)
def test_every_frame_is_taken_once_wherever_the_seams_lie(seed: int, windows: int) -> None:
    random = np.random.default_rng(seed).normal(size=(windows * ADVANCE + SHARED, 5))
    whole = np.log(np.exp(random) / np.exp(random).sum(axis=1, keepdims=True)).astype(np.float32)
    found = stitch(heard_alike(whole))
    np.testing.assert_array_equal(found.log_probs, whole)
    assert len(found.seams) == windows - 1
    for start, seam in zip(starts(windows)[1:], found.seams, strict=True):
        assert start + 0.4 <= seam <= start + 1.6  # not at the edges of the 2 s


def test_what_a_window_hears_at_its_edges_counts_for_nothing() -> None:
    whole = sure(np.random.default_rng(5).integers(0, 4, 3 * ADVANCE + SHARED))
    windows = heard_alike(whole)
    for before, after in pairwise(windows):
        before[-20:] = after[:20] = sure(np.full(20, 4))
    np.testing.assert_array_equal(stitch(windows).log_probs, whole)


def test_the_seam_lies_in_the_pause() -> None:
    said = np.full(SHARED, LETTER_A)
    said[62:74] = SILENCE  # 1.24 to 1.48 s into the overlap
    assert 8.24 + 1.32 <= two_windows(said, said).seams[0] <= 8.24 + 1.40


def test_in_a_long_pause_the_seam_keeps_to_the_middle_of_the_overlap() -> None:
    silence = np.full(SHARED, SILENCE)
    assert two_windows(silence, silence).seams == [pytest.approx(8.24 + 1.0)]


def test_where_nobody_pauses_the_seam_lies_where_both_windows_agree() -> None:
    before, after = np.full(SHARED, LETTER_A), np.full(SHARED, LETTER_B)
    before[25:40] = after[25:40] = np.tile([LETTER_A, SPACE, LETTER_B], 5)
    found = two_windows(before, after)
    assert 8.24 + 0.60 <= found.seams[0] <= 8.24 + 0.70
    heard = found.log_probs.argmax(axis=1)[ADVANCE : ADVANCE + SHARED]
    np.testing.assert_array_equal(heard, np.append(before[:32], after[32:]))


@pytest.mark.parametrize("frames", [1, 2, 3, 10, 100, 128, 1024])
def test_a_decoder_may_give_any_number_of_frames(frames: int) -> None:
    whole = sure(np.random.default_rng(frames).integers(0, 4, 4 * frames))
    shared = round(frames * 25 / 128)
    windows = [whole[at * (frames - shared) :][:frames] for at in range(3)]
    np.testing.assert_array_equal(stitch(windows).log_probs, whole[: 3 * frames - 2 * shared])
