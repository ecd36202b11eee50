"""What makes an audio file no clip of a reference set: its length, rate, channels or samples.

soundfile reads it (WAV, FLAC, OGG, MP3), whatever its rate and channels within these limits.
Beyond them a file is more likely damaged, or a recording that nobody has cut into clips, than
something that a person said to an assistant; a score from it would say nothing of the pipeline.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from soundfile import SoundFile

LONGEST = 3_600.0  # seconds: beyond an hour it is a recording, not a clip; 230 MB at 16 kHz float32
LOWEST_RATE = 8_000  # Hz: the telephone's. Below, consonants cannot be told apart
HIGHEST_RATE = 96_000  # Hz: the studio's. Above, 6 times what a pipeline at 16 kHz hears, or more
MOST_CHANNELS = 8  # 7.1 surround. Beyond, an array's raw microphones: their mean is no speech
ESTIMATED = 0.9  # of the length that an MP3's header tells: it may be an estimate
BLOCK = 1 << 16  # frames read at a time, so that memory does not grow with the file
ENDLESS = 0x7FFFFF00  # bytes: so large a length means that the file's writer did not know it
FLOATS = ("FLOAT", "DOUBLE")  # subtypes that can hold a sample that is not a number

# How libsndfile tells, in its log, that a header promises more bytes than the file has.
_CUT = re.compile(r"(?:data|SSND|Data Size)\s*: (\d+) \(should be (\d+)\)")


@dataclass(frozen=True, kw_only=True)
class Sound:
    """What the header of an audio file says."""

    format: str  # libsndfile's name: "WAV", "FLAC", "OGG", "MP3"
    subtype: str  # "PCM_16", "FLOAT", "VORBIS", ...
    rate: int  # Hz
    channels: int
    frames: int  # samples per channel

    @property
    def seconds(self) -> float:
        """Length of the audio."""
        return self.frames / self.rate


def read_sound(path: Path) -> Sound | None:
    """Read the header of an audio file; None where soundfile cannot."""
    try:
        with _opened(path) as file:
            return _sound_of(file)
    except _UnreadableError:
        return None


def examine(path: Path, *, whole: bool) -> tuple[Sound | None, str]:
    """Return what an audio file holds, and why it is no clip of a set: "" where it is one.

    Args:
        whole: decode every sample; the frames are then those decoded, which an MP3's header only
            estimates. Else the header is read, and the samples only where their type can hold one
            that is not a number.

    Returns:
        None for the sound where soundfile cannot open the file; the reason is a clause that
        follows the file's name, without a full stop.
    """
    try:
        with _opened(path) as file:
            sound = _sound_of(file)
            fault = _header_fault(sound)
            if fault or not (whole or sound.subtype in FLOATS):
                return sound, fault
            return _decoded(file, sound)
    except _UnreadableError as error:
        return read_sound(path), str(error)


def audio_fault(path: Path, *, whole: bool) -> str:
    """Say why an audio file is no clip of a set, as `examine` does."""
    return examine(path, whole=whole)[1]


class _UnreadableError(Exception):
    """soundfile refuses the file."""


@contextmanager
def _opened(path: Path) -> Iterator[SoundFile]:
    import soundfile

    try:
        with soundfile.SoundFile(path) as file:
            yield file
    except (soundfile.SoundFileError, RuntimeError, OSError) as error:
        reason = str(getattr(error, "error_string", error)).rstrip(".")
        told = f"cannot be read as audio ({reason}). Expected a whole WAV, FLAC, OGG or MP3 file"
        raise _UnreadableError(told) from error


def _sound_of(file: SoundFile) -> Sound:
    return Sound(
        format=file.format,
        subtype=file.subtype,
        rate=file.samplerate,
        channels=file.channels,
        frames=file.frames,
    )


def _header_fault(sound: Sound) -> str:
    if not LOWEST_RATE <= sound.rate <= HIGHEST_RATE:
        expected = f"{LOWEST_RATE} to {HIGHEST_RATE} Hz"
        return f"has {sound.rate} samples a second. Expected {expected}: record or convert it again"
    if sound.channels > MOST_CHANNELS:
        return f"has {sound.channels} channels. Expected at most {MOST_CHANNELS}: mix it down"
    if sound.frames == 0:
        return "holds no sample. Record it again"
    if sound.seconds > LONGEST:
        hours = f"{sound.seconds / 3_600:.1f} hours"
        return f"is {hours} long. Expected at most {LONGEST / 3_600:.0f}: cut it into clips"
    return ""


def _decoded(file: SoundFile, sound: Sound) -> tuple[Sound, str]:
    """Decode a file that was just opened, block by block."""
    import numpy as np

    read = 0
    while len(block := file.read(BLOCK, dtype="float32", always_2d=True)):
        unfit = ~np.isfinite(block).all(axis=1)
        if unfit.any():
            at = (read + int(unfit.argmax())) / sound.rate
            fault = f"holds a sample that is not a finite number, at {at:.3f} s. Record it again"
            return sound, fault
        read += len(block)
    decoded = replace(sound, frames=read)
    for stated, there in _CUT.findall(file.extra_info):
        if int(there) < int(stated) < ENDLESS:
            return decoded, f"ends after {there} of {stated} bytes of samples. Copy it again"
    if read < sound.frames * (ESTIMATED if sound.format == "MP3" else 1):
        return (
            decoded,
            f"ends after {read} of {sound.frames} samples. Copy it again",
        )
    return decoded, "" if read else "holds no sample. Record it again"
