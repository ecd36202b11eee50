"""Write the int8 variant of a model: the same contract, a quarter of the weights.

    python -m models.int8 models/onnx/agi_audio_core.onnx    -> agi_audio_core.int8.onnx, .data

Every weight of MatMul, LSTM and Conv becomes int8, symmetric, with a scale per output channel. A
MatMul's activations are quantised as they come (DynamicQuantizeLinear, MatMulInteger: the pattern
that onnxruntime fuses), an LSTM's inside onnxruntime's DynamicQuantizeLSTM; a Conv keeps its float
arithmetic on int8 weights. One tensor is in memory at a time, where onnxruntime's own quantiser
holds the whole model.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import GraphProto, NodeProto, TensorProto, helper, numpy_helper

from harness.progress import Step, progress
from models.bundles import DataFile, NoRoomError, derived, is_there, read_manifest

RECIPE = "int8 per channel, dynamic, version 1"
DRIFT = 0.05  # of an answer from the model's own, at most; the reference model's are 0.005 to 0.008
LARGEST = 127  # of int8's magnitudes; -128 has no opposite
LEAST = LARGEST * np.finfo(np.float32).tiny  # smaller weights are zeros
MICROSOFT = "com.microsoft"  # domain of onnxruntime's own operators

# Which axes of a weight belong to one output channel, by operator and input: they share a scale.
_SUMMED: dict[tuple[str, int], tuple[int, ...]] = {
    ("MatMul", 1): (0,),  # [in, out]
    ("Conv", 1): (1, 2),  # [out, in, kernel]
    ("LSTM", 1): (2,),  # [directions, 4 * hidden, in]
    ("LSTM", 2): (2,),  # the same of the recurrence
}


def quantise(model: Path, show: Callable[..., Any] = progress) -> Path:
    """Write the int8 variant of `model` beside it, unless it is there already.

    A model with a manifest gets one for the variant, which names the same parts around it.

    Returns:
        The path of the variant.

    Raises:
        NoRoomError: the disk is too small.
        ValueError: a weight is not finite, or an LSTM has a weight that is not stored.
    """
    source = onnx.load(model, load_external_data=False)
    described = read_manifest(model)
    variant = model.with_name(f"{model.stem}.int8.onnx")
    recipe = {"method": RECIPE, "files": _own_files(described, model)}
    if described and is_there(variant, recipe):
        print(f"{variant}: there already", file=sys.stderr)
        return variant
    sizes = [int(np.prod(tensor.dims)) for tensor in source.graph.initializer]
    with (
        DataFile(variant, need=2 * sum(sizes)) as data,  # less: not all of it is int8
        show(f"quantising {model.name}", total=len(sizes)) as step,
    ):
        _rewrite(source.graph, model.parent, data, step)
        source.opset_import.append(helper.make_opsetid(MICROSOFT, 1))
        data.finish(source, _manifest(described, model, variant, recipe))
    return variant


def _own_files(described: dict[str, Any], model: Path) -> dict[str, Any]:
    """Return size and sha256 of the model's own files, without the parts around it."""
    files: dict[str, Any] = described.get("files", {})
    own = {name: facts for name, facts in files.items() if name.startswith(model.name)}
    return {name: {key: facts[key] for key in ("bytes", "sha256")} for name, facts in own.items()}


def _manifest(
    described: dict[str, Any], model: Path, variant: Path, recipe: dict[str, Any]
) -> dict[str, Any] | None:
    if not described:
        return None
    own = _own_files(described, model)
    return {
        **derived(described, drift=DRIFT),
        "name": f"{described['name']}.int8",
        "description": f"{described['description']}; weights in int8",
        "source": f"python -m models.int8 {model.name}",
        "recipe": recipe,
        "files": {name: facts for name, facts in described["files"].items() if name not in own},
        "model": variant.name,
    }


def _rewrite(graph: GraphProto, folder: Path, data: DataFile, step: Step) -> None:
    """Put int8 weights into `data` and `graph`, and nodes that take them."""
    uses = _uses(graph)
    kept: list[TensorProto] = []
    for tensor in graph.initializer:
        array = numpy_helper.to_array(tensor, str(folder))
        use = uses.get(tensor.name)
        if use is None or tensor.data_type != TensorProto.FLOAT or array.ndim < 2:
            kept.append(data.add_array(tensor.name, array))
        else:
            kept += _quantised(tensor.name, array, use, data)
        step()
    names = {tensor.name for tensor in kept}
    nodes, seen = [], set[str]()
    for node in graph.node:
        nodes += _replaced(node, names, seen)
    graph.ClearField("initializer")
    graph.initializer.extend(kept)
    graph.ClearField("node")
    graph.node.extend(nodes)


