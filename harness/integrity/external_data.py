"""Rules about what a graph says of its external data: where, from which byte, how many.

`onnx.checker.check_model(path, full_check=True)` accepts a data file that is truncated, empty or
shorter than the shapes say. Each rule here is about one such fault, for every ONNX file of a
bundle, and names the tensor and the bytes at fault.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath, PureWindowsPath

from harness.integrity.bundle import Bundle
from harness.integrity.graph import StoredTensor, whole_number
from harness.integrity.placing import Placed, at, external, other_users, placed
from harness.integrity.rule import Note, Rule

# onnx.proto names the first four; older writers add the last.
KNOWN_KEYS = ("location", "offset", "length", "checksum", "basepath")


def data_locations_are_given(bundle: Bundle) -> Iterator[str]:
    """Every external tensor says in which file its data is."""
    for graph, tensor in external(bundle):
        if not tensor.location:
            yield (
                f"{at(graph, tensor)} is external and names no file; expected a 'location'. "
                "Export the model again."
            )


def data_locations_are_relative(bundle: Bundle) -> Iterator[str]:
    """No data file is given by an absolute path."""
    for graph, tensor in external(bundle):
        place = tensor.location or ""
        if PurePosixPath(place).is_absolute() or PureWindowsPath(place).anchor:
            yield (
                f"{at(graph, tensor)} is stored at the absolute path {place!r}; expected a path "
                f"inside {graph.path.parent}. Save the model again with its data beside it."
            )


def data_locations_stay_inside(bundle: Bundle) -> Iterator[str]:
    """No path of a data file goes up by `..`."""
    for graph, tensor in external(bundle):
        place = tensor.location or ""
        if ".." in PurePosixPath(place).parts + PureWindowsPath(place).parts:
            yield (
                f"{at(graph, tensor)} is stored at {place!r}; expected a path inside "
                f"{graph.path.parent}, without '..'. Save the model again with its data beside it."
            )


def data_keys_are_known(bundle: Bundle) -> Iterator[str]:
    """Every key of an external tensor is one of the standard's, given once."""
    for graph, tensor in external(bundle):
        odd = [key for key in dict.fromkeys(tensor.keys) if key not in KNOWN_KEYS]
        twice = [key for key in dict.fromkeys(tensor.keys) if tensor.keys.count(key) > 1]
        if odd or twice:
            found = ", ".join([*map(repr, odd), *(f"{key!r} more than once" for key in twice)])
            yield (
                f"{at(graph, tensor)}: found the key {found}; expected {', '.join(KNOWN_KEYS)}, "
                "each once. onnx passes over what it does not know, so a misspelt offset reads as "
                "0. Export the model again."
            )


def data_ranges_are_numbers(bundle: Bundle) -> Iterator[str]:
    """Offset and length of every external tensor are whole numbers of 0 or more."""
    for graph, tensor in external(bundle):
        for key, text in (("offset", tensor.offset), ("length", tensor.length)):
            if text is not None and whole_number(text) is None:
                yield f"{at(graph, tensor)}: {key} is {text!r}; expected a whole number of bytes."


def data_types_have_a_size(bundle: Bundle) -> Iterator[str]:
    """Every external tensor has a dtype of known size: no strings, nothing undefined."""
    for graph, tensor in external(bundle):
        if not tensor.bits:
            yield (
                f"{at(graph, tensor)} is external and of dtype {tensor.dtype}, which has no fixed "
                "size; expected numbers. Keep it inside the graph, or export the model again."
            )


def lengths_fit_shapes(bundle: Bundle) -> Iterator[str]:
    """The stored length of every external tensor is what its shape and dtype need."""
    for graph, tensor in external(bundle):
        expected, length = tensor.bytes_by_shape, whole_number(tensor.length or "")
        if expected is not None and length is not None and length != expected:
            yield (
                f"{at(graph, tensor)}: {shape_of(tensor)} of {tensor.dtype} needs {expected} "
                f"bytes; found a length of {length} at byte {tensor.offset or 0}. Export the "
                "model again."
            )


def tensors_begin_inside_file(bundle: Bundle) -> Iterator[str]:
    """Every external tensor begins inside its data file."""
    for one in placed(bundle):
        size = one.path.stat().st_size
        if one.start >= size and one.stop > size:
            yield _outside(one, size, "all of it is missing")


def tensors_inside_file(bundle: Bundle) -> Iterator[str]:
    """Every external tensor that begins inside its data file ends there too."""
    for one in placed(bundle):
        size = one.path.stat().st_size
        if one.start < size < one.stop:
            yield _outside(one, size, f"{one.stop - size} short")


def no_trailing_bytes(bundle: Bundle) -> Iterator[str]:
    """Every data file ends with its last tensor."""
    ends: dict[Path, Placed] = {}
    for one in placed(bundle):
        if one.path not in ends or one.stop > ends[one.path].stop:
            ends[one.path] = one
    for path, last in ends.items():
        if (size := path.stat().st_size) <= last.stop:
            continue
        found = f"{path.name}: {last.name} ends at byte {last.stop}; found {size} bytes"
        rest = size - last.stop
        if users := other_users(bundle, path):
            yield Note(f"Note: {found}. {', '.join(users)} keeps tensors in the same file.")
        else:
            yield (
                f"{found}, {rest} that no tensor refers to. The file is of another model, or was "
                "written twice. Save the model again."
            )


EXTERNAL_DATA_RULES: tuple[Rule[Bundle], ...] = (
    data_locations_are_given,
    data_locations_are_relative,
    data_locations_stay_inside,
    data_keys_are_known,
    data_ranges_are_numbers,
    data_types_have_a_size,
    lengths_fit_shapes,
    tensors_begin_inside_file,
    tensors_inside_file,
    no_trailing_bytes,
)


def shape_of(tensor: StoredTensor) -> str:
    """Write a shape as messages do: `8 x 24`."""
    return " x ".join(map(str, tensor.shape)) or "a scalar"


def _outside(one: Placed, size: int, why: str) -> str:
    return (
        f"{one.name} is at bytes {one.start} to {one.stop} of {one.path.name}; found {size} bytes, "
        f"{why}. The file is truncated or of another model: build or download the bundle again."
    )
