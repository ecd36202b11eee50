"""The four controls of the voice, each a float with a range and a neutral value."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import astuple, dataclass

import numpy as np
from numpy.typing import NDArray

from agents.errors import EmotionError, explain

# control: (lowest, neutral, highest); a value beyond is clipped to its range.
RANGES = {
    "rate": (0.65, 1.0, 1.5),
    "pitch": (-1.0, 0.0, 1.0),
    "pitch_range": (0.0, 1.0, 2.0),
    "energy": (0.5, 1.0, 1.5),
}


@dataclass(frozen=True)
class Emotion:
    """How to say it."""

    rate: float = 1.0  # 0.65..1.5: times the usual words per minute
    pitch: float = 0.0  # -1..1: from the lowest to the highest that the voice has learnt
    pitch_range: float = 1.0  # 0..2: times the usual rise and fall; 0 is a monotone
    energy: float = 1.0  # 0.5..1.5: times the usual amplitude

    @classmethod
    def of(cls, values: Sequence[float] | NDArray[np.floating] | Emotion | None) -> Emotion:
        """Return the controls of a vector, clipped; None is neutral.

        Raises:
            EmotionError: not four finite numbers.
        """
        if values is None:
            return cls()
        if isinstance(values, Emotion):
            values = astuple(values)
        try:
            given = [float(value) for value in values]
        except (TypeError, ValueError) as error:
            raise _refused(repr(values)) from error
        if len(given) != len(RANGES) or not all(map(math.isfinite, given)):
            raise _refused(str(given))
        limits = RANGES.values()
        return cls(*(min(max(v, low), high) for v, (low, _, high) in zip(given, limits)))

    def vector(self) -> NDArray[np.float32]:
        """Return float32 [1, 4]."""
        return np.array([astuple(self)], np.float32)


def _refused(got: str) -> EmotionError:
    ranges = ", ".join(f"{name} {low}..{high}" for name, (low, _, high) in RANGES.items())
    return EmotionError(
        explain(
            "emotion of generate_audio",
            expected=f"four finite numbers ({ranges})",
            got=got[:200],
            do="Give a vector of that kind, or None for the neutral voice.",
        )
    )
