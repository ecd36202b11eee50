"""Clips beyond one window: cut where they are quietest, heard piece by piece, read as one text."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from agents import windows
from agents.audio_omni_pipeline import AudioOmniPipeline
from agents.features import HOP, SAMPLES
from harness.accuracy.set_stats import WINDOW
from harness.accuracy.sets import read_set
from harness.accuracy.text import GATED
from harness.accuracy.wer import score, total
from harness.records import Clip

PROJECT = Path(__file__).parents[2]
CLIPS = read_set(PROJECT / "validation/reference_sets/es_long")


@pytest.fixture(scope="module")
def pipeline() -> AudioOmniPipeline:
    return AudioOmniPipeline.from_file(PROJECT / "config/reference.yaml")


@pytest.mark.parametrize("clip", CLIPS, ids=lambda clip: clip.id)
def test_each_cut_is_the_quietest_place_of_the_window_s_last_seconds(
    pipeline: AudioOmniPipeline, clip: Clip
) -> None:
    assert clip.seconds > WINDOW == SAMPLES / 16_000
    samples = pipeline.resample_audio(*pipeline.decode_audio(Path(clip.audio).read_bytes()))
    pieces = windows.cut(samples)
    np.testing.assert_array_equal(np.concatenate(pieces), samples)
    half, seek = windows.PAUSE * HOP // 2, windows.SEARCH * HOP
    starts = np.cumsum([0, *map(len, pieces)])[:-1]
    for start, end in pairwise(starts):
        first = start + SAMPLES - seek + half  # of the places for a cut
        last = start + SAMPLES - half
        places = range(first, last + 1, HOP)
        energy = [float(np.square(samples[p - half : p + half]).sum()) for p in places]
        cut = float(np.square(samples[end - half : end + half]).sum())
        assert cut == pytest.approx(min(energy), abs=1e-6, rel=1e-3)


def test_long_clips_are_read_whole(pipeline: AudioOmniPipeline) -> None:
    counts = []
    for clip in CLIPS:
        answer = pipeline.process_audio(Path(clip.audio).read_bytes())
        assert answer["metadata"]["windows"] >= 2
        counts.append(score(clip.text, answer["text"], GATED))
    whole = total(counts)
    assert whole.rate is not None
    assert whole.rate < 0.10  # a smoke alarm; a piece that was lost would be a third of the words
