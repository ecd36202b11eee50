"""Which audio is a clip, and why other audio is none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.accuracy.audio_faults import audio_fault, examine, read_sound
from tests.accuracy.sounds import eight_hours, tone, with_nan


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("rate", [8_000, 16_000, 44_100, 48_000])
@pytest.mark.parametrize(
    ("ending", "form"), [("wav", "WAV"), ("flac", "FLAC"), ("ogg", "OGG"), ("mp3", "MP3")]
)
def test_common_formats_rates_and_channels_are_clips(
    tmp_path: Path, ending: str, form: str, rate: int, channels: int
) -> None:
    file = tone(tmp_path / f"a.{ending}", rate=rate, channels=channels)
    sound, fault = examine(file, whole=True)
    assert fault == ""
    assert sound is not None
    assert (sound.format, sound.rate, sound.channels) == (form, rate, channels)
    assert sound.seconds == pytest.approx(1.0, abs=0.1 if form == "MP3" else 1e-9)


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda p: tone(p, seconds=0), "holds no sample"),
        (eight_hours, "is 8.0 hours long. Expected at most 1"),
        (lambda p: tone(p, seconds=2, rate=1), "has 1 samples a second"),
        (lambda p: tone(p, rate=192_000), "has 192000 samples a second"),
        (lambda p: tone(p, channels=32), "has 32 channels. Expected at most 8"),
        (with_nan, "holds a sample that is not a finite number, at 0.500 s"),
        (lambda p: p.write_text("hola"), "cannot be read as audio"),
        (lambda p: p.mkdir(), "cannot be read as audio"),
    ],
    ids=["no sample", "8 hours", "1 Hz", "192 kHz", "32 channels", "NaN", "a text", "a folder"],
)
def test_other_audio_is_none_and_the_quick_look_suffices(
    tmp_path: Path, make: Callable[[Path], object], told: str
) -> None:
    make(tmp_path / "a.wav")
    assert told in audio_fault(tmp_path / "a.wav", whole=False)


def test_audio_that_is_absent_is_named(tmp_path: Path) -> None:
    assert "cannot be read as audio" in audio_fault(tmp_path / "gone.wav", whole=True)


@pytest.mark.parametrize("ending", ["wav", "flac", "ogg", "mp3"])
def test_a_file_of_which_the_end_is_missing_is_found_by_reading_it(
    tmp_path: Path, ending: str
) -> None:
    whole = tone(tmp_path / f"whole.{ending}").read_bytes()
    file = tmp_path / f"half.{ending}"
    file.write_bytes(whole[: len(whole) // 2])
    assert audio_fault(file, whole=True)


def test_a_header_is_read_without_the_samples(tmp_path: Path) -> None:
    sound = read_sound(eight_hours(tmp_path / "a.wav"))
    assert sound is not None
    assert (sound.format, sound.seconds) == ("WAV", 28_800.0)
