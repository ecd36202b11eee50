"""Builds small real bundles, whole or with one planted fault.

The core maps codes [1, 2, 4] to features [1, 3, 8]: cast, flatten, times a weight [8, 24], plus a
bias [24]. Core and tokenizer keep their weights in a data file, the decoder keeps its own inside.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

CODES = (1, 2, 4)
FEATURES = (1, 3, 8)
CODEBOOK = 16
WEIGHT_BYTES = 8 * 24 * 4
BIAS_BYTES = 24 * 4

CONTRACT = {
    "input": {"name": "audio_codes", "dtype": "int64", "shape": list(CODES)},
    "output": {"name": "mel_features", "dtype": "float32", "shape": list(FEATURES)},
    "codebook_size": CODEBOOK,
}


def build(folder: Path) -> Path:
    """Write a healthy bundle with a manifest; return the path of its model."""
    save(core(), folder / "core.onnx")
    save(one_layer("log_mel", "audio_codes"), folder / "tokenizer.onnx")
    save(one_layer("mel_features", "log_probs"), folder / "decoder.onnx", external=False)
    (folder / "language_model.npz").write_bytes(b"counts")
    seal(folder)
    return folder / "core.onnx"


def core(
    extra: tuple[NodeProto, ...] = (),
    last: str = "sum",
    frames: int | str = CODES[-1],
    bias: float = 0.5,
) -> ModelProto:
    """Return the core's graph; `extra` nodes may turn the tensor `sum` into another, `last`."""
    flat = numpy_helper.from_array(np.array([1, -1], np.int64), "flat")
    shape = numpy_helper.from_array(np.array(FEATURES, np.int64), "shape")
    weight = np.linspace(-1, 1, WEIGHT_BYTES // 4, dtype=np.float32).reshape(8, 24)
    nodes = [
        helper.make_node("Cast", ["audio_codes"], ["real"], to=TensorProto.FLOAT),
        helper.make_node("Reshape", ["real", "flat"], ["row"]),
        helper.make_node("MatMul", ["row", "weight"], ["product"]),
        helper.make_node("Add", ["product", "bias"], ["sum"]),
        *extra,
        helper.make_node("Reshape", [last, "shape"], ["mel_features"]),
    ]
    graph = helper.make_graph(
        nodes,
        "core",
        [helper.make_tensor_value_info("audio_codes", TensorProto.INT64, [*CODES[:-1], frames])],
        [helper.make_tensor_value_info("mel_features", TensorProto.FLOAT, FEATURES)],
        [
            numpy_helper.from_array(weight, "weight"),
            numpy_helper.from_array(np.full(24, bias, np.float32), "bias"),
            *(flat, shape),
        ],
    )
    return _model(graph)


def one_layer(source: str, target: str) -> ModelProto:
    """Return a graph of one multiplication, [1, 4] to [1, 4]."""
    values = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 4]) for name in (source, target)
    ]
    kernel = numpy_helper.from_array(np.eye(4, dtype=np.float32), "kernel")
    node = helper.make_node("MatMul", [source, "kernel"], [target])
    return _model(helper.make_graph([node], target, values[:1], values[1:], [kernel]))


def save(model: ModelProto, path: Path, external: bool = True) -> None:
    """Write a model; with `external`, tensors of 64 bytes or more go to `<name>.data`."""
    data = path.with_name(f"{path.name}.data")
    data.unlink(missing_ok=True)
    onnx.save_model(
        model, path, save_as_external_data=external, location=data.name, size_threshold=64
    )


def seal(folder: Path) -> None:
    """Write the manifest for the files as they are now."""
    names = sorted(path.name for path in folder.iterdir() if "manifest" not in path.name)
    files = {
        name: {
            "bytes": (folder / name).stat().st_size,
            "sha256": hashlib.sha256((folder / name).read_bytes()).hexdigest(),
        }
        for name in names
    }
    write_manifest(
        folder,
        {
            "format": 1,
            "name": "tiny",
            "files": files,
            "model": "core.onnx",
            "tokenizer": "tokenizer.onnx",
            "text_decoder": "decoder.onnx",
            "language_model": "language_model.npz",
            "contract": CONTRACT,
        },
    )


