"""What the controls of a voice change, measured on its audio: length, pitch, range, loudness."""

from __future__ import annotations

import io
from dataclasses import dataclass

import librosa
import numpy as np
import soundfile

from agents.features import HOP

LOWEST, HIGHEST = 50.0, 400.0  # Hz, where a pitch is looked for
QUIET = 20.0  # dB below the loudest frame, from which on a frame is not heard for its pitch


@dataclass(frozen=True, kw_only=True)
class Facts:
    """One recording."""

    seconds: float  # from the first to the last sound
    semitones: float  # median pitch over 55 Hz
    spread: float  # semitones from the 10th to the 90th percentile of the pitch
    decibels: float  # root mean square of what is heard, of full scale


def facts(data: bytes) -> Facts:
    """Return the facts of a WAV file that holds speech."""
    samples, rate = soundfile.read(io.BytesIO(data), dtype="float32")
    found, voiced, _ = librosa.pyin(
        samples, fmin=LOWEST, fmax=HIGHEST, sr=rate, frame_length=1024, hop_length=2 * HOP
    )
    level = librosa.feature.rms(y=samples, frame_length=1024, hop_length=2 * HOP)[0]
    loud = level > level.max() * 10 ** (-QUIET / 20)
    pitch = 12 * np.log2(found[voiced & loud[: len(voiced)]] / 55.0)
    at = np.flatnonzero(loud)
    low, middle, high = np.percentile(pitch, [10, 50, 90])
    return Facts(
        seconds=float((at[-1] - at[0] + 1) * 2 * HOP / rate),
        semitones=float(middle),
        spread=float(high - low),
        decibels=float(20 * np.log10(np.sqrt(np.mean(np.square(level[loud]))))),
    )
