"""How loud the speech of a clip is: the active speech level of ITU-T P.56, method B.

The rms over the time in which somebody speaks: pauses do not count, so that a clip with long ones
is not given less noise. Time is active while an envelope (two smoothings of 30 ms), held on for
200 ms, is above a threshold that lies 15.9 dB below the level which it gives itself.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SMOOTHING_S = 0.03
HANGOVER_S = 0.2
MARGIN_DB = 15.9
NOMINAL_DB = -26.0  # of full scale: the level of a line, taken where a clip is silent
_THRESHOLDS = 2.0 ** np.arange(-24, 1)  # of full scale, rising: the standard's, and quieter ones


def active_level(samples: Floats, rate: int) -> float:
    """Return the active speech level in dB of full scale (rms 1.0 is 0 dB).

    A silent clip has no speech; it is taken to be at the nominal level, `NOMINAL_DB`.

    Args:
        samples: float [n], n >= 1.
        rate: Hz.
    """
    energy = float(np.square(samples).sum())
    if not energy:
        return NOMINAL_DB
    envelope = _envelope(samples, rate)
    hangover = math.ceil(HANGOVER_S * rate)
    before: tuple[float, float] | None = None  # level, and its distance to the threshold
    for threshold in _THRESHOLDS:
        active = _active(envelope >= threshold, hangover)
        if not active:
            break
        level = 10 * math.log10(energy / active)
        distance = level - 20 * math.log10(threshold)
        if distance <= MARGIN_DB:
            return level if before is None else _between(before, (level, distance))
        before = level, distance
    return before[0] if before else 10 * math.log10(energy / len(samples))


def rms_db(samples: Floats) -> float:
    """Return the level over the whole clip in dB of full scale; -inf for silence."""
    power = float(np.square(samples).mean())
    return 10 * math.log10(power) if power else -math.inf


def _envelope(samples: Floats, rate: int) -> Floats:
    from scipy import signal  # takes long to import: not before it is needed

    keep = math.exp(-1 / (rate * SMOOTHING_S))
    once = signal.lfilter([1 - keep], [1, -keep], np.abs(samples))
    return np.asarray(signal.lfilter([1 - keep], [1, -keep], once), np.float64)


def _active(above: NDArray[np.bool_], hangover: int) -> int:
    """Count the samples that are above, or come at most `hangover` after one that is."""
    places = np.arange(len(above))
    last = np.maximum.accumulate(np.where(above, places, -hangover - 1))
    return int((places - last <= hangover).sum())


def _between(low: tuple[float, float], high: tuple[float, float]) -> float:
    """Return the level where the distance is the margin, on the straight line between two."""
    share = (low[1] - MARGIN_DB) / (low[1] - high[1])
    return low[0] + share * (high[0] - low[0])
