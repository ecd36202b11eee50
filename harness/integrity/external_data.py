"""Rules about external data: what `onnx.checker` lets pass.

`onnx.checker.check_model(path, full_check=True)` accepts a data file that is truncated, empty or
shorter than the shapes say. Each rule here is about one such fault, for every ONNX file of a
bundle, and names the tensor and the bytes at fault.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from harness.integrity.bundle import Bundle, OnnxFile, data_files
from harness.integrity.graph import StoredTensor, whole_number
from harness.integrity.manifest import is_inside
from harness.integrity.rule import Rule


def data_locations_are_safe(bundle: Bundle) -> Iterator[str]:
    """Every data file lies in the folder of its model: no absolute path, no `..`."""
    for graph, tensor in _external(bundle):
        if not is_inside(tensor.location or ""):
            yield (
                f"{_at(graph, tensor)} is stored at {tensor.location!r}; expected a path inside "
                f"{graph.path.parent}. Save the model again with its data beside it."
            )


def data_files_are_present(bundle: Bundle) -> Iterator[str]:
    """Every data file that a graph refers to is present."""
    for graph in bundle.onnx_files:
        for path in data_files(graph):
            if not path.is_file():
                tensors = [
                    t for t in graph.external if graph.path.parent / (t.location or "") == path
                ]
                yield (
                    f"{path}: no such file; {graph.path.name} keeps {len(tensors)} tensors in it, "
                    f"first {tensors[0].name!r}. Build or download the bundle again."
                )


def data_ranges_are_numbers(bundle: Bundle) -> Iterator[str]:
    """Offset and length of every external tensor are whole numbers of 0 or more."""
    for graph, tensor in _external(bundle):
        for key, text in (("offset", tensor.offset), ("length", tensor.length)):
            if text is not None and whole_number(text) is None:
                yield f"{_at(graph, tensor)}: {key} is {text!r}; expected a whole number of bytes."


def tensors_inside_file(bundle: Bundle) -> Iterator[str]:
    """Every externally stored tensor lies inside its data file."""
    for graph, tensor, path, (start, stop) in _placed(bundle):
        if stop > (size := path.stat().st_size):
            yield (
                f"{_at(graph, tensor)} is at bytes {start} to {stop} of {path.name}; found "
                f"{size} bytes, {stop - size} short. The file is truncated or of another model."
            )


def no_trailing_bytes(bundle: Bundle) -> Iterator[str]:
    """Every data file ends with its last tensor."""
    ends: dict[Path, tuple[int, str]] = {}
    for graph, tensor, path, (_, stop) in _placed(bundle):
        ends[path] = max(ends.get(path, (0, "")), (stop, _at(graph, tensor)))
    for path, (stop, last) in ends.items():
        if (size := path.stat().st_size) > stop:
            yield (
                f"{path.name}: {last} ends at byte {stop}; found {size} bytes, {size - stop} that "
                f"no tensor refers to. The file is of another model, or was written twice."
            )


def lengths_fit_shapes(bundle: Bundle) -> Iterator[str]:
    """The stored length of every external tensor is what its shape and dtype need."""
    for graph, tensor in _external(bundle):
        expected, length = tensor.bytes_by_shape, whole_number(tensor.length or "")
        if expected is not None and length is not None and length != expected:
            shape = " x ".join(map(str, tensor.shape)) or "a scalar"
            yield (
                f"{_at(graph, tensor)}: {shape} of {tensor.dtype} needs {expected} bytes; found "
                f"a length of {length} at byte {tensor.offset or 0}. Export the model again."
            )


EXTERNAL_DATA_RULES: tuple[Rule[Bundle], ...] = (
    data_locations_are_safe,
    data_files_are_present,
    data_ranges_are_numbers,
    tensors_inside_file,
    no_trailing_bytes,
    lengths_fit_shapes,
)


def _external(bundle: Bundle) -> Iterator[tuple[OnnxFile, StoredTensor]]:
    for graph in bundle.onnx_files:
        for tensor in graph.external:
            yield graph, tensor


def _placed(bundle: Bundle) -> Iterator[tuple[OnnxFile, StoredTensor, Path, tuple[int, int]]]:
    """Yield the external tensors whose file is present and whose byte range is known."""
    for graph, tensor in _external(bundle):
        location, span = tensor.location or "", tensor.span
        path = graph.path.parent / location
        if span is not None and is_inside(location) and path.is_file():
            yield graph, tensor, path, span


def _at(graph: OnnxFile, tensor: StoredTensor) -> str:
    return f"{graph.path.name}: tensor {tensor.name!r}"
