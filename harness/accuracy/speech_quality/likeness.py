"""How like its source a copied recording is, where both have the same timing.

STOI (Taal et al., IEEE TASLP 19, 2011; pystoi) tells how much of the speech is intelligible, 0 to
1; PESQ (ITU-T P.862.2, wide band; pesq) how it sounds, 1 to 4.6. Both packages are optional.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec

from harness.accuracy.speech_quality.loudness import Floats

RATE = 16_000  # Hz
PACKAGES = {"stoi": "pystoi", "pesq": "pesq"}  # measure -> package that takes it


@dataclass(frozen=True, kw_only=True)
class Likeness:
    """One measure of a copy against its source."""

    name: str  # "stoi" or "pesq"
    value: float


def absent() -> dict[str, str]:
    """Return the measures that cannot be taken, each with the reason."""
    return {
        name: f"the package {package} is not installed: `pip install {package}`"
        for name, package in PACKAGES.items()
        if find_spec(package) is None
    }


def likeness(source: Floats, copy: Floats, rate: int, copied_rate: int) -> tuple[Likeness, ...]:
    """Compare a copy with its source; the longer is cut to the length of the other."""
    import soxr

    first, second = (
        soxr.resample(samples, own, RATE) if own != RATE else samples
        for samples, own in ((source, rate), (copy, copied_rate))
    )
    length = min(len(first), len(second))
    missing = absent()
    return tuple(
        Likeness(name=name, value=measure(first[:length], second[:length]))
        for name, measure in _MEASURES.items()
        if name not in missing
    )


def _stoi(source: Floats, copy: Floats) -> float:
    return float(import_module(PACKAGES["stoi"]).stoi(source, copy, RATE))


def _pesq(source: Floats, copy: Floats) -> float:
    return float(import_module(PACKAGES["pesq"]).pesq(RATE, source, copy, "wb"))


_MEASURES: dict[str, Callable[[Floats, Floats], float]] = {"stoi": _stoi, "pesq": _pesq}
