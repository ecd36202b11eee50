"""The graph of the rehearsal model: the reference model, a tower of dense layers beside it, a tail.

audio_codes [1, 16, 128] -> reference model ---------------> heard [1, 144, 1024] --+
                        \\-> tower of 32 dense layers -> summary [1, 144, 128] ---(+) -> picture
picture -> mel_features [1, 2048, 245760]: each frame held for 240 values, zeros above 144
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, helper, numpy_helper

from harness.progress import Step
from models.bundles import DataFile

CODES = 2048  # codes of one codebook
BOOKS, CODE_FRAMES = 16, 128  # audio_codes of one window
AMPLITUDE = 1e-3  # of the summary beside a picture whose values are of order one
BLOCK = 1 << 22  # weights made at once: 16 MB

Float32 = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Size:
    """What the model measures. The defaults are the product's; tests take less."""

    layers: int = 32  # of the tower
    width: int = 2048  # of its residual stream
    hidden: int = 8192  # inside a layer
    channels: int = 2048  # of mel_features
    stride: int = 240  # values of mel_features per frame of the picture

    @classmethod
    def of(cls, size: float) -> Size:
        """Return the size whose data file has about `size` bytes, to 1 in 200."""
        one = 4 * cls.layers * 2 * cls.width  # bytes per hidden unit
        return cls(hidden=64 * round(size / one / 64))

    @property
    def weights(self) -> int:
        """Bytes of the tower's matrices."""
        return 4 * self.layers * 2 * self.width * self.hidden


