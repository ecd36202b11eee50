"""Finished rows about what a model is made of: graphs, dtypes, tensors, operators, values."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness.report.tables import NOTHING
from harness.units import Unit, show

TOP = 20  # tensors, the largest, and operators, the most frequent, that have a row
INSIDE = "inside the graph"
OTHERS = "all others"

Told = Mapping[str, Any]  # what `harness inspect --json` prints


@dataclass(frozen=True, kw_only=True)
class GraphRow:
    """One graph of the bundle."""

    name: str
    nodes: str
    tensors: str
    parameters: str
    bytes: str  # of the tensors
    flops: str  # of one request
    moved: str  # bytes that one request must read or write at least: weights and output
    opsets: str


@dataclass(frozen=True, kw_only=True)
class KindRow:
    """The tensors of one dtype."""

    dtype: str
    tensors: str
    parameters: str
    bytes: str
    share: str
    size: int  # bytes, exact: for the picture


@dataclass(frozen=True, kw_only=True)
class TensorRow:
    """One tensor."""

    name: str
    dtype: str
    shape: str
    file: str
    place: str  # its bytes there: the first, and the one after the last
    bytes: str
    share: str
    size: int  # bytes, exact: for the picture


@dataclass(frozen=True, kw_only=True)
class ValueRow:
    """One input or output."""

    kind: str
    name: str
    dtype: str
    shape: str


def graph_rows(told: Told) -> tuple[GraphRow, ...]:
    """Return a row for the model and one for each other graph of its bundle."""
    return tuple(
        _graph(name, facts, told["work"]["graphs"].get(name)) for name, facts in _all(told)
    )


def value_rows(told: Told) -> tuple[ValueRow, ...]:
    """Return the inputs of the model, then its outputs."""
    return tuple(
        ValueRow(kind=kind, name=v["name"], dtype=v["dtype"], shape=_shape(v["shape"]))
        for kind, values in (("input", told["inputs"]), ("output", told["outputs"]))
        for v in values
    )


def kind_rows(told: Told) -> tuple[KindRow, ...]:
    """Return a row for each dtype of the model's tensors, the one with most bytes first."""
    tensors = told["initializers"]
    whole = size_of(tensors)
    kinds = {dtype: [t for t in tensors if t["dtype"] == dtype] for dtype in _dtypes(tensors)}
    rows = [
        KindRow(
            dtype=dtype,
            tensors=show(len(found), Unit.COUNT),
            parameters=show(sum(math.prod(t["shape"]) for t in found), Unit.COUNT),
            bytes=show(size_of(found), Unit.BYTES),
            share=_share(size_of(found), whole),
            size=size_of(found),
        )
        for dtype, found in kinds.items()
    ]
    return tuple(sorted(rows, key=lambda row: row.size, reverse=True))


def tensor_rows(told: Told, most: int = TOP) -> tuple[TensorRow, ...]:
    """Return a row for each of the model's `most` largest tensors."""
    whole = size_of(told["initializers"])
    largest = sorted(told["initializers"], key=lambda t: t["bytes"] or 0, reverse=True)
    return tuple(
        TensorRow(
            name=t["name"] or "(without a name)",
            dtype=t["dtype"],
            shape=_shape(t["shape"]),
            file=t["location"] or INSIDE,
            place=_place(t),
            bytes=show(t["bytes"] or 0, Unit.BYTES),
            share=_share(t["bytes"] or 0, whole),
            size=t["bytes"] or 0,
        )
        for t in largest[:most]
    )


def rest_row(told: Told, most: int) -> TensorRow | None:
    """Return one row for all tensors but the `most` largest; None where there are no others."""
    count = len(told["initializers"]) - most
    if count <= 0:
        return None
    whole = size_of(told["initializers"])
    size = whole - sum(row.size for row in tensor_rows(told, most))
    return TensorRow(
        name=OTHERS,
        dtype="",
        shape="",
        file="",
        place="",
        bytes=show(size, Unit.BYTES),
        share=_share(size, whole),
        size=size,
    )


