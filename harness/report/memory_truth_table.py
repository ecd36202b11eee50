"""The table of planted memory: what was planted, and what the two instruments saw."""

from __future__ import annotations

from collections.abc import Sequence

from harness.records import Planting
from harness.report.names import NONE
from harness.report.tables import Row, drawn, table
from harness.units import Unit, show


def memory_truth_table(found: Sequence[Planting], *, colour: bool = False) -> str:
    """Return one row for each size and time held, with the lowest and highest figure seen."""
    pairs = sorted({(one.planted, one.held) for one in found}, key=lambda pair: (pair[0], -pair[1]))
    cells = [_row([o for o in found if (o.planted, o.held) == pair]) for pair in pairs]
    heads = ("Planted", "held", "lived", "by the kernel", "by polling", "Verdict")
    missed = sum(not one.within for one in found)
    sentence = (
        f"{len(found) - missed} of {len(found)} times the kernel's peak of the stage is within "
        "1 % + 1 MB of what was planted. Polling reads RSS every 10 ms from another process. Held: "
        "kept once touched; lived: from the allocation to the release."
    )
    return drawn([sentence, "", table(heads, cells)], colour)


def _row(alike: Sequence[Planting]) -> Row:
    first, within = alike[0], sum(one.within for one in alike)
    polled = [one.polled for one in alike if one.polled is not None]
    cells = (
        show(first.planted, Unit.BYTES),
        show(first.held, Unit.SECONDS),
        _range([one.lived for one in alike], Unit.SECONDS),
        _range([one.kernel for one in alike], Unit.BYTES),
        _range(polled, Unit.BYTES),
        f"{within} of {len(alike)} within",
    )
    return cells, "pass" if within == len(alike) else "fail"


def _range(values: Sequence[float], unit: Unit) -> str:
    return f"{show(min(values), unit)} – {show(max(values), unit)}" if values else NONE
