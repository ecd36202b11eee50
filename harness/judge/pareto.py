"""Pareto fronts of figures that carry noise.

A candidate is beaten when another is better beyond noise at one goal or more, and at none is it
shown to be worse: equal means that no difference was shown. With noise that relation can go round
in a circle (a beats b, b beats c, c beats a); who stands in one is not beaten by the others in it,
so a front is never empty.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]


def beats(better: Bools) -> Bools:
    """Return who keeps whom off the front.

    Args:
        better: bool [n, n, goals]; [a, b, g]: a is better than b at goal g, beyond noise.

    Returns:
        bool [n, n]; [a, b]: a beats b.
    """
    ahead: Bools = np.asarray(better.any(axis=2), dtype=np.bool_)
    direct: Bools = ahead & ~ahead.T
    reached: Bools = direct.copy()
    for middle in range(len(reached)):  # Warshall, Journal of the ACM 9, 1962
        reached |= reached[:, [middle]] & reached[[middle], :]
    return np.asarray(direct & ~reached.T, dtype=np.bool_)


def on_front(better: Bools) -> Bools:
    """Return who is beaten by none: bool [n], at least one of them true where n is not 0."""
    return np.asarray(~beats(better).any(axis=0), dtype=np.bool_)
