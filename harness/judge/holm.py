"""Holm's correction: many tests of one run, and no more wrong alarms than of one."""

from __future__ import annotations

from collections.abc import Sequence


def adjusted(chances: Sequence[float]) -> list[float]:
    """Return the p of each test after Holm's correction, in the order given.

    The least p is multiplied by the number of tests, the next by one less, and none is less than
    the one before it (Scandinavian Journal of Statistics 6, 1979). 0.01 and 0.03 give 0.02 and
    0.03.
    """
    found = [1.0] * len(chances)
    least = 0.0
    for rank, at in enumerate(sorted(range(len(chances)), key=lambda at: chances[at])):
        least = max(least, min(1.0, (len(chances) - rank) * chances[at]))
        found[at] = least
    return found
