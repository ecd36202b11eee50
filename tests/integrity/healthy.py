"""Healthy bundles: none may be alarmed at.

Those that are made here, the model that the project ships, and the models that onnx itself is
tested with, as far as both onnx.checker and onnxruntime take them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from harness.integrity.runtime import checker_refusal, runtime_refusal
from tests.integrity import bundles
from tests.integrity import planting as p
from tests.integrity.defect import DTYPES

SHIPPED = Path(__file__).parents[2] / "models" / "onnx" / "reference" / "core.onnx"
ONNX_DATA = Path(onnx.__file__).parent / "backend" / "test" / "data"


def every_dtype(folder: Path) -> Path:
    """All dtypes in one data file."""
    return p.write(folder, [(name, dtype, (3, 5)) for name, dtype in DTYPES.items()])


def pages(folder: Path) -> Path:
    """Every tensor begins at a page."""
    return p.write(folder, align=4096)


def windows_pages(folder: Path) -> Path:
    """Every tensor begins where Windows can map it."""
    return p.write(folder, align=65_536)


def scalars_and_nothing(folder: Path) -> Path:
    """A scalar and a tensor of no elements, both external."""
    return p.write(folder, (("scalar", p.FLOAT, ()), ("none", p.FLOAT, (0, 7)), *p.THREE))


def inside(folder: Path) -> Path:
    """All tensors in the graph, and no data file."""
    return p.keep(folder, p.summing([p.inside("w", p.FLOAT, [4]), p.inside("v", p.HALF, [5])]))


def typed_values(folder: Path) -> Path:
    """Values as numbers and not as bytes, of each field that holds them."""
    kinds = [*DTYPES.items(), ("uint32", TensorProto.UINT32), ("uint16", TensorProto.UINT16)]
    tensors = [helper.make_tensor(name, dtype, [5], [1, 0, 1, 1, 0]) for name, dtype in kinds]
    return p.keep(folder, p.summing(tensors))


def in_subgraph(folder: Path) -> Path:
    """Initializers in the branches of an If."""
    return p.keep(folder, p.branches(p.inside("w", p.FLOAT, [4])))


def outer_names(folder: Path) -> Path:
    """A branch that reads an initializer of the main graph."""
    made = p.branches(p.inside("w", p.FLOAT, [4]))
    for attribute in made.graph.node[0].attribute:
        del attribute.g.initializer[:]
    made.graph.initializer.append(p.inside("w", p.FLOAT, [4]))
    return p.keep(folder, made)


def in_loop(folder: Path) -> Path:
    """An initializer in the body of a Loop."""
    body = helper.make_graph(
        [
            helper.make_node("Add", ["value", "step"], ["next"]),
            helper.make_node("Identity", ["on"], ["still"]),
        ],
        "body",
        [
            helper.make_tensor_value_info("i", p.LONG, []),
            helper.make_tensor_value_info("on", TensorProto.BOOL, []),
            helper.make_tensor_value_info("value", p.FLOAT, [4]),
        ],
        [
            helper.make_tensor_value_info("still", TensorProto.BOOL, []),
            helper.make_tensor_value_info("next", p.FLOAT, [4]),
        ],
        [p.inside("step", p.FLOAT, [4])],
    )
    times = helper.make_tensor("times", p.LONG, [], [3])
    node = helper.make_node("Loop", ["times", "", "x"], ["y"], body=body)
    return p.keep(folder, p.model([node], [times]))


def in_function(folder: Path) -> Path:
    """A function of the model's own with a constant."""
    return p.keep(folder, p.calling(p.inside("w", p.FLOAT, [4])))


def in_sparse(folder: Path) -> Path:
    """A sparse initializer, which onnx.checker's shape inference stumbles over."""
    return p.keep(folder, p.sparse(p.inside("w", p.FLOAT, [2])))


def contrib(folder: Path) -> Path:
    """An operator of onnxruntime's own domain."""
    node = helper.make_node("Gelu", ["x"], ["y"], domain="com.microsoft")
    return p.keep(folder, p.model([node], opsets=(("", p.OPSET), ("com.microsoft", 1))))


def initializer_is_output(folder: Path) -> Path:
    """An initializer that no node reads, for it is an output."""
    made = p.model([helper.make_node("Relu", ["x"], ["y"])], [p.inside("w", p.FLOAT, [4])])
    made.graph.output.append(helper.make_tensor_value_info("w", p.FLOAT, [4]))
    return p.keep(folder, made)


