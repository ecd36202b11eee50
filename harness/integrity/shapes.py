"""What is known of every tensor of a graph before it runs: dtype, shape, and what is fixed.

One walk over the nodes in their order. Shapes are onnx's own inference, a node at a time; small
whole-number tensors (the arithmetic of shapes that exporters write) are computed on the way, so
that a `Reshape` to a computed shape is understood. No weight is read. What needs stored tensors
only is fixed: a runtime computes it when it loads the graph, and it costs a request nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import AttributeProto, ModelProto, NodeProto, TensorProto, TypeProto, helper, numpy_helper
from onnx.inliner import inline_local_functions
from onnx.reference import ReferenceEvaluator

from harness.integrity.graph import bits_of

SMALL = 4096  # elements of a tensor whose value is computed
# Their result is not the same each time, or runtimes leave them in the graph.
NEVER_FIXED = ("RandomNormal", "RandomUniform", "Bernoulli", "Multinomial", "DequantizeLinear")
OF_SHAPE = ("Shape", "Size")  # need the shape of their input, not its value


@dataclass(frozen=True, kw_only=True)
class Tensor:
    """What is known of one tensor."""

    dtype: int  # ONNX element type; 0: not known
    shape: tuple[int, ...] | None  # None: not known before the model runs
    roots: Mapping[str, int] | None = None  # stored tensors behind a fixed one, with their bytes
    value: NDArray[Any] | None = None  # of a small fixed one
    narrow: bool = False  # its values came from fewer than 32 bits

    @property
    def elements(self) -> int | None:
        """Number of elements."""
        return None if self.shape is None else math.prod(self.shape)

    @cached_property
    def bytes(self) -> int | None:
        """Bytes of all elements."""
        bits = bits_of(self.dtype) if self.dtype else 0
        return -(-self.elements * bits // 8) if bits and self.elements is not None else None


UNKNOWN = Tensor(dtype=0, shape=None)


@dataclass(frozen=True, kw_only=True)
class Traced:
    """A graph whose nodes were walked."""

    nodes: tuple[NodeProto, ...]  # those that run for each request and that an output needs
    tensors: Mapping[str, Tensor]  # every tensor of the graph by name
    outputs: tuple[str, ...]  # names of the graph's outputs


def trace(model: ModelProto, given: Mapping[str, tuple[int, ...]]) -> Traced:
    """Walk the nodes of `model`.

    Args:
        model: without external data; its functions are inlined.
        given: shapes of inputs by name, used where the graph leaves a size open.
    """
    model = inline_local_functions(model) if model.functions else model
    walk = _Walk(model, given)
    run = [node for node in model.graph.node if not walk.step(node)]
    outputs = tuple(value.name for value in model.graph.output)
    return Traced(nodes=_needed(run, outputs), tensors=walk.tensors, outputs=outputs)


class _Walk:
    """The tensors known so far."""

    def __init__(self, model: ModelProto, given: Mapping[str, tuple[int, ...]]) -> None:
        self.tensors: dict[str, Tensor] = {}
        self._opsets = list(model.opset_import)
        self._versions = {entry.domain: entry.version for entry in model.opset_import}
        self._ir = model.ir_version
        for value in model.graph.input:
            self.tensors[value.name] = _input(value.type, given.get(value.name))
        for stored in model.graph.initializer:
            self.tensors[stored.name] = _stored(stored, stored.name)
        for sparse in model.graph.sparse_initializer:
            self.tensors[sparse.values.name] = _stored(sparse.values, sparse.values.name)

    def step(self, node: NodeProto) -> bool:
        """Learn the outputs of one node, and say whether they are fixed."""
        inputs = [self.tensors.get(name, UNKNOWN) for name in node.input if name]
        outputs = self._outputs(node)
        value = self._value(node, inputs, outputs)
        fixed = value is not None or _is_fixed(node, inputs)
        roots = _roots(inputs) if fixed else None
        for name, found in outputs.items():
            known = replace(found, narrow=_is_narrow(node, inputs))
            if roots is not None:
                known = replace(known, roots=_fewest(name, known, roots))
            self.tensors[name] = known
        if value is not None:
            name = node.output[0]
            self.tensors[name] = replace(self.tensors[name], value=value, shape=value.shape)
        return fixed

    def _outputs(self, node: NodeProto) -> dict[str, Tensor]:
        """Infer dtype and shape of each output; UNKNOWN where onnx cannot."""
        if node.op_type == "Constant":
            return {node.output[0]: _constant(node)}
        if node.op_type == "MatMulNBits":
            return {node.output[0]: _by_few_bits(node, self.tensors.get(node.input[0], UNKNOWN))}
        try:
            found = self._inferred(node)
        except Exception:  # onnx raises types without a common base; each means: not known
            found = {}
        known = {name: _typed(kind) for name, kind in found.items()}
        return {name: known.get(name, UNKNOWN) for name in node.output if name}

    def _inferred(self, node: NodeProto) -> Mapping[str, TypeProto]:
        schema = onnx.defs.get_schema(node.op_type, self._versions[node.domain], node.domain)
        outer = any(attribute.type == AttributeProto.GRAPH for attribute in node.attribute)
        names = self.tensors if outer else dict.fromkeys(name for name in node.input if name)
        data = {
            name: numpy_helper.from_array(tensor.value, name)
            for name in names
            if (tensor := self.tensors[name]).value is not None
        }
        return onnx.shape_inference.infer_node_outputs(
            schema,
            node,
            {name: _type(self.tensors[name]) for name in names},
            data,
            opset_imports=self._opsets,
            ir_version=self._ir,
        )

    def _value(
        self, node: NodeProto, inputs: Sequence[Tensor], outputs: Mapping[str, Tensor]
    ) -> NDArray[Any] | None:
        """Compute the only output of a node if it is small and its inputs are known."""
        if len(outputs) != 1 or node.domain or node.op_type in NEVER_FIXED:
            return None
        (found,) = outputs.values()
        if node.op_type == "Constant" or (found.elements or 0) > SMALL:
            return found.value
        values = [_operand(node, tensor) for tensor in inputs]
        if any(value is None for value in values):
            return None
        try:
            names = [name for name in node.input if name]
            evaluator = ReferenceEvaluator(node, opsets=self._versions)
            (result,) = evaluator.run(None, dict(zip(names, values, strict=True)))
        except Exception:  # whatever the reference implementation lacks stays unknown
            return None
        array = np.asarray(result)
        return array if array.size <= SMALL else None


def _operand(node: NodeProto, tensor: Tensor) -> NDArray[Any] | None:
    """The value that a node needs of an input: for its shape alone, any value of that shape."""
    if node.op_type in OF_SHAPE and tensor.shape is not None:
        return np.broadcast_to(np.float32(0), tensor.shape)
    return tensor.value


def _is_fixed(node: NodeProto, inputs: Sequence[Tensor]) -> bool:
    if node.op_type in NEVER_FIXED or not inputs:
        return node.op_type == "Constant"
    whole = all(attribute.type != AttributeProto.GRAPH for attribute in node.attribute)
    return whole and all(tensor.roots is not None for tensor in inputs)


def _is_narrow(node: NodeProto, inputs: Sequence[Tensor]) -> bool:
    moved = node.op_type in ("Transpose", "Reshape", "Identity", "Concat", "Slice", "Squeeze")
    return node.op_type == "DequantizeLinear" or (moved and any(t.narrow for t in inputs))


def _roots(inputs: Iterable[Tensor]) -> dict[str, int]:
    found: dict[str, int] = {}
    for tensor in inputs:
        found.update(tensor.roots or {})
    return found


def _fewest(name: str, tensor: Tensor, roots: Mapping[str, int]) -> Mapping[str, int]:
    """Return what has the fewer bytes: the stored tensors, or what is computed from them once."""
    size = tensor.bytes
    return roots if size is None or size >= sum(roots.values()) else {name: size}


def _needed(nodes: Sequence[NodeProto], outputs: Iterable[str]) -> tuple[NodeProto, ...]:
    """Leave out the nodes that no output needs."""
    wanted, kept = set(outputs), []
    for node in reversed(nodes):
        if wanted & set(node.output):
            kept.append(node)
            wanted |= set(node.input) | _captured(node)
    return tuple(reversed(kept))


def _captured(node: NodeProto) -> set[str]:
    """The names that the inner graphs of a node may take from around it."""
    inner = [a.g for a in node.attribute if a.type == AttributeProto.GRAPH]
    parts = [part for graph in inner for part in graph.node]
    return {name for part in parts for name in (*part.input, *_captured(part))}


def _input(kind: TypeProto, given: tuple[int, ...] | None) -> Tensor:
    tensor = _typed(kind)
    return replace(tensor, shape=given) if tensor.shape is None and given else tensor


def _stored(tensor: TensorProto, name: str) -> Tensor:
    shape = tuple(tensor.dims)
    known = Tensor(dtype=tensor.data_type, shape=shape)
    external = tensor.data_location == TensorProto.EXTERNAL
    small = not external and math.prod(shape) <= SMALL
    return replace(
        known,
        roots={name: known.bytes or 0},
        value=numpy_helper.to_array(tensor) if small else None,
    )


def _constant(node: NodeProto) -> Tensor:
    attribute = node.attribute[0]
    if attribute.type == AttributeProto.TENSOR:
        return _stored(attribute.t, node.output[0])
    if attribute.type == AttributeProto.SPARSE_TENSOR or attribute.name.startswith("value_string"):
        return UNKNOWN
    held = helper.get_attribute_value(attribute)
    dtype = np.int64 if attribute.name.startswith("value_int") else np.float32
    return _stored(numpy_helper.from_array(np.asarray(held, dtype)), node.output[0])


def _by_few_bits(node: NodeProto, data: Tensor) -> Tensor:
    """The output of onnxruntime's product by a weight of 4 bits, which onnx does not know."""
    columns = next((a.i for a in node.attribute if a.name == "N"), None)
    if data.shape is None or columns is None:
        return UNKNOWN
    return Tensor(dtype=data.dtype, shape=(*data.shape[:-1], columns))


def _typed(kind: TypeProto) -> Tensor:
    found = kind.tensor_type
    if not found.HasField("shape"):
        return Tensor(dtype=found.elem_type, shape=None)
    sizes = [size.dim_value if size.HasField("dim_value") else None for size in found.shape.dim]
    known = tuple(size for size in sizes if size is not None)
    return Tensor(dtype=found.elem_type, shape=known if len(known) == len(sizes) else None)


def _type(tensor: Tensor) -> TypeProto:
    return helper.make_tensor_type_proto(tensor.dtype, tensor.shape)
