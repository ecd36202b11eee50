"""Rules about the values of tensors: what no digest tells, for a bundle may be sealed broken.

onnx.checker reads no values, and onnxruntime loads weights that are NaN. Here is what no trained
model has. What is only worth knowing is a note: a release does not stop for it.
"""

from __future__ import annotations

from collections.abc import Iterator

from harness.integrity.manifest import TensorEntry
from harness.integrity.rule import Note, Rule
from harness.integrity.scan import RegionScan
from harness.integrity.tensors import BundleScan
from harness.integrity.values import Facts
from harness.units import Unit, show

LARGE = 65_536  # bytes of a tensor that is a weight, and no initial state or padding
SLOW = ("float32", "float64")  # dtypes that CPUs compute in, where denormals cost time


def no_weight_is_nan(scan: BundleScan) -> Iterator[str]:
    """No tensor holds NaN."""
    for entry, seen, facts in _seen(scan):
        if facts.nan:
            yield (
                f"{at(entry)}: expected numbers, found NaN in {_of(facts.nan, facts)}"
                f"{_hole(seen)}. The file was damaged or the model was exported broken."
            )


def no_weight_is_infinite(scan: BundleScan) -> Iterator[str]:
    """No tensor holds infinity, but for masks: those of nothing but zeros and infinities."""
    for entry, seen, facts in _seen(scan):
        is_mask = facts.lowest in (None, 0) and facts.highest in (None, 0)
        if facts.inf and not is_mask:
            yield (
                f"{at(entry)}: expected finite numbers, found infinity in "
                f"{_of(facts.inf, facts)}{_hole(seen)}. The file was damaged, or a number did "
                f"not fit into {entry.dtype}."
            )


def no_weight_is_all_zero(scan: BundleScan) -> Iterator[str]:
    """No matrix of floating-point weights is all zero (from 64 KiB on; smaller ones may be)."""
    for entry, seen, facts in _seen(scan):
        is_weight = len(entry.shape) > 1 and "float" in entry.dtype and entry.bytes >= LARGE
        if facts.all_zero and is_weight:
            yield (
                f"{at(entry)}: all of its {show(facts.elements, Unit.COUNT)} values are 0"
                f"{_hole(seen)}. An incomplete download looks like this: get the file again."
            )


def booleans_are_0_or_1(scan: BundleScan) -> Iterator[str]:
    """Every byte of a bool tensor is 0 or 1."""
    for entry, _, facts in _seen(scan):
        if facts.odd:
            yield f"{at(entry)}: expected bytes of 0 or 1, found {_of(facts.odd, facts)} others."


def worth_knowing(scan: BundleScan) -> Iterator[str]:
    """What is no fault and may surprise: denormals, large constant tensors, holes."""
    for entry, seen, facts in _seen(scan):
        if facts.denormal and entry.dtype in SLOW:
            yield Note(
                f"{at(entry)}: {_of(facts.denormal, facts)} are denormal: slow on many CPUs "
                "unless the session flushes them to zero (session.set_denormal_as_zero)."
            )
        if facts.constant and not facts.all_zero and entry.bytes >= LARGE:
            yield Note(f"{at(entry)}: all values are {facts.lowest}; one number says the same.")
        if seen.hole:
            yield Note(f"{at(entry)}{_hole(seen)}.")


VALUE_RULES: tuple[Rule[BundleScan], ...] = (
    no_weight_is_nan,
    no_weight_is_infinite,
    no_weight_is_all_zero,
    booleans_are_0_or_1,
    worth_knowing,
)


def at(entry: TensorEntry) -> str:
    """Say where a tensor is: its name, and its bytes in the file."""
    if entry.offset is None:
        return f"{entry.graph}: tensor {entry.name!r}, inside the graph"
    stop = entry.offset + entry.bytes
    return f"{entry.file}: tensor {entry.name!r}, bytes {entry.offset} to {stop}"


def _seen(scan: BundleScan) -> Iterator[tuple[TensorEntry, RegionScan, Facts]]:
    for entry, seen in scan.tensors:
        if seen is not None and seen.facts is not None:
            yield entry, seen, seen.facts


def _of(some: int, facts: Facts) -> str:
    return f"{show(some, Unit.COUNT)} of {show(facts.elements, Unit.COUNT)} values"


def _hole(seen: RegionScan) -> str:
    return f"; {show(seen.hole, Unit.COUNT)} of its bytes were never written" if seen.hole else ""
