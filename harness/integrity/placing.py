"""Where the tensors of a bundle lie: what several rules about external data look at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.errors import BundleError
from harness.integrity.bundle import Bundle, OnnxFile, data_files
from harness.integrity.graph import StoredTensor, read_graph, stored_tensors
from harness.untrusted import is_inside


@dataclass(frozen=True, kw_only=True)
class Placed:
    """An external tensor whose data file is a present, regular file and whose range is known."""

    graph: OnnxFile
    tensor: StoredTensor
    path: Path  # of the data file
    start: int  # first byte
    stop: int  # the byte after the last

    @property
    def name(self) -> str:
        """The tensor and its graph, as messages name them."""
        return at(self.graph, self.tensor)


def external(bundle: Bundle) -> Iterator[tuple[OnnxFile, StoredTensor]]:
    """Yield every external tensor of a bundle with its graph."""
    for graph in bundle.onnx_files:
        for tensor in graph.external:
            yield graph, tensor


def placed(bundle: Bundle) -> Iterator[Placed]:
    """Yield the external tensors that a byte range can be looked at for."""
    for graph, tensor in external(bundle):
        location, span = tensor.location or "", tensor.span
        path = graph.path.parent / location
        if span is not None and is_inside(location) and path.is_file():
            yield Placed(graph=graph, tensor=tensor, path=path, start=span[0], stop=span[1])


def by_file(bundle: Bundle) -> dict[Path, list[Placed]]:
    """Return the placed tensors of each data file that hold a byte, in the order of the file."""
    files: dict[Path, list[Placed]] = defaultdict(list)
    for one in placed(bundle):
        if one.stop > one.start:
            files[one.path].append(one)
    return {path: sorted(all_, key=lambda p: (p.start, p.stop)) for path, all_ in files.items()}


def data_paths(bundle: Bundle) -> tuple[Path, ...]:
    """List the data files that the graphs of a bundle refer to, present or not, each once."""
    return tuple(dict.fromkeys(path for graph in bundle.onnx_files for path in data_files(graph)))


def other_users(bundle: Bundle, data: Path) -> Sequence[str]:
    """Name the models beside the bundle's, and not of it, that keep tensors in `data`."""
    own = {graph.path for graph in bundle.onnx_files}
    return [
        path.name
        for path in sorted(bundle.model_path.parent.glob("*.onnx"))
        if path not in own and data.name in _locations(path)
    ]


def at(graph: OnnxFile, tensor: StoredTensor) -> str:
    """Name a tensor and its graph."""
    return f"{graph.path.name}: tensor {tensor.name!r}"


def _locations(path: Path) -> set[str | None]:
    try:
        return {tensor.location for tensor in stored_tensors(read_graph(path))}
    except BundleError:
        return set()
