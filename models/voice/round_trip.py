"""The sentences by which the voice is judged; training never hears them.

`round_trip.txt` was written for this project: a hundred sentences as an assistant says them, one a
line, the last twelve with digits, signs or abbreviations. Apache-2.0 as the project.
"""

from __future__ import annotations

from pathlib import Path

ROUND_TRIP = Path(__file__).parent / "round_trip.txt"


def round_trip() -> list[str]:
    """Return the sentences."""
    return [line.strip() for line in ROUND_TRIP.read_text("utf-8").splitlines() if line.strip()]
