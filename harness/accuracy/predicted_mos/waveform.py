"""A waveform as predictors take it: one channel, finite, at their rate, within full scale."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import soxr
from numpy.typing import NDArray

from harness.errors import PredictorError

Float32 = NDArray[np.float32]
LOWEST_RATE = 8000  # Hz


class Waveform(NamedTuple):
    """Sound in one channel."""

    samples: Float32  # [n], n >= 1, full scale is 1.0
    rate: int  # Hz


def prepared(waveform: Waveform, rate: int) -> Float32:
    """Return float32 [m] at `rate` Hz, cut off at full scale as a WAV file is.

    Raises:
        PredictorError: no samples, more than one axis, NaN or infinity, or a rate below 8 kHz.
    """
    samples = np.asarray(waveform.samples, np.float32)
    if samples.ndim != 1 or not len(samples) or waveform.rate < LOWEST_RATE:
        raise PredictorError(
            f"A waveform to be scored: expected samples of shape [n], n >= 1, at {LOWEST_RATE} Hz "
            f"or more, got {list(samples.shape)} at {waveform.rate} Hz. Look at what made it."
        )
    if not np.isfinite(samples).all():
        broken = int((~np.isfinite(samples)).sum())
        raise PredictorError(
            f"A waveform to be scored: expected finite samples, got {broken} of {len(samples)} "
            "that are not. Look at what made it."
        )
    if waveform.rate != rate:
        samples = soxr.resample(samples, waveform.rate, rate, quality="VHQ")
    return np.clip(samples, -1, 1).astype(np.float32)
