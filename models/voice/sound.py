"""What the controls of a voice change, measured on its audio: length, pitch, range, loudness."""

from __future__ import annotations

import io
from dataclasses import dataclass

import librosa
import numpy as np
import soundfile
from scipy.signal import butter, sosfiltfilt

from agents.features import HOP

LOWEST, HIGHEST = 50.0, 400.0  # Hz, where a pitch is looked for
BAND = 900.0  # Hz: above it the phases of the vocoder hide the pitch
FRAME = 1024  # samples
QUIET = 12.0  # dB below the loudest frame, from which on a frame does not count
ASTRAY = 11.0  # semitones: a pitch farther from the median is a mistake of the tracker


@dataclass(frozen=True, kw_only=True)
class Facts:
    """One recording."""

    seconds: float  # from the first to the last loud sound
    semitones: float  # median pitch over 55 Hz
    spread: float  # semitones from the first to the third quartile of the pitch
    decibels: float  # root mean square of what is heard, of full scale


def facts(data: bytes) -> Facts:
    """Return the facts of a WAV file that holds speech."""
    samples, rate = soundfile.read(io.BytesIO(data), dtype="float32")
    low_passed = sosfiltfilt(butter(4, BAND, fs=rate, output="sos"), samples)
    found = librosa.yin(
        low_passed, fmin=LOWEST, fmax=HIGHEST, sr=rate, frame_length=FRAME, hop_length=2 * HOP
    )
    level = librosa.feature.rms(y=samples, frame_length=FRAME, hop_length=2 * HOP)[0]
    loud = level > level.max() * 10 ** (-QUIET / 20)
    pitch = 12 * np.log2(found[loud] / 55.0)
    pitch = pitch[np.abs(pitch - np.median(pitch)) < ASTRAY]
    at = np.flatnonzero(loud)
    low, middle, high = np.percentile(pitch, [25, 50, 75])
    return Facts(
        seconds=float((at[-1] - at[0] + 1) * 2 * HOP / rate),
        semitones=float(middle),
        spread=float(high - low),
        decibels=float(20 * np.log10(np.sqrt(np.mean(np.square(level[loud]))))),
    )
