"""One metric in two runs, and the word for what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from harness.records import Interval
from harness.units import Unit


class Word(StrEnum):
    """What a comparison says about one metric."""

    FASTER = "faster"
    SLOWER = "slower"
    LESS = "less"
    MORE = "more"
    BETTER = "better"
    WORSE = "worse"
    SAME = "no difference shown"
    UNKNOWN = "cannot tell"


@dataclass(frozen=True, kw_only=True)
class Change:
    """One metric in two runs."""

    metric: str
    unit: Unit
    old: float | None  # median over processes of the process medians, or corpus WER; None: absent
    new: float | None
    ratio: float | None  # geometric mean of new / old; None for WER (a difference) and in doubt
    interval: Interval | None  # of the ratio; of new - old for WER; None when it cannot tell
    word: Word
    note: str = ""  # why it cannot tell, or what is left out
    detectable: float | None = None  # smallest change of a WER that it could have told