def _uses(graph: GraphProto) -> dict[str, tuple[str, int]]:
    """Return what each input that can be quantised is, where every use of it is the same."""
    uses: dict[str, set[tuple[str, int]]] = {}
    for node in graph.node:
        for index, name in enumerate(node.input):
            uses.setdefault(name, set()).add((node.op_type, index))
    once = {name: found.pop() for name, found in uses.items() if len(found) == 1}
    return {name: use for name, use in once.items() if use in _SUMMED}


def _quantised(
    name: str, array: NDArray[np.float32], use: tuple[str, int], data: DataFile
) -> list[TensorProto]:
    """Write an int8 tensor, its scales and, where they are wanted, its zero points."""
    if not np.isfinite(array).all():
        raise ValueError(f"{name}: not all of its values are finite. The model is damaged.")
    summed = tuple(axis for axis in _SUMMED[use] if axis < array.ndim)
    whole, scale = to_int8(array, summed)
    scales = scale.squeeze(summed)
    if use[0] == "LSTM":  # onnxruntime's operator wants [directions, in, 4 * hidden]
        whole = whole.transpose(0, 2, 1)
    tensors = [data.add_array(f"{name}.int8", whole), data.add_array(f"{name}.scale", scales)]
    if use[0] == "LSTM":
        tensors.append(data.add_array(f"{name}.zero", np.zeros(scales.shape, np.int8)))
    return tensors


def to_int8(
    array: NDArray[np.float32], summed: tuple[int, ...]
) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Return int8 [as array] and float32 scales: array = int8 * scale to half a scale.

    Args:
        array: finite.
        summed: axes that share a scale; they are kept, with length one, in the scales.
    """
    top = np.maximum(array.max(axis=summed, keepdims=True), -array.min(axis=summed, keepdims=True))
    scale = np.where(top > LEAST, top / LARGEST, 1).astype(np.float32)
    ratio = array / scale
    np.rint(ratio, out=ratio)
    return ratio.astype(np.int8), scale


def _replaced(node: NodeProto, names: set[str], seen: set[str]) -> list[NodeProto]:
    """Return the nodes that do the work of `node` on int8 weights; itself where it has none."""
    if not any(f"{name}.int8" in names for name in node.input):
        return [node]
    if node.op_type == "MatMul":
        return _matmul(node, seen)
    return _lstm(node, names) if node.op_type == "LSTM" else _conv(node)


def _matmul(node: NodeProto, seen: set[str]) -> list[NodeProto]:
    """Activations to uint8, whole products, and back by both scales."""
    taken, weight = node.input
    out = node.output[0]
    stages = [f"{taken}.uint8", f"{taken}.scale", f"{taken}.zero"]
    make = helper.make_node
    first = [] if taken in seen else [make("DynamicQuantizeLinear", [taken], stages)]
    seen.add(taken)
    return [
        *first,
        make("MatMulInteger", [stages[0], f"{weight}.int8", stages[2]], [f"{out}.whole"]),
        make("Cast", [f"{out}.whole"], [f"{out}.float"], to=TensorProto.FLOAT),
        make("Mul", [stages[1], f"{weight}.scale"], [f"{out}.scale"]),
        make("Mul", [f"{out}.float", f"{out}.scale"], [out]),
    ]


def _conv(node: NodeProto) -> list[NodeProto]:
    """The same convolution, of weights that become floats on the way."""
    weight = node.input[1]
    names = [f"{weight}.int8", f"{weight}.scale"]
    node.input[1] = f"{weight}.float"
    return [helper.make_node("DequantizeLinear", names, [node.input[1]], axis=0), node]


def _lstm(node: NodeProto, names: set[str]) -> list[NodeProto]:
    """onnxruntime's LSTM of int8 weights."""
    weights = list(node.input[1:3])
    if not all(f"{name}.int8" in names for name in weights):
        raise ValueError(f"LSTM {node.output[0]}: weight and recurrence must both be initializers")
    scales = [f"{name}.{part}" for name in weights for part in ("scale", "zero")]
    others = [*node.input[3:], *[""] * (8 - len(node.input))]
    lstm = helper.make_node(
        "DynamicQuantizeLSTM",
        [node.input[0], *(f"{name}.int8" for name in weights), *others, *scales],
        node.output,
        domain=MICROSOFT,
    )
    lstm.attribute.extend(node.attribute)
    return [lstm]


def main() -> None:
    """Quantise the model that is named; exit with 2 when it cannot be done."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("model", type=Path, help="an .onnx file, with or without external data")
    model: Path = parser.parse_args().model
    if not model.is_file():
        print(f"{model}: no such file. `make model-full` builds it.", file=sys.stderr)
        raise SystemExit(2)
    try:
        variant = quantise(model)
    except (NoRoomError, ValueError) as error:
        print(error, file=sys.stderr)
        raise SystemExit(2) from None
    print(f"{variant}: {variant.with_name(f'{variant.name}.data').stat().st_size / 1e9:.3f} GB")


if __name__ == "__main__":
    main()
