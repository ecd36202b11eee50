"""Finished rows about where tensors lie in the data files of a model: the ground of its map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness.records import Run
from harness.report.tables import NOTHING
from harness.units import Unit, show

LARGEST = 12  # tensors that have a row


@dataclass(frozen=True, kw_only=True)
class Span:
    """The bytes of one tensor in its file."""

    name: str
    dtype: str
    shape: str
    start: int
    stop: int  # after the last


@dataclass(frozen=True, kw_only=True)
class FileMap:
    """One data file of the bundle, by what lies in it."""

    name: str
    size: int  # bytes of the file
    spans: tuple[Span, ...]  # in the order of their starts
    unused: int  # bytes of the file that no tensor has
    shared: int  # bytes that more than one has
    beyond: int  # bytes that tensors have after the file's end


@dataclass(frozen=True, kw_only=True)
class MapRow:
    """One tensor in the table."""

    name: str
    dtype: str
    shape: str
    file: str
    place: str  # "0 to 172032"
    bytes: str


def file_maps(run: Run) -> tuple[FileMap, ...]:
    """Return the map of every data file that tensors of the model or its parts lie in."""
    model = run.facts.get("model")
    if not isinstance(model, Mapping):
        return ()
    spans: dict[str, list[Span]] = {}
    for graph in (model, *model.get("parts", {}).values()):
        for tensor in graph.get("initializers", ()):
            if tensor["location"] and tensor["offset"] is not None and tensor["length"]:
                spans.setdefault(str(tensor["location"]), []).append(_span(tensor))
    sizes = model.get("files", {})
    return tuple(_map(name, found, sizes) for name, found in spans.items())


def map_rows(maps: Sequence[FileMap]) -> tuple[MapRow, ...]:
    """Return a row for each of the largest tensors of all files."""
    every = [(one.name, span) for one in maps for span in one.spans]
    every.sort(key=lambda pair: pair[1].start - pair[1].stop)
    return tuple(
        MapRow(
            name=span.name,
            dtype=span.dtype,
            shape=span.shape,
            file=name,
            place=f"{span.start} to {span.stop}",
            bytes=show(span.stop - span.start, Unit.BYTES),
        )
        for name, span in every[:LARGEST]
    )


def map_sentence(maps: Sequence[FileMap]) -> str:
    """Say of each file how full it is, and whether tensors share bytes or lie beyond its end."""
    told = []
    for one in maps:
        text = f"{one.name}: {len(one.spans)} tensors in {show(one.size, Unit.BYTES)}"
        faults = {"unused": one.unused, "shared": one.shared, "beyond its end": one.beyond}
        found = [f"{show(size, Unit.BYTES)} {words}" for words, size in faults.items() if size]
        told.append(f"{text}, {' and '.join(found) or 'every byte used once'}.")
    return " ".join(told)


def _span(tensor: Mapping[str, Any]) -> Span:
    return Span(
        name=tensor["name"] or NOTHING,
        dtype=tensor["dtype"],
        shape=" x ".join(map(str, tensor["shape"])) or "scalar",
        start=tensor["offset"],
        stop=tensor["offset"] + tensor["length"],
    )


def _map(name: str, spans: list[Span], sizes: Mapping[str, int]) -> FileMap:
    spans.sort(key=lambda span: (span.start, span.stop))
    # A part names its file from its own folder, the bundle from the model's.
    size = next((s for file, s in sizes.items() if file == name or file.endswith(f"/{name}")), None)
    size = spans[-1].stop if size is None else size
    used = shared = end = 0
    for span in spans:
        fresh = max(0, min(span.stop, size) - max(span.start, end))
        used += fresh
        shared += max(0, min(end, span.stop) - span.start)
        end = max(end, span.stop)
    return FileMap(
        name=name,
        size=size,
        spans=tuple(spans),
        unused=size - used,
        shared=shared,
        beyond=max(0, end - size),
    )