def write_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    """Write a manifest as it is given."""
    (folder / "core.onnx.manifest.json").write_text(json.dumps(manifest), "utf-8")


def edit_manifest(folder: Path, edit: Callable[[dict[str, Any]], None]) -> None:
    """Read the manifest, change it in place by `edit`, write it."""
    manifest = json.loads((folder / "core.onnx.manifest.json").read_text("utf-8"))
    edit(manifest)
    write_manifest(folder, manifest)


def no_data(folder: Path) -> None:
    """Remove the core's data file."""
    (folder / "core.onnx.data").unlink()


def truncated(folder: Path, by: int = 5) -> None:
    """Cut the last bytes off the core's data file."""
    data = folder / "core.onnx.data"
    data.write_bytes(data.read_bytes()[:-by])


def trailing(folder: Path) -> None:
    """Append bytes that no tensor refers to."""
    data = folder / "core.onnx.data"
    data.write_bytes(data.read_bytes() + b"\0" * 7)


def bit_flip(folder: Path, name: str = "core.onnx.data") -> None:
    """Flip one bit of a file and leave everything else."""
    path = folder / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))


def tokenizer_cut(folder: Path) -> None:
    """Let the tokenizer's graph end early."""
    path = folder / "tokenizer.onnx"
    path.write_bytes(path.read_bytes()[:40])


def no_decoder(folder: Path) -> None:
    """Remove a graph that the manifest names."""
    (folder / "decoder.onnx").unlink()


def no_language_model(folder: Path) -> None:
    """Remove a part that is not a graph."""
    (folder / "language_model.npz").unlink()


def offset_outside(folder: Path) -> None:
    """Let the weight begin beyond the end of its file."""
    _edit_entry(folder, "offset", "100000")


def negative_offset(folder: Path) -> None:
    """Let the weight begin before its file."""
    _edit_entry(folder, "offset", "-4")


def short_length(folder: Path) -> None:
    """Let the weight be stored in fewer bytes than its shape needs."""
    _edit_entry(folder, "length", str(WEIGHT_BYTES - 4))


def absolute_path(folder: Path) -> None:
    """Point the weight at an absolute path."""
    _edit_entry(folder, "location", str(folder / "core.onnx.data"))


def parent_path(folder: Path) -> None:
    """Point the weight out of its folder."""
    _edit_entry(folder, "location", f"../{folder.name}/core.onnx.data")


def unknown_operator(folder: Path) -> None:
    """Use an operator that does not exist."""
    save(core((helper.make_node("Nonesuch", ["sum"], ["odd"]),), "odd"), folder / "core.onnx")
    seal(folder)


def shapes_disagree(folder: Path) -> None:
    """Declare an output shape that the graph does not give."""
    model = core()
    model.graph.output[0].type.tensor_type.shape.dim[2].dim_value = 9
    save(model, folder / "core.onnx")
    seal(folder)


def unlisted_data(folder: Path) -> None:
    """Drop the data file from the manifest's list."""
    edit_manifest(folder, lambda manifest: manifest["files"].pop("core.onnx.data"))


def no_manifest(folder: Path) -> None:
    """Remove the manifest."""
    (folder / "core.onnx.manifest.json").unlink()


def _model(graph: onnx.GraphProto) -> ModelProto:
    opsets = [helper.make_opsetid("", 17)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=8, producer_name="tests")


def _edit_entry(folder: Path, key: str, value: str) -> None:
    path = folder / "core.onnx"
    model = onnx.load_model(path, load_external_data=False)
    (weight,) = [tensor for tensor in model.graph.initializer if tensor.name == "weight"]
    (entry,) = [entry for entry in weight.external_data if entry.key == key]
    entry.value = value
    path.write_bytes(model.SerializeToString())
    seal(folder)
