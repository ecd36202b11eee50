"""Audio files and rows of sets for the tests."""

from __future__ import annotations

import struct
import wave
from pathlib import Path

import numpy as np
import soundfile


def tone(
    path: Path,
    *,
    seconds: float = 1.0,
    rate: int = 16_000,
    channels: int = 1,
    subtype: str | None = None,
) -> Path:
    """Write a quiet tone; the format is that of the file's ending."""
    path.parent.mkdir(parents=True, exist_ok=True)
    time = np.arange(round(seconds * rate)) / rate
    samples = np.tile(0.3 * np.sin(2 * np.pi * 440 * time)[:, None], (1, channels))
    soundfile.write(path, samples, rate, subtype=subtype)
    return path


def with_nan(path: Path, at: int = 8_000) -> Path:
    """Write a second of silence at 16 kHz in which one sample is not a number."""
    samples = np.zeros(16_000)
    samples[at] = np.nan
    soundfile.write(path, samples, 16_000, subtype="FLOAT")
    return path


def eight_hours(path: Path) -> Path:
    """Write a WAV of 8 hours that takes no room on the disk: most of it is a hole."""
    frames = 8 * 3_600 * 8_000
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(8_000)
    with open(path, "r+b") as raw:
        raw.seek(4)
        raw.write(struct.pack("<I", 36 + frames))
        raw.seek(40)
        raw.write(struct.pack("<I", frames))
        raw.truncate(44 + frames)
    return path
