"""Decoding and resampling."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from agents.audio import decode, resample, sine
from agents.errors import AudioFormatError
from agents.features import SAMPLE_RATE

Encode = Callable[..., bytes]
Sound = Callable[..., NDArray[np.float32]]


def test_a_stereo_file_becomes_the_mean_of_its_channels(encode: Encode) -> None:
    left = 0.5 * (-1.0) ** np.arange(100)
    right = -left / 2
    decoded = decode(encode(np.stack([left, right], axis=1), 44_100))
    assert decoded.samples == pytest.approx(left / 4, abs=1e-4)
    assert decoded.samples.dtype == np.float32
    assert (decoded.rate, decoded.channels, decoded.format) == (44_100, 2, "WAV")


@pytest.mark.parametrize(
    ("format", "tolerance"),
    [("WAV", 1e-4), ("FLAC", 1e-4), ("OGG", 0.05), ("MP3", 0.05)],  # the last two lose by design
)
def test_each_format_gives_back_what_was_written(
    format: str, tolerance: float, encode: Encode, sound: Sound
) -> None:
    clip = sound(1.0)
    decoded = decode(encode(clip, format=format))
    assert (decoded.rate, decoded.channels, decoded.format) == (16_000, 1, format)
    assert len(decoded.samples) == len(clip)
    middle = slice(4_000, 12_000)  # lossy codecs ring at the edges
    assert np.abs(decoded.samples[middle] - clip[middle]).max() < tolerance


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "0 bytes"),
        (b"Buenos dias, this is a text file.\n", "b'Buenos dias,'"),
        (b"RIFF\x24\x00\x00\x00WAVE", "RIFF"),  # ends after the header's first words
        ("clip.wav", "got str"),  # a path instead of the bytes behind it
    ],
)
def test_bytes_that_are_no_audio_are_refused(data: Any, said: str) -> None:
    with pytest.raises(AudioFormatError, match=r"^Format not recognised: expected") as caught:
        decode(data)
    assert said in str(caught.value)
    assert "WAV, FLAC, OGG or MP3" in str(caught.value)
    assert "object at 0x" not in str(caught.value)


def test_a_damaged_file_is_refused(encode: Encode, sound: Sound) -> None:
    flac = bytearray(encode(sound(1.0), format="FLAC"))
    flac[100:] = bytes(len(flac) - 100)
    with pytest.raises(AudioFormatError, match="start with b'fLaC"):
        decode(bytes(flac))


def test_a_file_without_samples_is_refused(encode: Encode) -> None:
    with pytest.raises(AudioFormatError, match="a WAV file without any"):
        decode(encode(np.zeros(0)))


@pytest.mark.parametrize("rate", [8_000, 11_025, 22_050, 24_000, 44_100, 48_000])
def test_librosa_and_soxr_give_the_same_samples(rate: int, sound: Sound) -> None:
    for seconds in (0.01, 0.5, 1.0 + 1 / rate):
        clip = sound(seconds, rate) + sound(seconds, rate, hertz=333.3)
        by_librosa, by_soxr = resample(clip, rate, "librosa"), resample(clip, rate, "soxr")
        np.testing.assert_array_equal(by_librosa, by_soxr)
        assert by_soxr.dtype == np.float32


def test_resampling_keeps_the_sound(sound: Sound) -> None:
    heard = resample(sound(1.0, 44_100), 44_100, "soxr")
    middle = slice(2_000, 14_000)
    assert np.abs(heard[middle] - sound(1.0)[middle]).max() < 1e-3


def test_audio_at_the_right_rate_is_passed_on_untouched(sound: Sound) -> None:
    clip = sound(0.1)
    assert resample(clip, SAMPLE_RATE, "librosa") is clip


@given(length=st.integers(1, 3_000), rate=st.integers(4_000, 96_000))
@settings(deadline=None, max_examples=50)
def test_resampled_audio_lasts_as_long_as_before(length: int, rate: int) -> None:
    heard = resample(np.ones(length, np.float32), rate, "soxr")
    assert 0 <= len(heard) / SAMPLE_RATE - length / rate < 1 / SAMPLE_RATE


def test_the_trial_clip_is_one_second_of_wav() -> None:
    decoded = decode(sine(440.0, 44_100))
    assert (len(decoded.samples), decoded.rate, decoded.format) == (44_100, 44_100, "WAV")
