"""Reads the graph of an ONNX file without its external data, and lists its tensors."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import onnx
from google.protobuf.message import DecodeError
from onnx import (
    AttributeProto,
    GraphProto,
    ModelProto,
    NodeProto,
    SparseTensorProto,
    TensorProto,
)

from harness.errors import BundleError
from harness.integrity.wire import not_text

# ONNX packs these; every other dtype is stored as its numpy twin.
PACKED_BITS: Mapping[int, int] = {
    TensorProto.UINT2: 2,
    TensorProto.INT2: 2,
    TensorProto.UINT4: 4,
    TensorProto.INT4: 4,
    TensorProto.FLOAT4E2M1: 4,
}
MOST_BYTES = 2**31 - 1  # of a protobuf message, and so of a graph with all that is inside it
MOST_ELEMENTS = 2**63 - 1  # of a tensor: shapes are int64
MOST_TENSORS = 200_000  # ten times what the largest models have; each costs memory to look at
UNSIZED: tuple[int, ...] = (TensorProto.UNDEFINED, TensorProto.STRING)
LONGEST_NUMBER = 19  # digits of an offset or a length; the largest int64 has as many


# Where a tensor stands in a model.
GRAPH, SUBGRAPH, FUNCTION = "graph", "subgraph", "function"
SPARSE, ATTRIBUTE = "sparse initializer", "attribute"


@dataclass(frozen=True, kw_only=True)
class StoredTensor:
    """A tensor of the graph, and where its bytes are."""

    name: str
    dtype: str  # "float32", "bfloat16", "int4"
    bits: int  # of one element as stored; 0 for strings and unknown dtypes
    shape: tuple[int, ...]
    location: str | None  # path of the data file as written; None: the bytes are in the graph
    offset: str | None  # as written; None when absent, which means 0
    length: str | None  # as written; None when absent, which means what the shape needs
    place: str = GRAPH  # where in the model it stands: one of the words above
    checksum: str | None = None  # sha1 as written; None when absent
    keys: tuple[str, ...] = ()  # of its external data, as written and in their order

    @property
    def elements(self) -> int:
        """Number of elements."""
        return math.prod(self.shape)

    @property
    def bytes_by_shape(self) -> int | None:
        """Bytes that shape and dtype need; None where `bits` is 0."""
        return -(-self.elements * self.bits // 8) if self.bits else None

    @property
    def span(self) -> tuple[int, int] | None:
        """First byte in the data file and the byte after the last; None where not a number."""
        start = whole_number(self.offset) if self.offset is not None else 0
        size = whole_number(self.length) if self.length is not None else self.bytes_by_shape
        return None if start is None or size is None else (start, start + size)


def read_graph(path: Path) -> ModelProto:
    """Read an ONNX file, leaving its external data on disk.

    Raises:
        BundleError: the file is absent, is not a file, is not an ONNX model, holds a text that is
            not UTF-8, or declares a shape that no tensor can have, or more tensors than any model.
    """
    if not path.exists():
        raise BundleError(f"{path}: no such model file. Build or download the bundle first.")
    if not path.is_file():
        raise BundleError(
            f"{path}: expected a model file, found a folder or device. Name the file."
        )
    if (size := path.stat().st_size) > MOST_BYTES:
        raise BundleError(
            f"{path}: expected at most {MOST_BYTES} bytes, which protobuf can hold; found {size}. "
            "Save the model again with external data."
        )
    try:
        model = onnx.load_model(path, format="protobuf", load_external_data=False)
    except (DecodeError, OSError) as error:
        raise BundleError(_not_onnx(path, str(error))) from None
    if not model.HasField("graph") or not model.ir_version:
        raise BundleError(_not_onnx(path, "it holds no graph"))
    if place := not_text(model):
        raise BundleError(_not_onnx(path, f"{place} is not UTF-8"))
    for number, (_, tensor) in enumerate(placed_tensors(model)):
        if number == MOST_TENSORS:
            raise BundleError(
                f"{path}: expected at most {MOST_TENSORS} tensors, found more. The file is "
                "damaged: download it again."
            )
        if not _is_possible(tensor.dims):
            raise BundleError(
                f"{path}: tensor {tensor.name!r} declares the shape {_shape(tensor.dims)}; "
                "expected sizes of 0 or more, and fewer than 2^63 elements. The file is damaged: "
                "download it again."
            )
    return model


def stored_tensors(model: ModelProto) -> tuple[StoredTensor, ...]:
    """List the tensors of a model: initializers and constants, those of subgraphs included."""
    return tuple(_stored(tensor, place) for place, tensor in placed_tensors(model))


def placed_tensors(model: ModelProto) -> Iterator[tuple[str, TensorProto]]:
    """Yield every tensor, in the order of `stored_tensors`, with the word for where it stands."""
    yield from _of_graph(model.graph, GRAPH)
    for function in model.functions:
        for _, tensor in _of_nodes(function.node):
            yield FUNCTION, tensor


def subgraphs(attributes: Iterable[AttributeProto]) -> Iterator[GraphProto]:
    """Yield the graphs that these attributes of a node hold, not those inside them."""
    for attribute in attributes:
        if attribute.HasField("g"):
            yield attribute.g
        yield from attribute.graphs


def dtype_name(code: int) -> str:
    """Name an ONNX element type as numpy does: 1 is `float32`."""
    try:
        twin = onnx.helper.tensor_dtype_to_np_dtype(code).name
    except (KeyError, TypeError, ValueError):
        return f"unknown({code})"
    return TensorProto.DataType.Name(code).lower() if twin == "object" else str(twin)


def bits_of(code: int) -> int:
    """Return the bits of one stored element of an ONNX type; 0 where it has no fixed size."""
    if code in PACKED_BITS or code in UNSIZED:
        return PACKED_BITS.get(code, 0)
    try:
        return 8 * int(onnx.helper.tensor_dtype_to_np_dtype(code).itemsize)
    except (KeyError, TypeError, ValueError):
        return 0


def whole_number(text: str) -> int | None:
    """Read an offset or a length as written in a graph; None unless it is 0 or more."""
    is_number = text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER
    return int(text) if is_number else None


def _not_onnx(path: Path, reason: str) -> str:
    size = path.stat().st_size
    return f"{path}: not an ONNX model ({reason}; {size} bytes). Restore or download it again."


def _shape(sizes: Sequence[int]) -> str:
    return " x ".join(map(str, sizes[:8])) + (" ..." if len(sizes) > 8 else "")


def _is_possible(sizes: Iterable[int]) -> bool:
    """Say whether a shape can be; the product never grows past what a shape can count."""
    elements = 1
    for size in sizes:
        elements *= size
        if size < 0 or elements > MOST_ELEMENTS:
            return False
    return True


def _of_graph(graph: GraphProto, place: str) -> Iterator[tuple[str, TensorProto]]:
    for tensor in graph.initializer:
        yield place, tensor
    yield from _of_sparse(graph.sparse_initializer)
    yield from _of_nodes(graph.node)


def _of_sparse(tensors: Iterable[SparseTensorProto]) -> Iterator[tuple[str, TensorProto]]:
    for sparse in tensors:
        yield SPARSE, sparse.values
        yield SPARSE, sparse.indices


def _of_nodes(nodes: Iterable[NodeProto]) -> Iterator[tuple[str, TensorProto]]:
    for node in nodes:
        for attribute in node.attribute:
            yield from _of_attribute(attribute)


def _of_attribute(attribute: AttributeProto) -> Iterator[tuple[str, TensorProto]]:
    for tensor in [*([attribute.t] if attribute.HasField("t") else []), *attribute.tensors]:
        yield ATTRIBUTE, tensor
    alone = [attribute.sparse_tensor] if attribute.HasField("sparse_tensor") else []
    yield from _of_sparse([*alone, *attribute.sparse_tensors])
    for graph in subgraphs([attribute]):
        yield from _of_graph(graph, SUBGRAPH)


def _stored(tensor: TensorProto, place: str) -> StoredTensor:
    external = tensor.data_location == TensorProto.EXTERNAL
    entries = {entry.key: entry.value for entry in tensor.external_data} if external else {}
    return StoredTensor(
        name=tensor.name,
        dtype=dtype_name(tensor.data_type),
        bits=bits_of(tensor.data_type),
        shape=tuple(tensor.dims),
        location=entries.get("location", "") if external else None,
        offset=entries.get("offset"),
        length=entries.get("length"),
        place=place,
        checksum=entries.get("checksum"),
        keys=tuple(entry.key for entry in tensor.external_data) if external else (),
    )
