"""Parts of a reference set in which errors are counted apart: speakers and lengths of clips.

Bands of length are in seconds of audio, since that is what a recogniser works on: a command, a
sentence, what one window of 10.24 s holds, and what has to be cut.
"""

from __future__ import annotations

BANDS = ((2.0, "to 2 s"), (5.0, "2 to 5 s"), (10.24, "5 to 10.24 s"))  # upper end, name
LONGER = "over 10.24 s"


def length_band(seconds: float) -> str:
    """Name the band of a clip of `seconds`; a clip on the border of two is in the shorter one."""
    return next((name for end, name in BANDS if seconds <= end), LONGER)


def band_order(name: str) -> int:
    """Return the place of a band among them all, the shortest first."""
    return [*(band for _, band in BANDS), LONGER].index(name)
