"""Reads the graph of an ONNX file without its external data, and lists its tensors."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import onnx
from google.protobuf.message import DecodeError
from onnx import AttributeProto, GraphProto, ModelProto, NodeProto, TensorProto

from harness.errors import BundleError

# ONNX packs these; every other dtype is stored as its numpy twin.
PACKED_BITS: Mapping[int, int] = {
    TensorProto.UINT2: 2,
    TensorProto.INT2: 2,
    TensorProto.UINT4: 4,
    TensorProto.INT4: 4,
    TensorProto.FLOAT4E2M1: 4,
}
UNSIZED: tuple[int, ...] = (TensorProto.UNDEFINED, TensorProto.STRING)
LONGEST_NUMBER = 19  # digits of an offset or a length; the largest int64 has as many


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
        BundleError: the file is absent, is not a file, or is not an ONNX model.
    """
    if not path.exists():
        raise BundleError(f"{path}: no such model file. Build or download the bundle first.")
    if not path.is_file():
        raise BundleError(f"{path}: expected a model file, found a folder or device.")
    try:
        model = onnx.load_model(path, format="protobuf", load_external_data=False)
    except (DecodeError, OSError) as error:
        raise BundleError(_not_onnx(path, str(error))) from None
    if not model.HasField("graph") or not model.ir_version:
        raise BundleError(_not_onnx(path, "it holds no graph"))
    return model


def stored_tensors(model: ModelProto) -> tuple[StoredTensor, ...]:
    """List the tensors of a model: initializers and constants, those of subgraphs included."""
    return tuple(map(_stored, tensor_protos(model)))


def tensor_protos(model: ModelProto) -> Iterator[TensorProto]:
    """Yield the tensors of a model as they are in the graph, in the order of `stored_tensors`."""
    yield from _of_graph(model.graph)
    yield from _of_nodes(node for function in model.functions for node in function.node)


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


def _of_graph(graph: GraphProto) -> Iterator[TensorProto]:
    yield from graph.initializer
    for sparse in graph.sparse_initializer:
        yield from (sparse.values, sparse.indices)
    yield from _of_nodes(graph.node)


def _of_nodes(nodes: Iterable[NodeProto]) -> Iterator[TensorProto]:
    for node in nodes:
        for attribute in node.attribute:
            yield from _of_attribute(attribute)


def _of_attribute(attribute: AttributeProto) -> Iterator[TensorProto]:
    if attribute.HasField("t"):
        yield attribute.t
    yield from attribute.tensors
    for graph in [*([attribute.g] if attribute.HasField("g") else []), *attribute.graphs]:
        yield from _of_graph(graph)


def _stored(tensor: TensorProto) -> StoredTensor:
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
    )
