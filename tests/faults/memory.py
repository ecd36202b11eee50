"""Memory that is planted in a stage: the kernel's figure must be what was planted."""

from __future__ import annotations

import itertools
from pathlib import Path

from harness.faults import Fault, Sight
from harness.run.memory_truth import HELD_S, memory_truth
from harness.units import MB, Unit, show

SIZES = (10 * MB, 50 * MB, 200 * MB)
WITHIN = "within 1 % + 1 MB"

Plan = tuple[int, float]  # bytes, seconds held


def weighed(plan: Plan) -> Sight:
    """Plant, and see whether the peak of the stage is what was planted."""
    (seen,) = memory_truth(sizes=plan[:1], held=plan[1:], repeats=1)
    words = show(seen.kernel, Unit.BYTES)
    return Sight(alarms={}, notes={WITHIN: words} if seen.within else {"beside it": words})


def _row(size: int, held: float) -> Fault[Plan]:
    def plant(folder: Path) -> Plan:
        return size, held

    title = f"{show(size, Unit.BYTES)} for {show(held, Unit.SECONDS)} in a stage"
    return Fault(name=title, title=title, plant=plant, see=weighed, notes=(WITHIN,))


MEMORY = tuple(itertools.starmap(_row, itertools.product(SIZES, HELD_S)))
