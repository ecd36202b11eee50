"""Units of measurement, and the only function that rounds.

Inside the harness every value is in SI units: seconds, bytes (decimal multiples), and plain
ratios. Rounding happens once, when a value is shown to a person.
"""

from __future__ import annotations

import math
from enum import StrEnum

KB = 1_000
MB = 1_000_000
GB = 1_000_000_000
TERA = 1_000_000_000_000
GIB = 1_073_741_824


class Unit(StrEnum):
    """What a stored number means."""

    SECONDS = "s"
    BYTES = "B"
    RATIO = "ratio"  # shown as percent
    COUNT = "count"
    SCORE = "score"  # mean opinion score, 1..5
    BANDWIDTH = "B/s"
    OPERATIONS = "op"
    COMPUTE = "op/s"  # arithmetic operations: a multiplication and an addition are two
    RATE = "1/s"  # requests, or seconds of audio, in a second
    FACTOR = "×"  # how many times as much: a ratio of times, RTF
    HERTZ = "Hz"
    LOUDNESS = "LUFS"  # ITU-R BS.1770
    DECIBEL = "dB"  # a difference of levels or of loudness
    SEMITONES = "st"  # a distance of pitches: 12 are twice the frequency


def show(value: float, unit: Unit) -> str:
    """Write `value` for a person: `show(0.0123, Unit.SECONDS)` is `'12.3 ms'`.

    The only function that rounds. Three significant digits, in the multiple that reads best.
    """
    if math.isnan(value):
        return "not a number"
    match unit:
        case Unit.SECONDS:
            return _scaled(value, ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs")))
        case Unit.BYTES:
            return _scaled(value, ((GB, "GB"), (MB, "MB"), (KB, "kB"), (1, "B")))
        case Unit.RATIO:
            return f"{100 * value:.2f} %"
        case Unit.COUNT:
            return f"{value:,.0f}".replace(",", " ")
        case Unit.SCORE:
            return f"{value:.2f}"
        case Unit.BANDWIDTH:
            return _scaled(value, ((GB, "GB/s"), (MB, "MB/s"), (KB, "kB/s"), (1, "B/s")))
        case Unit.OPERATIONS:
            return _scaled(value, ((TERA, "Top"), (GB, "Gop"), (MB, "Mop"), (1, "op")))
        case Unit.COMPUTE:
            return _scaled(value, ((TERA, "Top/s"), (GB, "Gop/s"), (MB, "Mop/s"), (1, "op/s")))
        case Unit.RATE:
            return _scaled(value, ((1.0, "/s"),))
        case Unit.FACTOR:
            return f"{value:.3g} ×"
        case Unit.HERTZ:
            return _scaled(value, ((1000.0, "kHz"), (1.0, "Hz")))
        case Unit.LOUDNESS | Unit.DECIBEL | Unit.SEMITONES:
            return f"{value:.1f} {unit.value}"


def _scaled(value: float, scales: tuple[tuple[float, str], ...]) -> str:
    factor, name = next((s for s in scales if abs(value) >= s[0]), scales[-1])
    scaled = value / factor
    whole = abs(scaled) >= 100 or float(scaled).is_integer()
    digits = 0 if whole else 1 if abs(scaled) >= 10 else 2
    return f"{scaled:.{digits}f} {name}"
