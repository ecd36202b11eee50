"""Rules about how tensors lie in a data file: over each other, side by side, apart.

An overlap is a fault. Tied weights, a gap or an odd address give the right numbers in every
runtime, and well-known exporters write them: they are notes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from harness.integrity.bundle import Bundle
from harness.integrity.placing import Placed, by_file
from harness.integrity.rule import Note, Rule

GRANULARITY = 65_536  # bytes: the widest alignment that onnx.proto asks for


def tensors_do_not_overlap(bundle: Bundle) -> Iterator[str]:
    """No two tensors share a part of their bytes."""
    for path, tensors in by_file(bundle).items():
        last: Placed | None = None
        for one in tensors:
            if last and one.start < last.stop and (one.start, one.stop) != (last.start, last.stop):
                yield (
                    f"{one.name} is at bytes {one.start} to {one.stop} of {path.name}, and "
                    f"{last.name} at bytes {last.start} to {last.stop}; expected bytes of its own, "
                    f"found {min(one.stop, last.stop) - one.start} in common. Export the model "
                    "again."
                )
            if last is None or one.stop > last.stop:
                last = one


def shared_regions_are_tied_weights(bundle: Bundle) -> Iterator[str]:
    """Tensors at the very same bytes have the same dtype and number of elements."""
    for path, tensors in by_file(bundle).items():
        for (start, stop), group in groupby(tensors, key=lambda one: (one.start, one.stop)):
            first, *rest = group
            for one in rest:
                yield _shared(first, one, f"bytes {start} to {stop} of {path.name}")


def odd_addresses_are_named(bundle: Bundle) -> Iterator[str]:
    """Tensors that begin at no multiple of their element's size are named."""
    for path, tensors in by_file(bundle).items():
        for one in tensors:
            size = max(1, one.tensor.bits // 8)
            if one.start % size:
                yield Note(
                    f"Note: {one.name} begins at byte {one.start} of {path.name}, no multiple of "
                    f"the {size} bytes of a {one.tensor.dtype}, so it is read slowly or copied. "
                    "Save the model with aligned data."
                )


def gaps_are_named(bundle: Bundle) -> Iterator[str]:
    """Bytes between tensors that no alignment explains are named."""
    for path, tensors in by_file(bundle).items():
        end = 0
        for one in tensors:
            if one.start - end > _padding(one.start, one.start - end):
                yield Note(
                    f"Note: bytes {end} to {one.start} of {path.name}, before {one.name}, are of "
                    "no tensor of this bundle. They cost disk and download; save the model again."
                )
            end = max(end, one.stop)


LAYOUT_RULES: tuple[Rule[Bundle], ...] = (
    tensors_do_not_overlap,
    shared_regions_are_tied_weights,
    odd_addresses_are_named,
    gaps_are_named,
)


def _shared(first: Placed, one: Placed, where: str) -> str:
    names = f"{first.name} and tensor {one.tensor.name!r} are both at {where}"
    kinds: Sequence[tuple[str, int]] = [(p.tensor.dtype, p.tensor.elements) for p in (first, one)]
    if kinds[0] == kinds[1]:
        return Note(f"Note: {names}. Right for tied weights; otherwise export the model again.")
    found = " and ".join(f"{elements} of {dtype}" for dtype, elements in kinds)
    return f"{names}; expected the same kind of numbers, found {found}. Export the model again."


def _padding(start: int, gap: int) -> int:
    """The most bytes that a writer may have skipped to reach `start`, an aligned address."""
    step = 2
    while step <= gap:
        step *= 2
    aligned = step <= GRANULARITY and start % step == 0
    return step - 1 if aligned else 0
