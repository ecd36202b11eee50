"""The tensors of a bundle: where their bytes are, and what these were seen to be."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from blake3 import blake3
from onnx import ModelProto, TensorProto, numpy_helper

from harness.errors import BundleError
from harness.integrity.bundle import Bundle, OnnxFile
from harness.integrity.graph import placed_tensors, read_graph, stored_tensors
from harness.integrity.manifest import TensorEntry
from harness.integrity.scan import FileScan, Region, RegionScan, Step, blocks_of, scan_file
from harness.integrity.values import PACKED, WIDTHS, facts_of
from harness.progress import progress
from harness.untrusted import is_inside

Progress = Callable[..., AbstractContextManager[Step]]


@dataclass(frozen=True, kw_only=True)
class BundleScan:
    """What one pass over the files of a bundle saw."""

    files: Mapping[str, FileScan]  # by name, relative to the bundle's folder
    tensors: tuple[tuple[TensorEntry, RegionScan | None], ...]  # None: its bytes are not there


def scan_bundle(
    bundle: Bundle,
    names: Iterable[str],
    entries: Sequence[TensorEntry],
    *,
    digests: Sequence[str],
    show: Progress = progress,
) -> BundleScan:
    """Read each file once, and the tensors in it.

    Args:
        bundle: read; it says which folder.
        names: files relative to the folder, present.
        entries: the tensors to look for, of these files or of any other.
        digests: those of the whole files: "sha256", "blake3".
        show: how progress is shown.

    Raises:
        BundleError: a file cannot be read, or changes while it is read.
    """
    files = {}
    for name in names:
        path = bundle.model_path.parent / name
        regions = [region for entry in entries if entry.file == name and (region := _region(entry))]
        with show(f"read {name}, MiB", total=blocks_of(path)) as step:
            files[name] = scan_file(path, regions, digests=digests, step=step)
    inside = _Inside(bundle)
    return BundleScan(
        files=files,
        tensors=tuple((entry, _found(entry, files) or inside.scan(entry)) for entry in entries),
    )


def entries_of(bundle: Bundle) -> tuple[TensorEntry, ...]:
    """List the tensors of a bundle as its graphs declare them, in their order, unsealed.

    Those whose place is not known are left out: no number for a range, or a file outside the
    folder.
    """
    return tuple(entry for graph in bundle.onnx_files for entry in _entries(bundle, graph))


def _entries(bundle: Bundle, graph: OnnxFile) -> Iterator[TensorEntry]:
    folder = bundle.model_path.parent
    name = graph.path.relative_to(folder).as_posix()
    for tensor in graph.tensors:
        start, stop = tensor.span or (None, None)
        outside = tensor.location is not None
        if outside and (start is None or stop is None or not is_inside(tensor.location or "")):
            continue
        data = graph.path.parent / tensor.location if tensor.location else graph.path
        yield TensorEntry(
            graph=name,
            name=tensor.name,
            dtype=tensor.dtype,
            shape=tensor.shape,
            file=data.relative_to(folder).as_posix(),
            offset=start if outside else None,
            bytes=(stop or 0) - (start or 0) if outside else tensor.bytes_by_shape or 0,
        )


def _region(entry: TensorEntry) -> Region | None:
    if entry.offset is None:
        return None
    stop = entry.offset + entry.bytes
    return Region(start=entry.offset, stop=stop, dtype=entry.dtype, elements=entry.elements)


def _found(entry: TensorEntry, files: Mapping[str, FileScan]) -> RegionScan | None:
    region = _region(entry)
    return files[entry.file].regions.get(region) if region and entry.file in files else None


class _Inside:
    """Looks at the tensors that graphs hold themselves, each once; names may stand for several."""

    def __init__(self, bundle: Bundle) -> None:
        self._folder = bundle.model_path.parent
        self._graphs: dict[str, dict[str, list[bytes]]] = {}

    def scan(self, entry: TensorEntry) -> RegionScan | None:
        """Return what the tensor is: the sealed one, or the next of its name; None where absent."""
        if entry.offset is not None:
            return None
        if entry.graph not in self._graphs:
            self._graphs[entry.graph] = _payloads(self._folder / entry.graph)
        left = self._graphs[entry.graph].get(entry.name, [])
        if not left:
            return None
        sealed = (i for i, raw in enumerate(left) if blake3(raw).hexdigest() == entry.blake3)
        raw = left.pop(next(sealed, 0))
        readable = entry.dtype in WIDTHS and len(raw) == entry.bytes and raw
        array = np.frombuffer(raw, np.uint8)
        facts = facts_of(entry.dtype, array, entry.elements) if readable else None
        return RegionScan(blake3=blake3(raw).hexdigest(), facts=facts)


def _payloads(path: Path) -> dict[str, list[bytes]]:
    """Return the bytes of every tensor inside a graph by name; {} where it cannot be read."""
    found: dict[str, list[bytes]] = {}
    try:
        model: ModelProto = read_graph(path)
    except BundleError:
        return found
    for stored, (_, tensor) in zip(stored_tensors(model), placed_tensors(model), strict=True):
        if stored.location is None and (raw := _payload(tensor, stored.dtype)) is not None:
            found.setdefault(stored.name, []).append(raw)
    return found


def _payload(tensor: TensorProto, dtype: str) -> bytes | None:
    """Return the bytes of a tensor inside a graph, as a data file would have them."""
    if tensor.HasField("raw_data"):
        return bytes(tensor.raw_data)
    if dtype in PACKED:
        return np.array(tensor.int32_data).astype(np.uint8).tobytes()
    try:
        return numpy_helper.to_array(tensor).tobytes() if dtype in WIDTHS else None
    except (TypeError, ValueError):
        return None  # fewer values than the shape needs, or more: the graph's own fault
