"""The four controls of the voice, each from -1 to 1 with 0 for neutral."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import astuple, dataclass

import numpy as np
from numpy.typing import NDArray

from agents.errors import EmotionError, explain

# What the ends of each control are: (at -1, at 0, at 1); between them it is linear.
MEANING = {
    "rate": (0.65, 1.0, 1.5),  # times 165 words per minute
    "pitch": (5, 50, 95),  # espeak-ng's pitch: about 68, 98 and 160 Hz
    "pitch_range": (0, 50, 100),  # espeak-ng's range: from a monotone to twice the usual
    "energy": (0.5, 1.0, 1.5),  # times the usual amplitude
}


@dataclass(frozen=True)
class Emotion:
    """How to say it."""

    rate: float = 0.0
    pitch: float = 0.0
    pitch_range: float = 0.0
    energy: float = 0.0

    @classmethod
    def of(cls, values: Sequence[float] | NDArray[np.floating] | Emotion | None) -> Emotion:
        """Return the controls of a vector, each clipped to -1..1; None is neutral.

        Raises:
            EmotionError: not four finite numbers.
        """
        if values is None:
            return cls()
        if isinstance(values, Emotion):
            values = astuple(values)
        try:
            given = [float(value) for value in values]
        except (TypeError, ValueError, OverflowError) as error:
            raise _refused(repr(values)) from error
        if len(given) != len(MEANING) or not all(map(math.isfinite, given)):
            raise _refused(str(given))
        return cls(*(min(max(value, -1.0), 1.0) for value in given))

    def vector(self) -> NDArray[np.float32]:
        """Return float32 [1, 4]."""
        return np.array([astuple(self)], np.float32)

    def meaning(self) -> tuple[float, ...]:
        """Return what the controls stand for, in the units of MEANING."""
        return tuple(
            middle + value * (high - middle if value > 0 else middle - low)
            for value, (low, middle, high) in zip(astuple(self), MEANING.values(), strict=True)
        )


def _refused(got: str) -> EmotionError:
    names = ", ".join(MEANING)
    return EmotionError(
        explain(
            "emotion of generate_audio",
            expected=f"{len(MEANING)} finite numbers from -1 to 1 ({names})",
            got=got[:200],
            do="Give such a vector, or None for the neutral voice.",
        )
    )
