"""A stand-in of the production model: its names, shapes and 4.3 GB, in a graph of layers.

Codes [1, 16, 128] become 128 rows of a batch, pass layers of two products each, and the result is
spread over the output float32 [1, 2048, 245760]. The weights lie in a data file that is a hole: it
takes no space on the disk, and reads as zeros.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from onnx import TensorProto, helper, numpy_helper

CHANNELS, FRAMES, ROWS, BOOKS = 2048, 245_760, 128, 16
WIDTH = 2112  # of a layer; its two weights are [WIDTH, 4 WIDTH] and back: 143 MB
LAYERS = 30


def write(path: Path, *, data: bool, layers: int = LAYERS, width: int = WIDTH) -> Path:
    """Write the graph, and with `data` its data file of zeros; return the path of the graph."""
    weights: list[TensorProto] = []
    nodes = [
        helper.make_node("Cast", ["audio_codes"], ["real"], to=TensorProto.FLOAT),
        helper.make_node("Transpose", ["real"], ["rows"], perm=[0, 2, 1]),
        helper.make_node("MatMul", ["rows", _external(weights, path, BOOKS, width)], ["x0"]),
    ]
    for n in range(layers):
        up, down = _external(weights, path, width, 4 * width), f"down{n}"
        nodes += [
            helper.make_node("MatMul", [f"x{n}", up], [f"up{n}"], name=f"up{n}"),
            helper.make_node("Relu", [f"up{n}"], [f"act{n}"]),
            helper.make_node(
                "MatMul", [f"act{n}", _external(weights, path, 4 * width, width)], [down]
            ),
            helper.make_node("Add", [f"x{n}", down], [f"x{n + 1}"]),
        ]
    shapes = {"spread": [1, CHANNELS, ROWS, FRAMES // ROWS], "whole": [1, CHANNELS, FRAMES]}
    nodes += [
        helper.make_node(
            "MatMul", [f"x{layers}", _external(weights, path, width, CHANNELS)], ["y"]
        ),
        helper.make_node("Transpose", ["y"], ["channels"], perm=[0, 2, 1]),
        helper.make_node("Unsqueeze", ["channels", "last"], ["thin"]),
        helper.make_node("Expand", ["thin", "spread"], ["wide"]),
        helper.make_node("Reshape", ["wide", "whole"], ["mel_features"]),
    ]
    small = {"last": [3], **shapes}
    graph = helper.make_graph(
        nodes,
        "stand_in",
        [helper.make_tensor_value_info("audio_codes", TensorProto.INT64, [1, BOOKS, ROWS])],
        [helper.make_tensor_value_info("mel_features", TensorProto.FLOAT, shapes["whole"])],
        [
            *weights,
            *(numpy_helper.from_array(np.array(v, np.int64), name) for name, v in small.items()),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    path.write_bytes(model.SerializeToString())
    if data:
        with open(f"{path}.data", "wb") as file:
            file.truncate(weight_bytes(layers, width))
    return path


def weight_bytes(layers: int = LAYERS, width: int = WIDTH) -> int:
    """Return the bytes of all weights."""
    return 4 * (BOOKS * width + layers * 8 * width * width + width * CHANNELS)


def flops(layers: int = LAYERS, width: int = WIDTH) -> int:
    """Return the operations of all products."""
    return 2 * ROWS * weight_bytes(layers, width) // 4


def _external(weights: list[TensorProto], path: Path, *shape: int) -> str:
    """Add a weight that lies in the data file behind those before it; return its name."""
    start = sum(
        int(entry.value) for w in weights for entry in w.external_data if entry.key == "length"
    )
    tensor = TensorProto(name=f"w{len(weights)}", data_type=TensorProto.FLOAT, dims=shape)
    tensor.data_location = TensorProto.EXTERNAL
    size = 4 * shape[0] * shape[1]
    for key, value in {"location": f"{path.name}.data", "offset": start, "length": size}.items():
        tensor.external_data.add(key=key, value=str(value))
    weights.append(tensor)
    return tensor.name