def input_with_default(folder: Path) -> Path:
    """An initializer that is an input too, as before IR version 4."""
    made = p.summing([p.inside("w", p.FLOAT, [4])])
    made.graph.input.append(helper.make_tensor_value_info("w", p.FLOAT, [4]))
    return p.keep(folder, made)


def a_file_each(folder: Path) -> Path:
    """A data file for each tensor, as onnx writes them."""
    return _saved_by_onnx(folder, all_tensors_to_one_file=False)


def one_file(folder: Path) -> Path:
    """One data file, as onnx writes it."""
    return _saved_by_onnx(folder, location="weights.bin")


def in_folder(folder: Path) -> Path:
    """Data in a folder beside the model."""
    p.write(folder)
    (folder / "weights").mkdir()
    (folder / p.DATA).rename(folder / "weights" / "a.bin")
    for name in ("first", "second", "third"):
        p.edit_entry(folder, name, "location", "weights/a.bin")
    return folder / "m.onnx"


def right_checksum(folder: Path) -> Path:
    """The sha1 of the data file, as onnx.proto asks for it."""
    p.write(folder)
    digest = hashlib.sha1((folder / p.DATA).read_bytes()).hexdigest()
    return p.edit_entry(folder, "second", "checksum", digest)


def shared_data(folder: Path) -> Path:
    """Two models that keep their tensors in one file."""
    p.write(folder)
    other = onnx.load_model(folder / "m.onnx", load_external_data=False)
    p.keep(folder, other, "other.onnx")
    last = p.external("last", p.FLOAT, [16], offset=8192, length=64)
    p.edit_data(folder, lambda content: content[:8256])
    p.keep(folder, p.summing([last]), "other.onnx")
    first = p.external("first", p.FLOAT, [2048], offset=0, length=8192)
    return p.keep(folder, p.summing([first]))


def skipped_padding(folder: Path) -> Path:
    """A writer that seeks to the next page and so leaves holes between tensors."""
    path = p.write(folder, (("one", p.FLOAT, (4,)), ("two", p.FLOAT, (4,))), align=65_536)
    content = (folder / p.DATA).read_bytes()
    (folder / p.DATA).unlink()
    with (folder / p.DATA).open("wb") as file:
        file.write(content[:16])
        file.seek(65_536)
        file.write(content[65_536:])
    return path


def zeros_and_sealed(folder: Path) -> Path:
    """A tensor of zeros that a copy made a hole of, in a file that is as it was sealed."""
    path = p.write(folder)
    p.edit_data(folder, lambda content: bytes(8192) + content[8192:])
    p.seal(folder)
    content = (folder / p.DATA).read_bytes()
    (folder / p.DATA).unlink()
    with (folder / p.DATA).open("wb") as file:
        file.seek(8192)
        file.write(content[8192:])
    return path


def linked_folder(folder: Path) -> Path:
    """A model reached through a link to its folder."""
    path = p.write(folder)
    link = folder.parent / f"{folder.name}_link"
    link.symlink_to(folder)
    return link / path.name


MADE: Sequence[Callable[[Path], Path]] = (
    bundles.build,
    p.write,
    every_dtype,
    pages,
    windows_pages,
    scalars_and_nothing,
    inside,
    typed_values,
    in_subgraph,
    outer_names,
    in_loop,
    in_function,
    in_sparse,
    contrib,
    initializer_is_output,
    input_with_default,
    a_file_each,
    one_file,
    in_folder,
    right_checksum,
    shared_data,
    skipped_padding,
    zeros_and_sealed,
    linked_folder,
)


def onnx_models() -> Iterator[Path]:
    """Yield the models that onnx is tested with and that checker and runtime both take."""
    for path in sorted(ONNX_DATA.rglob("*.onnx")):
        if not checker_refusal(path) and not runtime_refusal(path):
            yield path


def _saved_by_onnx(folder: Path, **options: object) -> Path:
    tensors = [numpy_helper.from_array(np.ones(n, np.float32), f"w{n}") for n in (300, 301, 302)]
    onnx.save_model(
        p.summing(tensors),
        folder / "m.onnx",
        save_as_external_data=True,
        **options,  # type: ignore[arg-type]
    )
    return folder / "m.onnx"
