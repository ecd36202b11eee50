"""Writes small real models with their weights in a data file, and edits them byte by byte.

A model adds to its input `x` [4] the sum of each of its tensors. The data is random bytes that are
no NaN in any dtype; ranges are multiples of 64 unless a test says otherwise.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import FunctionProto, GraphProto, ModelProto, NodeProto, TensorProto, helper

from harness.integrity.graph import bits_of

FLOAT, HALF, BYTE, LONG = (
    TensorProto.FLOAT,
    TensorProto.FLOAT16,
    TensorProto.INT8,
    TensorProto.INT64,
)
DATA = "m.onnx.data"
OPSET, IR = 21, 10  # the first with 4-bit numbers

Spec = tuple[str, int, tuple[int, ...]]  # name, dtype, shape of a tensor
THREE: tuple[Spec, ...] = (
    ("first", FLOAT, (32, 64)),  # 8192 bytes: two pages
    ("second", HALF, (16, 16)),
    ("third", BYTE, (64,)),
)


def write(folder: Path, specs: Sequence[Spec] = THREE, align: int = 64) -> Path:
    """Write a healthy model with its data; return its path."""
    tensors, blocks, end = [], b"", 0
    for name, dtype, shape in specs:
        blocks += bytes(-len(blocks) % align)
        end, content = len(blocks), values(dtype, shape)
        tensors.append(external(name, dtype, shape, offset=end, length=len(content)))
        blocks += content
    (folder / DATA).write_bytes(blocks)
    return keep(folder, summing(tensors))


def values(dtype: int, shape: tuple[int, ...]) -> bytes:
    """Return the bytes of a tensor: small numbers, none of them zero, NaN or infinite."""
    count = int(np.prod(shape)) * bits_of(dtype)
    content = np.random.default_rng(count).integers(1, 48, -(-count // 8), dtype=np.uint8)
    return (content % 2 if dtype == TensorProto.BOOL else content).tobytes()


def external(name: str, dtype: int, shape: Sequence[int], **entries: object) -> TensorProto:
    """Return a tensor in the data file; an entry of None is left out."""
    tensor = TensorProto(name=name, data_type=dtype, dims=shape)
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in {"location": DATA, **entries}.items():
        if value is not None:
            tensor.external_data.add(key=key, value=str(value))
    return tensor


def inside(name: str, dtype: int, shape: Sequence[int]) -> TensorProto:
    """Return a tensor with its bytes inside the graph."""
    content = values(dtype, tuple(shape))
    return TensorProto(name=name, data_type=dtype, dims=shape, raw_data=content)


def summing(tensors: Sequence[TensorProto]) -> ModelProto:
    """Return the model that adds the sum of each tensor to its input."""
    nodes, last = [], "x"
    for tensor in tensors:
        name = tensor.name
        nodes += [
            helper.make_node("Cast", [name], [f"{name}_real"], to=FLOAT),
            helper.make_node("ReduceSum", [f"{name}_real"], [f"{name}_sum"], keepdims=0),
            helper.make_node("Add", [last, f"{name}_sum"], [f"to_{name}"]),
        ]
        last = f"to_{name}"
    return model([*nodes, helper.make_node("Identity", [last], ["y"])], tensors)


def model(
    nodes: Sequence[NodeProto],
    tensors: Sequence[TensorProto] = (),
    functions: Sequence[FunctionProto] = (),
    opsets: Sequence[tuple[str, int]] = (("", OPSET),),
    shape: Sequence[int] = (4,),
) -> ModelProto:
    """Return a model from `x` to `y`, both float32 of `shape`."""
    ends = [helper.make_tensor_value_info(name, FLOAT, shape) for name in "xy"]
    graph = helper.make_graph(nodes, "main", ends[:1], ends[1:], tensors)
    return helper.make_model(
        graph,
        opset_imports=[helper.make_opsetid(*opset) for opset in opsets],
        functions=functions,
        ir_version=IR,
    )


def branches(tensor: TensorProto, more: Sequence[TensorProto] = ()) -> ModelProto:
    """Return a model whose two branches add `tensor` [4], an initializer of the branch."""
    inner = helper.make_graph(
        [helper.make_node("Add", ["x", tensor.name], ["sum"])],
        "branch",
        [],
        [helper.make_tensor_value_info("sum", FLOAT, [4])],
        [tensor, *more],
    )
    yes = helper.make_tensor("yes", TensorProto.BOOL, [], [True])
    node = helper.make_node("If", ["yes"], ["y"], then_branch=inner, else_branch=inner)
    return model([node], [yes])


def constant(tensor: TensorProto) -> list[NodeProto]:
    """Return the nodes that add `tensor` [4], the attribute of a Constant."""
    return [
        helper.make_node("Constant", [], ["w"], value=tensor),
        helper.make_node("Add", ["x", "w"], ["y"]),
    ]


def calling(tensor: TensorProto) -> ModelProto:
    """Return a model whose function adds `tensor` [4]."""
    own = helper.make_function(
        "own", "AddOwn", ["x"], ["y"], constant(tensor), [helper.make_opsetid("", OPSET)]
    )
    node = helper.make_node("AddOwn", ["x"], ["y"], domain="own")
    return model([node], functions=[own], opsets=(("", OPSET), ("own", 1)))


def sparse(values_: TensorProto, size: int = 4) -> ModelProto:
    """Return a model that adds a sparse initializer with numbers at 0 and 2."""
    places = helper.make_tensor("places", LONG, [2], [0, 2])
    made = model([helper.make_node("Add", ["x", values_.name], ["y"])], shape=[size])
    made.graph.sparse_initializer.append(helper.make_sparse_tensor(values_, places, [size]))
    return made


def adding(tensor: TensorProto, *more: TensorProto, size: int = 4) -> ModelProto:
    """One addition of `tensor`."""
    node = helper.make_node("Add", ["x", tensor.name], ["y"])
    return model([node], [tensor, *more], shape=[size])


def own(name: str = "w", offset: int = 0, length: int = 16) -> TensorProto:
    """Four floats in the data file."""
    return external(name, FLOAT, [length // 4], offset=offset, length=length)


def keep(folder: Path, made: ModelProto, name: str = "m.onnx") -> Path:
    """Write a graph as it is; return its path."""
    (folder / name).write_bytes(made.SerializeToString())
    return folder / name


def edit_graph(folder: Path, edit: Callable[[GraphProto], object]) -> Path:
    """Change the graph in place by `edit`; return its path."""
    made = onnx.load_model(folder / "m.onnx", load_external_data=False)
    edit(made.graph)
    return keep(folder, made)


def edit_entry(folder: Path, name: str, key: str, value: str) -> Path:
    """Set one entry of a tensor's external data; return the path of the graph."""

    def set_(graph: GraphProto) -> None:
        tensor = next(tensor for tensor in graph.initializer if tensor.name == name)
        for entry in [e for e in tensor.external_data if e.key == key]:
            tensor.external_data.remove(entry)
        tensor.external_data.add(key=key, value=value)

    return edit_graph(folder, set_)


def edit_data(folder: Path, edit: Callable[[bytes], bytes]) -> Path:
    """Write the data file again as `edit` makes it; return the path of the graph."""
    (folder / DATA).write_bytes(edit((folder / DATA).read_bytes()))
    return folder / "m.onnx"


def seal(folder: Path) -> None:
    """Write a manifest of the files as they are now."""
    names = [path.name for path in sorted(folder.iterdir())]
    files = {
        name: {
            "bytes": (folder / name).stat().st_size,
            "sha256": hashlib.sha256((folder / name).read_bytes()).hexdigest(),
        }
        for name in names
    }
    manifest = {"format": 1, "files": files, "model": "m.onnx"}
    (folder / "m.onnx.manifest.json").write_text(json.dumps(manifest), "utf-8")
