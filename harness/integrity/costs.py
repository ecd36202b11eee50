"""What one node costs: operations and bytes, by the definition of its operator.

A multiply-add is two operations; any other step on an element is one, so that the count is never
above the work, and a least time computed from it is never above the time. Bytes are those of the
inputs and outputs themselves, as if no cache held them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from onnx import NodeProto, helper

from harness.integrity.graph import bits_of
from harness.integrity.shapes import UNKNOWN, Tensor

FULL = 32  # bits: products of narrower numbers may run at the rate of int8

# The runtime hands on the same bytes.
VIEWS = ("Reshape", "Flatten", "Squeeze", "Unsqueeze", "Identity", "Dropout", "Shape", "Size")
# Read no more of their first input than they put out.
PICKS = ("Gather", "GatherElements", "GatherND", "Slice")
# Move elements and compute nothing.
MOVES = (
    *("Concat", "Split", "Transpose", "Expand", "Tile", "Pad", "Cast", "ConstantOfShape", "Where"),
    *("Trilu", "DepthToSpace", "SpaceToDepth", "ScatterElements", "ScatterND", "Range", "OneHot"),
)
PRODUCTS = (
    *("MatMul", "Gemm", "Conv", "ConvTranspose", "LSTM", "GRU", "RNN", "MatMulNBits"),
    *("MatMulInteger", "QLinearMatMul", "ConvInteger", "QLinearConv"),
)
# Cost that the shapes of inputs and outputs do not tell.
UNCOUNTED = ("If", "Loop", "Scan", "Einsum", "Attention", "StringNormalizer", "TfIdfVectorizer")


class UncountedError(Exception):
    """A shape is not known, or no rule says what the operator costs."""


@dataclass(frozen=True, kw_only=True)
class NodeWork:
    """The cost of one node for one request."""

    name: str
    op: str  # operator: "MatMul"
    flops: int  # operations; a multiply-add is two
    int8: bool  # products of numbers of fewer than 32 bits: the ceiling of int8 bounds them
    weight_bytes: int  # of fixed inputs; of a table only the rows taken
    read_bytes: int  # of inputs that the request made
    written_bytes: int  # of outputs


def cost_of(node: NodeProto, tensors: Mapping[str, Tensor]) -> NodeWork:
    """Return what `node` costs.

    Raises:
        UncountedError: a shape is not known, or there is no rule for the operator.
    """
    inputs = [tensors.get(name, UNKNOWN) for name in node.input]
    outputs = [tensors.get(name, UNKNOWN) for name in node.output if name]
    if node.op_type in UNCOUNTED or (node.domain and node.op_type not in PRODUCTS):
        raise UncountedError(node.op_type)
    weights, read = _bytes_read(node, inputs, outputs)
    return NodeWork(
        name=node.name,
        op=node.op_type,
        flops=_operations(node, inputs, outputs),
        int8=node.op_type in PRODUCTS and any(map(_is_narrow, inputs[:2])),
        weight_bytes=weights,
        read_bytes=read,
        written_bytes=0 if node.op_type in VIEWS else sum(map(_bytes, outputs)),
    )


def taken_bytes(node: NodeProto, tensors: Mapping[str, Tensor]) -> dict[str, int]:
    """Return the stored tensors that a node reads, with the least bytes that it takes of each.

    A table may be asked for the same row every time: of it, one row counts.
    """
    found: dict[str, int] = {}
    made = tensors.get(node.output[0], UNKNOWN).bytes or 0
    for position, name in enumerate(node.input):
        rows = tensors.get(node.input[1], UNKNOWN).elements if "Gather" in node.op_type else 1
        most = made // (rows or 1) if _picks(node, position) else math.inf
        for root, size in (tensors.get(name, UNKNOWN).roots or {}).items():
            found[root] = int(min(size, most))
    return {} if node.op_type in VIEWS else found


def _bytes_read(
    node: NodeProto, inputs: Sequence[Tensor], outputs: Sequence[Tensor]
) -> tuple[int, int]:
    """Bytes of fixed inputs and of the others."""
    weights = read = 0
    for position, (name, tensor) in enumerate(zip(node.input, inputs, strict=True)):
        if not name or node.op_type in VIEWS:
            continue
        size = _bytes(tensor)
        size = min(size, _bytes(outputs[0])) if _picks(node, position) else size
        if tensor.roots is None:
            read += size
        else:
            weights += size
    return weights, read


def _picks(node: NodeProto, position: int) -> bool:
    return node.op_type in PICKS and position == 0


def _operations(node: NodeProto, inputs: Sequence[Tensor], outputs: Sequence[Tensor]) -> int:
    made = _elements(outputs[0])
    match node.op_type:
        case op if op in VIEWS or op in PICKS or op in MOVES:
            return 0
        case "MatMul" | "MatMulInteger" | "QLinearMatMul":
            return 2 * made * _shape(inputs[0])[-1]
        case "MatMulNBits":
            return 2 * made * int(_attribute(node, "K", 0))
        case "Gemm":
            depth = _shape(inputs[0])[0 if _attribute(node, "transA", 0) else 1]
            return 2 * made * depth + (made if len(inputs) > 2 else 0)
        case "Conv" | "ConvInteger":
            bias = made if node.op_type == "Conv" and len(inputs) > 2 else 0
            return 2 * made * math.prod(_shape(inputs[1])[1:]) + bias
        case "QLinearConv":
            return 2 * made * math.prod(_shape(inputs[3])[1:])
        case "ConvTranspose":
            return 2 * _elements(inputs[0]) * math.prod(_shape(inputs[1])[1:])
        case "LSTM" | "GRU" | "RNN":
            steps, batch, _ = _shape(inputs[0])
            return 2 * steps * batch * (_elements(inputs[1]) + _elements(inputs[2]))
        case op if op.startswith("Reduce"):
            return _elements(inputs[0])
        case _:
            return made


def _attribute(node: NodeProto, name: str, otherwise: Any) -> Any:
    found = (a for a in node.attribute if a.name == name)
    return next(map(helper.get_attribute_value, found), otherwise)


def _is_narrow(tensor: Tensor) -> bool:
    return tensor.narrow or 0 < bits_of(tensor.dtype) < FULL


def _shape(tensor: Tensor) -> tuple[int, ...]:
    if tensor.shape is None:
        raise UncountedError("shape")
    return tensor.shape


def _elements(tensor: Tensor) -> int:
    return math.prod(_shape(tensor))


def _bytes(tensor: Tensor) -> int:
    if tensor.bytes is None:
        raise UncountedError("bytes")
    return tensor.bytes
