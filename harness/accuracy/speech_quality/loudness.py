"""Loudness of one channel by ITU-R BS.1770-5, in LUFS.

The two filters of its annex 1 are tabled for 48 kHz alone. Their analogue prototypes, so that any
rate gives the same curve, are those of libebur128 (bilinear transform, prewarped).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

BLOCK, STEP = 0.4, 0.1  # seconds: a block, and from one to the next
SILENCE, BELOW = -70.0, -10.0  # LUFS, absolute gate; LU under the mean, relative gate
_OFFSET = -0.691  # dB: takes off the gain of the filters at 997 Hz
_SHELF = (1681.974450955533, 0.7071752369554196, 3.999843853973347)  # Hz, Q, dB
_HIGH_PASS = (38.13547087602444, 0.5003270373238773)  # Hz, Q

Floats = NDArray[np.float64]


def loudness(samples: Floats, rate: int) -> float | None:
    """Return the integrated loudness of float64 [n] in -1..1; None below 0.4 s, or of silence."""
    size, step = round(BLOCK * rate), round(STEP * rate)
    if len(samples) < size:
        return None
    heard = np.square(_weighted(samples, rate))
    blocks = np.lib.stride_tricks.sliding_window_view(heard, size)[::step].mean(axis=1)
    loud = blocks[_lufs(blocks) > SILENCE]
    if not len(loud):
        return None
    gated = loud[_lufs(loud) > float(_lufs(loud.mean())) + BELOW]
    return float(_lufs(gated.mean()))


def _weighted(samples: Floats, rate: int) -> Floats:
    from scipy import signal

    return np.asarray(signal.sosfilt([_shelf(rate), _high_pass(rate)], samples), np.float64)


def _shelf(rate: int) -> list[float]:
    """What a head adds to high frequencies, as a second-order section."""
    hertz, q, gain = _SHELF
    k, high = math.tan(math.pi * hertz / rate), 10 ** (gain / 20)
    middle, whole = high**0.4996667741545416, 1 + k / q + k * k
    return [
        (high + middle * k / q + k * k) / whole,
        2 * (k * k - high) / whole,
        (high - middle * k / q + k * k) / whole,
        *(1.0, 2 * (k * k - 1) / whole, (1 - k / q + k * k) / whole),
    ]


def _high_pass(rate: int) -> list[float]:
    hertz, q = _HIGH_PASS
    k = math.tan(math.pi * hertz / rate)
    whole = 1 + k / q + k * k
    return [1.0, -2.0, 1.0, 1.0, 2 * (k * k - 1) / whole, (1 - k / q + k * k) / whole]


def _lufs(power: Floats | np.floating) -> Floats:
    return np.asarray(_OFFSET + 10 * np.log10(np.maximum(power, 1e-20)))
