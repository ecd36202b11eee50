"""The model without its last steps: up to the tensor whose values its output only repeats.

The text needs every `stride`-th value of the output's first channels. From the output back, nodes
that move values without changing them (reshape, expand, pad ...) are followed to where those values
come from. The smallest tensor on the way that holds them in order says as much as the output, and
nothing after it need be computed.

onnx is imported here only, and only when a cut is asked for: it costs 20 MB and some 0.2 s.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from agents.errors import MissingDependencyError
from agents.origins import Move, Places, Shape, origin

if TYPE_CHECKING:
    import onnx


class CannotCutError(Exception):
    """The graph has no tensor to cut at; says why."""


@dataclass(frozen=True, kw_only=True)
class Cut:
    """A model that ends earlier."""

    graph: bytes  # of the shorter model; its weights lie where the whole one's do
    tensor: str  # its output: float32 [1, channels or more, frames * stride]
    stride: int  # values of that per frame
    whole_shape: Shape  # of the output that the whole model has


def cut_graph(model: Path, *, channels: int, stride: int) -> Cut:
    """Return `model` up to the smallest tensor with the frames of its output's first channels.

    Args:
        model: an .onnx file; its first output is [1, channels or more, frames * stride].
        channels: how many are wanted.
        stride: values of the output per frame; the first of each is wanted.

    Raises:
        CannotCutError: no smaller tensor holds them, or shapes are not known before a run.
        MissingDependencyError: onnx is not installed.
    """
    try:
        import onnx
        from onnx.shape_inference import infer_shapes
        from onnx.utils import Extractor
    except ImportError as error:
        raise MissingDependencyError.of("onnx") from error
    try:
        whole = infer_shapes(onnx.load(model, load_external_data=False), data_prop=True)
        shapes = _shapes(whole.graph)
        output = whole.graph.output[0].name
        tensor, found = _earliest(whole.graph, shapes, channels, stride)
        shorter = Extractor(whole).extract_model(
            [value.name for value in whole.graph.input], [tensor]
        )
    except CannotCutError:
        raise
    except Exception as error:  # a graph that onnx cannot read: the session will say what is wrong
        raise CannotCutError(
            f"onnx cannot read the graph: {' '.join(str(error).split())}"
        ) from error
    return Cut(
        graph=shorter.SerializeToString(), tensor=tensor, stride=found, whole_shape=shapes[output]
    )


def _earliest(
    graph: onnx.GraphProto, shapes: Mapping[str, Shape], channels: int, stride: int
) -> tuple[str, int]:
    """Return the smallest tensor that holds the wanted values, and its values per frame."""
    name = output = graph.output[0].name
    if len(shapes.get(output, ())) != 3:
        raise CannotCutError(f"the shape of {output} is not [1, channels, time] before a run")
    makers = {made: node for node in graph.node for made in node.output}
    constants = _constants(graph)
    places = _grid(shapes[output], channels, shapes[output][2] // stride)
    best = output, stride
    while name in makers:
        node = makers[name]
        if any(each not in shapes for each in [name, *filter(None, node.input)]):
            break
        found = origin(_move(node, shapes, constants), places)
        if found is None:
            break
        name, places = node.input[found[0]], found[1]
        here = _stride(places, shapes[name])
        if here and prod(shapes[name]) < prod(shapes[best[0]]):
            best = name, here
    if best[0] == output:
        maker = f"{makers[name].op_type} makes {name}" if name in makers else f"{name} is given"
        raise CannotCutError(f"no smaller tensor holds what the text needs of {output}: {maker}")
    return best


def _grid(shape: Shape, channels: int, frames: int) -> Places:
    """Return the places [channels, frames] of the first of each frame's values."""
    columns = np.arange(frames) * (shape[2] // frames)
    places: Places = np.arange(channels)[:, np.newaxis] * shape[2] + columns
    return places


def _stride(places: Places, shape: Shape) -> int:
    """Return the values per frame where a tensor is [1, channels, frames * stride]; else 0."""
    channels, frames = places.shape
    if len(shape) != 3 or shape[0] != 1 or shape[1] < channels or shape[2] % frames:
        return 0
    return shape[2] // frames if np.array_equal(places, _grid(shape, channels, frames)) else 0


def _move(
    node: onnx.NodeProto, shapes: Mapping[str, Shape], constants: Mapping[str, list[int]]
) -> Move:
    from onnx import helper

    return Move(
        kind=node.op_type,
        taken=[shapes.get(name, ()) for name in node.input],
        given=shapes[node.output[0]],
        attributes={each.name: helper.get_attribute_value(each) for each in node.attribute},
        constants=[constants.get(name) if name else [] for name in node.input],
    )


def _shapes(graph: onnx.GraphProto) -> dict[str, Shape]:
    """Return the shapes that are numbers throughout."""
    shapes = {tensor.name: tuple(tensor.dims) for tensor in graph.initializer}
    for value in (*graph.input, *graph.value_info, *graph.output):
        axes = value.type.tensor_type.shape.dim
        if value.type.tensor_type.HasField("shape") and all(axis.dim_value for axis in axes):
            shapes[value.name] = tuple(axis.dim_value for axis in axes)
    return shapes


def _constants(graph: onnx.GraphProto) -> dict[str, list[int]]:
    """Return the whole numbers that stand in the graph itself, as lists."""
    from onnx import TensorProto, numpy_helper

    made = {
        node.output[0]: node.attribute[0].t for node in graph.node if node.op_type == "Constant"
    }
    tensors = {**made, **{tensor.name: tensor for tensor in graph.initializer}}
    return {
        name: numpy_helper.to_array(tensor).ravel().tolist()
        for name, tensor in tensors.items()
        if tensor.data_type in (TensorProto.INT32, TensorProto.INT64)
        and tensor.data_location != TensorProto.EXTERNAL
    }