def operator_rows(told: Told) -> tuple[tuple[str, str], ...]:
    """Return the model's most frequent operators, each with how many nodes it has."""
    counted = list(told["operators"].items())
    rest = sum(count for _, count in counted[TOP:])
    rows = [*counted[:TOP], *([(OTHERS, rest)] if rest else [])]
    return tuple((name, show(count, Unit.COUNT)) for name, count in rows)


def fact_rows(told: Told) -> tuple[tuple[str, str], ...]:
    """Return what else the file says of itself: versions, producer, files, metadata."""
    files = (f"{name}: {show(size, Unit.BYTES)}" for name, size in told["files"].items())
    manifest = told["manifest"] or {}
    said = {key: str(manifest[key]) for key in ("name", "source", "license") if key in manifest}
    return (
        ("IR version", str(told["ir_version"])),
        ("producer", told["producer"] or NOTHING),
        ("files", "; ".join(files)),
        *((f"manifest, {key}", value) for key, value in said.items()),
        *((f"metadata, {key}", value) for key, value in told["metadata"].items()),
    )


def sentence(told: Told) -> str:
    """Say in one sentence how large the model is and where its bytes are."""
    tensors, outside = told["initializers"], [t for t in told["initializers"] if t["location"]]
    parameters = show(told["parameters"], Unit.COUNT)
    return (
        f"{parameters} parameters in {len(tensors)} tensors of "
        f"{show(size_of(tensors), Unit.BYTES)}; {len(outside)} of them, "
        f"{show(size_of(outside), Unit.BYTES)}, lie outside the graph."
    )


def kind_sentence(told: Told) -> str:
    """Say in one sentence which dtype holds most of the bytes; "" without tensors."""
    most = kind_rows(told)[:1]
    return "".join(
        f"{row.dtype} holds {row.share} of the bytes, in {row.tensors} tensors." for row in most
    )


def largest_sentence(told: Told, most: int) -> str:
    """Say in one sentence how much the largest tensors hold."""
    first = tensor_rows(told, most)
    whole = told["initializers"]
    share = _share(sum(row.size for row in first), size_of(whole))
    return f"The {len(first)} largest of {len(whole)} tensors hold {share} of the bytes."


def size_of(tensors: Iterable[Mapping[str, Any]]) -> int:
    """Return the bytes of tensors, as far as shape and dtype tell."""
    return sum(tensor["bytes"] or 0 for tensor in tensors)


def _all(told: Told) -> list[tuple[str, Told]]:
    roles = {role: name for role, name in (told["manifest"] or {}).items() if role in told["parts"]}
    return [(told["work"]["model"], told), *((roles[r], told["parts"][r]) for r in told["parts"])]


def _graph(name: str, facts: Told, work: Told | None) -> GraphRow:
    least = "at least " if work and work["unknown"] else ""
    return GraphRow(
        name=name,
        nodes=show(sum(facts["operators"].values()), Unit.COUNT),
        tensors=show(len(facts["initializers"]), Unit.COUNT),
        parameters=show(facts["parameters"], Unit.COUNT),
        bytes=show(size_of(facts["initializers"]), Unit.BYTES),
        flops=least + _operations(work["flops"]) if work else NOTHING,
        moved=show(work["weight_bytes"] + work["output_bytes"], Unit.BYTES) if work else NOTHING,
        opsets=", ".join(f"{domain} {version}" for domain, version in facts["opsets"].items()),
    )


def _operations(flops: int) -> str:
    return show(flops, Unit.COMPUTE).removesuffix("/s")


def _dtypes(tensors: Sequence[Mapping[str, Any]]) -> list[str]:
    return sorted({tensor["dtype"] for tensor in tensors})


def _shape(sizes: Sequence[object]) -> str:
    return " x ".join("?" if size is None else str(size) for size in sizes) or "scalar"


def _place(tensor: Mapping[str, Any]) -> str:
    start, length = tensor["offset"], tensor["length"]
    return NOTHING if start is None or length is None else f"{start} to {start + length}"


def _share(size: int, whole: int) -> str:
    return show(size / whole, Unit.RATIO) if whole else NOTHING
