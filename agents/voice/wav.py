"""Sentences as audio files."""

from __future__ import annotations

import io
import wave

import numpy as np
from numpy.typing import NDArray

from agents.features import SAMPLE_RATE

PAUSE = 0.15  # seconds of silence after every sentence but the last

Float32 = NDArray[np.float32]


def paused(samples: Float32) -> Float32:
    """Return a sentence with the pause after it."""
    return np.concatenate([samples, np.zeros(round(PAUSE * SAMPLE_RATE), np.float32)])


def wav(samples: Float32) -> bytes:
    """Return float32 [n] samples in -1..1 as a 16-bit mono WAV file of 16 kHz."""
    written = io.BytesIO()
    with wave.open(written, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes(np.round(np.clip(samples, -1.0, 1.0) * 32_767).astype("<i2").tobytes())
    return written.getvalue()
