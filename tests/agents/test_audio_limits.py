"""What is refused before, while and after audio is decoded, and what is taken out of it."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from agents.audio import decode
from agents.audio_limits import LOUDEST, OFFSET, AudioLimits
from agents.audio_omni_pipeline import AudioOmniPipeline
from agents.errors import AudioFormatError, AudioTooLongError, AudioValuesError

Encode = Callable[..., bytes]
Sound = Callable[..., NDArray[np.float32]]


def as_float(samples: NDArray[Any], rate: int = 16_000) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, samples, rate, format="WAV", subtype="FLOAT")
    return file.getvalue()


def with_header(data: bytes, at: int, value: bytes) -> bytes:
    return data[:at] + value + data[at + len(value) :]


def flac_of_hours(encode: Encode, sound: Sound) -> bytes:
    """A FLAC file of 0.1 s whose header promises 2^36 - 1 samples."""
    data = bytearray(encode(sound(0.1), format="FLAC"))
    data[21] |= 0x0F
    return with_header(bytes(data), 22, b"\xff" * 4)


def test_a_small_file_that_promises_hours_is_refused_undecoded(
    encode: Encode, sound: Sound, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = flac_of_hours(encode, sound)
    monkeypatch.setattr(soundfile.SoundFile, "read", lambda *_, **__: pytest.fail("was decoded"))
    with pytest.raises(AudioTooLongError, match=r"max_audio_seconds = 600, got a header that .* s"):
        decode(data)


def test_more_bytes_than_a_request_may_bring_are_not_even_opened(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(soundfile, "SoundFile", lambda *_: pytest.fail("was opened"))
    with pytest.raises(AudioTooLongError, match=r"max_audio_mb = 1, got 1\.0 MB \(1000001 bytes"):
        decode(bytes(1_000_001), AudioLimits(megabytes=1))


def test_the_limit_itself_is_allowed(encode: Encode, sound: Sound) -> None:
    limits = AudioLimits(seconds=1)
    assert len(decode(encode(sound(1.0)), limits).samples) == 16_000
    with pytest.raises(AudioTooLongError, match="max_audio_seconds = 1"):
        decode(encode(sound(1.001)), limits)


@pytest.mark.parametrize(
    ("rate", "channels", "said"),
    [
        (1, 1, "4000 to 192000 Hz, got 1 Hz"),
        (3_999, 1, "got 3999 Hz"),
        (384_000, 1, "got 384000 Hz"),
        (16_000, 9, "at most 8 channels, got 9"),
        (16_000, 32, "got 32"),
    ],
)
def test_a_rate_or_channels_out_of_range_are_refused(
    encode: Encode, rate: int, channels: int, said: str
) -> None:
    with pytest.raises(AudioFormatError, match=said):
        decode(encode(np.zeros((100, channels)), rate))


@pytest.mark.parametrize("format", ["WAV", "AIFF", "AU", "FLAC", "MP3"])
@pytest.mark.parametrize("kept", [0.5, 0.9])
def test_a_file_that_is_cut_off_is_refused(
    encode: Encode, sound: Sound, format: str, kept: float
) -> None:
    data = encode(sound(5.0) + 0.1 * np.random.default_rng(0).normal(size=80_000), format=format)
    assert len(decode(data).samples) == 80_000
    with pytest.raises(AudioFormatError, match=r"^Format not recognised"):
        decode(data[: int(len(data) * kept)])


@pytest.mark.parametrize("length", [b"\xff\xff\xff\xff", b"\xff\xff\xff\x7f", b"\0\0\0\x80"])
def test_a_wav_whose_writer_did_not_know_its_length_is_heard(
    encode: Encode, sound: Sound, length: bytes
) -> None:
    data = encode(sound(1.0))
    stream = with_header(data, data.index(b"data") + 4, length)
    np.testing.assert_array_equal(decode(stream).samples, decode(data).samples)


@pytest.mark.parametrize(
    ("value", "said"),
    [(np.nan, "nan"), (np.inf, "inf"), (-np.inf, "-inf"), (32_767.0, "32767"), (17.0, "17.0")],
)
def test_samples_that_are_no_sound_are_refused_with_their_time(
    sound: Sound, value: float, said: str
) -> None:
    samples = sound(1.0)
    samples[8_000] = value
    with pytest.raises(AudioValuesError, match=rf"1 others of 16000, the first {said}\S* at 0.500"):
        decode(as_float(samples))


def test_samples_somewhat_beyond_full_scale_are_heard(sound: Sound) -> None:
    assert np.abs(decode(as_float(sound(1.0) * 2 * LOUDEST)).samples).max() <= LOUDEST


def test_a_constant_offset_is_taken_out_where_it_is_large(sound: Sound) -> None:
    clean = decode(as_float(sound(1.0)))
    shifted = decode(as_float(sound(1.0) + 0.25))
    assert shifted.offset == pytest.approx(0.25, abs=1e-3)
    np.testing.assert_allclose(shifted.samples, clean.samples, atol=1e-3)
    small = decode(as_float(sound(1.0) + OFFSET / 2))
    assert small.samples.mean() == pytest.approx(OFFSET / 2, abs=1e-4)


def test_many_blocks_are_joined(
    encode: Encode, sound: Sound, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = encode(np.stack([sound(1.0), sound(1.0)], axis=1))
    whole = decode(data).samples
    monkeypatch.setattr("agents.audio.BLOCK", 999)
    np.testing.assert_array_equal(decode(data).samples, whole)


def test_the_limits_are_those_of_the_config(
    make_bundle: Callable[..., Any], encode: Encode, sound: Sound
) -> None:
    pipeline = AudioOmniPipeline.from_file(make_bundle(max_audio_seconds=2, max_audio_mb=1))
    assert pipeline.process_audio(encode(sound(2.0)))["metadata"]["seconds"] == 2.0
    with pytest.raises(AudioTooLongError, match="max_audio_seconds = 2"):
        pipeline.process_audio(encode(sound(2.5)))
    with pytest.raises(AudioTooLongError, match="max_audio_mb = 1"):
        pipeline.process_audio(bytes(1_000_001))
