"""The log-mel picture that the tokeniser reads."""

from __future__ import annotations

import librosa
import numpy as np
import pytest

from agents import features
from agents.features import FLOOR, FRAMES, HOP, MELS, SAMPLE_RATE, SAMPLES, log_mel


def noise(count: int) -> features.Float32:
    samples = np.random.default_rng(1).standard_normal(count).astype(np.float32)
    return samples * np.float32(0.1)


@pytest.mark.parametrize("count", [SAMPLE_RATE, SAMPLES])
def test_the_picture_is_that_of_librosa_with_the_same_settings(count: int) -> None:
    expected = librosa.feature.melspectrogram(
        y=noise(count),
        sr=SAMPLE_RATE,
        n_fft=features.FFT,
        hop_length=HOP,
        win_length=features.WINDOW,
        pad_mode="constant",
        n_mels=MELS,
        fmin=features.LOW,
        fmax=features.HIGH,
        htk=True,
        norm=None,
    )[:, : count // HOP]
    found = log_mel(noise(count))[:, : count // HOP]
    np.testing.assert_allclose(found, np.log(expected + FLOOR), atol=1e-3)


@pytest.mark.parametrize("count", [0, 1, HOP - 1, HOP + 1, SAMPLES - 1])
def test_any_length_up_to_a_window_gives_a_whole_picture(count: int) -> None:
    mel = log_mel(noise(count))
    assert mel.shape == (MELS, FRAMES)
    assert mel.dtype == np.float32
    assert np.isfinite(mel).all()
    silent = np.float32(np.log(np.float32(FLOOR)))
    assert (mel[:, count // HOP + 4 :] == silent).all()


def test_more_than_a_window_is_refused() -> None:
    with pytest.raises(ValueError, match=f"holds {SAMPLES} samples; got {SAMPLES + 1}"):
        log_mel(noise(SAMPLES + 1))


def test_a_pure_tone_stands_in_the_band_of_its_frequency() -> None:
    time = np.arange(SAMPLE_RATE) / SAMPLE_RATE
    for hertz, expected in ((440.0, 15), (4_000.0, 61)):
        mel = log_mel(np.sin(2 * np.pi * hertz * time).astype(np.float32))
        assert mel[:, 50].argmax() == pytest.approx(expected, abs=1)
