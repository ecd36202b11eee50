"""The samples of a clip, read for a treatment, and the bytes of a treated one."""

from __future__ import annotations

import hashlib
import io
from typing import NamedTuple

import numpy as np
import soundfile
from scipy.io import wavfile

from harness.accuracy.conditions.level import Floats
from harness.errors import ReferenceSetError
from harness.records import Clip

LOWEST_RATE = 8000  # Hz
LONGEST = 3600.0  # seconds: eight hours of float64 would take gigabytes


class Audio(NamedTuple):
    """One clip in one channel."""

    samples: Floats  # [n], n >= 1, full scale is 1.0
    rate: int  # Hz


def read_audio(clip: Clip) -> tuple[Audio, str]:
    """Read a clip, its channels mixed to one, and return it with the sha256 of its file.

    Raises:
        ReferenceSetError: it cannot be read, or cannot be treated; names the file and why.
    """
    try:
        told = soundfile.info(clip.audio)  # its head alone
        _expect(clip, told.samplerate >= LOWEST_RATE, f"{told.samplerate} Hz")
        _expect(clip, 0 < told.duration <= LONGEST, f"{told.duration:g} seconds")
        with open(clip.audio, "rb") as file:
            data = file.read()
        frames, rate = soundfile.read(io.BytesIO(data), dtype="float64", always_2d=True)
    except (OSError, soundfile.SoundFileError) as error:
        reason = getattr(error, "strerror", None) or getattr(error, "error_string", str(error))
        raise ReferenceSetError(
            f"{clip.audio}: clip {clip.id!r} cannot be read: {str(reason).rstrip('.')}. Restore it."
        ) from None
    samples = frames.mean(axis=1)
    _expect(clip, bool(np.isfinite(samples).all()), "samples that are no finite numbers")
    return Audio(samples, rate), hashlib.sha256(data).hexdigest()


def to_wav(audio: Audio) -> bytes:
    """Write a WAV file of 32-bit floats, without a date: what is above full scale is kept.

    The same samples give the same bytes.
    """
    file = io.BytesIO()
    wavfile.write(file, audio.rate, audio.samples.astype(np.float32))
    return file.getvalue()


def _expect(clip: Clip, holds: bool, got: str) -> None:
    if not holds:
        raise ReferenceSetError(
            f"{clip.audio}: clip {clip.id!r} cannot be treated: expected finite samples at "
            f"{LOWEST_RATE} Hz or more, for at most {LONGEST:g} seconds and not none, got {got}. "
            "Leave it out of the set."
        )