class Weights:
    """Float32 matrices from a seed, the same on every machine and under every numpy.

    Uniform, from the raw 32-bit words of Philox (Salmon et al., 2011), a stream per matrix: numpy
    keeps raw words for ever, but not its normal distribution.
    """

    def __init__(self, seed: int) -> None:
        self._seed, self._streams = seed, 0

    def matrix(self, rows: int, columns: int, spread: float) -> Iterator[Float32]:
        """Yield [rows, columns] in blocks, of standard deviation `spread` and mean zero."""
        words = np.random.Philox(key=self._seed, counter=[0, 0, 0, self._streams])
        self._streams += 1
        scale = np.float32(spread * 3**0.5 / 2**31)
        for start in range(0, rows * columns, BLOCK):
            count = min(BLOCK, rows * columns - start)
            raw = words.random_raw(-(-count // 2)).astype("<u8", copy=False).view("<i4")[:count]
            block = raw.astype(np.float32)
            block *= scale
            yield block


def build_graph(
    reference: onnx.ModelProto, data: DataFile, weights: Weights, size: Size, step: Step
) -> onnx.ModelProto:
    """Return the whole model, with every weight in `data`.

    Args:
        reference: the reference model with its weights; it is changed.
        data: where the weights go.
        weights: where the tower's come from.
        size: of tower and output.
        step: called after each layer.
    """
    picture = reference.graph.output[0]
    channels, frames = (axis.dim_value for axis in picture.type.tensor_type.shape.dim[1:])
    for node in reference.graph.node:
        node.ClearField("name")  # names of nodes are half of the graph's bytes
        heard = ["heard" if name == picture.name else name for name in node.output]
        node.ClearField("output")
        node.output.extend(heard)
    known = [
        data.add_array(tensor.name, numpy_helper.to_array(tensor))
        for tensor in reference.graph.initializer
    ]
    tower, layers = _tower(data, weights, size, channels, step)
    tail, constants = _tail(channels, frames, size)
    heard_shape, shape = [1, channels, frames], [1, size.channels, frames * size.stride]
    graph = helper.make_graph(
        [*reference.graph.node, *tower, *tail],
        "rehearsal",
        reference.graph.input,
        [helper.make_tensor_value_info("mel_features", TensorProto.FLOAT, shape)],
        [*known, *layers, *constants],
        value_info=[helper.make_tensor_value_info("picture", TensorProto.FLOAT, heard_shape)],
    )
    model = helper.make_model(graph, opset_imports=reference.opset_import)
    model.ir_version = reference.ir_version
    model.producer_name, model.producer_version = "models.rehearsal", "1"
    return model


def _tower(
    data: DataFile, weights: Weights, size: Size, channels: int, step: Step
) -> tuple[list[NodeProto], list[TensorProto]]:
    """Return audio_codes -> summary [1, channels, CODE_FRAMES], and its tensors, in `data`."""
    tensors = [
        numpy_helper.from_array(np.array(2 / CODES, np.float32), "per_code_value"),
        numpy_helper.from_array(np.array(1, np.float32), "one"),
    ]

    def matrix(name: str, rows: int, columns: int, gain: float) -> str:
        blocks = weights.matrix(rows, columns, gain / rows**0.5)
        tensors.append(data.add(name, TensorProto.FLOAT, [rows, columns], blocks))
        return name

    def norm(name: str) -> str:
        (offsets,) = weights.matrix(1, size.width, 0.1)
        tensors.append(data.add(name, TensorProto.FLOAT, [size.width], [1 + offsets]))
        return name

    node = helper.make_node
    nodes = [
        node("Transpose", ["audio_codes"], ["by_frame"], perm=[0, 2, 1]),
        node("Cast", ["by_frame"], ["values"], to=TensorProto.FLOAT),
        node("Mul", ["values", "per_code_value"], ["scaled"]),
        node("Sub", ["scaled", "one"], ["centred"]),  # -1..1
        node("MatMul", ["centred", matrix("tower.in", BOOKS, size.width, 2.0)], ["t0"]),
    ]
    for layer in range(size.layers):
        at, after = f"t{layer}", f"t{layer + 1}"
        normed, up, inside, down = (f"{at}{part}" for part in "nuid")
        wide = matrix(f"tower.{layer}.up", size.width, size.hidden, 2**0.5)
        narrow = matrix(f"tower.{layer}.down", size.hidden, size.width, 1.0)
        nodes += [
            node("LayerNormalization", [at, norm(f"tower.{layer}.norm")], [normed]),
            node("MatMul", [normed, wide], [up]),
            node("Relu", [up], [inside]),
            node("MatMul", [inside, narrow], [down]),
            node("Add", [at, down], [after]),
        ]
        step()
    out = matrix("tower.out", size.width, channels, AMPLITUDE)
    nodes += [
        node("LayerNormalization", [f"t{size.layers}", norm("tower.norm")], ["settled"]),
        node("MatMul", ["settled", out], ["told"]),
        node("Transpose", ["told"], ["summary"], perm=[0, 2, 1]),
    ]
    return nodes, tensors


def _tail(channels: int, frames: int, size: Size) -> tuple[list[NodeProto], list[TensorProto]]:
    """Return (heard, summary) -> mel_features: their sum, then the full size."""
    node = helper.make_node
    nodes = [
        node("Unsqueeze", ["summary", "last"], ["summary_column"]),
        node("Expand", ["summary_column", "per_code"], ["summary_columns"]),
        node("Reshape", ["summary_columns", "to_picture"], ["summary_picture"]),
        node("Add", ["heard", "summary_picture"], ["picture"]),
        node("Unsqueeze", ["picture", "last"], ["column"]),
        node("Expand", ["column", "held"], ["columns"]),
        node("Reshape", ["columns", "to_wave"], ["wave"]),
        node("Pad", ["wave", "silent_channels"], ["mel_features"]),
    ]
    constants = {
        "last": [3],
        "per_code": [1, channels, CODE_FRAMES, frames // CODE_FRAMES],
        "to_picture": [1, channels, frames],
        "held": [1, channels, frames, size.stride],
        "to_wave": [1, channels, frames * size.stride],
        "silent_channels": [0, 0, 0, 0, size.channels - channels, 0],
    }
    return nodes, [
        numpy_helper.from_array(np.array(value, np.int64), name)
        for name, value in constants.items()
    ]
