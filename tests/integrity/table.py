"""What `onnx.checker`, onnxruntime and this project say of planted defects and healthy bundles.

    python -m tests.integrity.table

Prints a Markdown table. Ends with 1 where a defect is missed, its message does not name what is at
fault, or a healthy bundle is alarmed at.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from harness.faults import BAD, Row, tried
from tests.integrity import healthy
from tests.integrity.defect import Defect, sound
from tests.integrity.defects_in_graphs import IN_GRAPHS
from tests.integrity.defects_in_ranges import IN_RANGES
from tests.integrity.defects_in_values import IN_VALUES
from tests.integrity.defects_on_disk import ON_DISK
from tests.integrity.looking import CHECKER, RUNTIME
from tests.integrity.oddities import ODDITIES

DEFECTS: tuple[Defect, ...] = (*ON_DISK, *IN_RANGES, *IN_GRAPHS, *IN_VALUES)


def healthy_bundles() -> Iterator[Defect]:
    """Yield every healthy bundle, as a fault that may raise no alarm."""
    for build in healthy.MADE:
        yield sound(f"{build.__module__.rpartition('.')[2]}.{build.__name__}", build)
    yield sound("the model that is shipped", partial(_as_it_is, healthy.SHIPPED))
    for path in healthy.onnx_models():
        yield sound(f"onnx's own {path.parent.name}", partial(_as_it_is, path))


def _as_it_is(model: Path, folder: Path) -> Path:
    return model


def main() -> int:
    """Print the table; return 1 where anything is not as it should be."""
    with tempfile.TemporaryDirectory() as name:
        defects, oddities, whole = (
            list(tried(faults, Path(name) / kind))
            for kind, faults in (
                ("defects", DEFECTS),
                ("oddities", ODDITIES),
                ("healthy", healthy_bundles()),
            )
        )
    print("## Defects: each must be a breach\n")
    _print(defects)
    print("\n## Oddities: right numbers, so each must be named and no alarm\n")
    _print(oddities)
    print(f"\n## Healthy bundles\n\n{len(whole)} looked at, alarmed at:", end=" ")
    print("; ".join(f"{row.fault.title} ({row.seen})" for row in _wrong(whole)) or "none")
    left = len(list(healthy.ONNX_DATA.rglob("*.onnx"))) - len(list(healthy.onnx_models()))
    print(f"\n{left} more of onnx's own are left out: onnxruntime does not load them here.")
    return 1 if _wrong([*defects, *oddities, *whole]) else 0


def _wrong(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if row.result in BAD]


def _print(rows: Sequence[Row]) -> None:
    print("| # | planted | onnx.checker | onnxruntime | harness | rule | named |")
    print("|---|---|---|---|---|---|---|")
    for number, row in enumerate(rows, start=1):
        fault, says = row.fault, "breach" if row.fault.expect else "note"
        cells = (
            fault.title,
            *(row.sight.notes[who] for who in (CHECKER, RUNTIME)),
            str(row.result) if row.result in BAD else says,
            *(fault.expect or fault.notes),
        )
        print(f"| {number} | {' | '.join(cells)} | {', '.join(fault.names)} |")
    refused = [sum(row.sight.notes[who] == "refuses" for row in rows) for who in (CHECKER, RUNTIME)]
    print(
        f"\nOf {len(rows)}: onnx.checker refuses {refused[0]}, onnxruntime refuses {refused[1]}, "
        f"the harness says what is right of {len(rows) - len(_wrong(rows))}."
    )


if __name__ == "__main__":
    sys.exit(main())
