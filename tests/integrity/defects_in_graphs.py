"""Defects of the graph itself: its versions, names, operators, and the values inside it."""

from __future__ import annotations

import os
from pathlib import Path

from onnx import ModelProto, TensorProto, helper

from tests.integrity import planting as p
from tests.integrity.defect import Defect, defect, graph, of

HUGE = 10**12  # elements


def raw(title: str, content: bytes, rule: str = "graphs_are_readable") -> Defect:
    """A file that is no graph."""

    def plant(folder: Path) -> Path:
        (folder / "m.onnx").write_bytes(content)
        return folder / "m.onnx"

    return defect(title=title, plant=plant, rule=rule, names=("m.onnx",))


def relu(*, opset: int = p.OPSET, domain: str = "", name: str = "Relu", of: int = 1) -> ModelProto:
    """One node with an operator of some domain."""
    opsets = [("", p.OPSET), (domain, of)] if domain else [("", opset)]
    return p.model([helper.make_node(name, ["x"], ["y"], domain=domain)], opsets=opsets)


def bare(dims: list[int], dtype: int = p.FLOAT, **held: object) -> TensorProto:
    """A tensor with whatever is held."""
    return TensorProto(name="w", data_type=dtype, dims=dims, **held)  # type: ignore[arg-type]


@of("a graph of more than 2 GiB", "graphs_fit_in_protobuf", "m.onnx", "expected at most 2147483647")
def too_large(folder: Path) -> Path:
    """A file of 2 GiB and one byte, almost all of it a hole."""
    path = p.write(folder)
    os.truncate(path, 2**31 + 1)
    return path


@of("a graph that ends early", "graphs_are_readable", "m.onnx: not an ONNX model")
def ends_early(folder: Path) -> Path:
    """Half a graph."""
    path = p.write(folder)
    path.write_bytes(path.read_bytes()[:-30])
    return path


def _old_addition() -> ModelProto:
    node = helper.make_node("Add", ["x", "x"], ["y"])
    return _ir(3, p.model([node], opsets=[("", 6)]))


def _ir(version: int, made: ModelProto | None = None) -> ModelProto:
    made = made or relu()
    made.ir_version = version
    return made


IN_GRAPHS = [
    graph(
        "strings in a data file",
        "data_types_have_a_size",
        lambda: p.adding(p.external("w", TensorProto.STRING, [4], offset=0, length=16)),
        "'w'",
        "string",
    ),
    graph(
        "a dtype that no standard has",
        "data_types_have_a_size",
        lambda: p.adding(p.external("w", 99, [4], offset=0, length=16)),
        "'w'",
        "unknown(99)",
    ),
    graph(
        "a sparse initializer in a data file",
        "sparse_initializers_are_inside",
        lambda: p.sparse(p.own(length=8)),
        "'w'",
        "bytes 0 to 8",
    ),
    graph(
        "two initializers of one name",
        "initializer_names_are_unique",
        lambda: p.adding(p.inside("w", p.FLOAT, [4]), p.inside("w", p.FLOAT, [4])),
        "'w'",
    ),
    graph(
        "two of one name in a subgraph",
        "initializer_names_are_unique",
        lambda: p.branches(p.inside("w", p.FLOAT, [4]), [p.inside("w", p.FLOAT, [4])]),
        "'w'",
        "'branch'",
    ),
    graph(
        "an operator that nobody knows",
        "operators_are_known",
        lambda: relu(name="Nonesuch"),
        "Nonesuch",
        "'y'",
    ),
    graph(
        "an operator of an unknown domain",
        "operators_are_known",
        lambda: relu(domain="com.example"),
        "knows no domain 'com.example'",
    ),
    graph(
        "an unknown operator of a known domain",
        "operators_are_known",
        lambda: relu(domain="com.microsoft", name="Nonesuch"),
        "Nonesuch of com.microsoft 1",
    ),
    graph(
        "an operator newer than its opset",
        "operators_are_known",
        lambda: relu(name="Gelu", opset=17),
        "Gelu came with operator set 20",
    ),
    graph(
        "an operator that was taken out",
        "operators_are_known",
        lambda: relu(name="Upsample", opset=17),
        "Upsample was taken out",
    ),
    graph("an operator set of the future", "opsets_are_known", lambda: relu(opset=99), "99"),
    graph(
        "a contrib operator set of the future",
        "opsets_are_known",
        lambda: relu(domain="com.microsoft", name="Gelu", of=5),
        "com.microsoft 5",
    ),
    graph("an IR version of the future", "ir_version_is_known", lambda: _ir(99), "version 99"),
    too_large,
    graph(
        "raw bytes too few",
        "values_fill_their_shapes",
        lambda: p.adding(bare([4], raw_data=bytes(13))),
        "'w'",
        "needs 16 bytes; found 13",
    ),
    graph(
        "numbers too few",
        "values_fill_their_shapes",
        lambda: p.adding(bare([4], float_data=[1, 2, 3])),
        "'w'",
        "needs 4 values; found 3",
    ),
    graph(
        "4-bit numbers too few",
        "values_fill_their_shapes",
        lambda: p.summing([bare([9], TensorProto.INT4, raw_data=bytes(4))]),
        "'w'",
        "needs 5 bytes; found 4",
    ),
    graph(
        "no numbers at all",
        "values_fill_their_shapes",
        lambda: p.model(p.constant(bare([4]))),
        "'w'",
        "found 0",
    ),
    graph(
        "10^12 elements that 10 MB cannot hold",
        "values_fill_their_shapes",
        lambda: p.adding(bare([HUGE], raw_data=bytes(10_000_000)), size=HUGE),
        "'w'",
        "needs 4000000000000 bytes; found 10000000",
    ),
    graph(
        "a shape of 10^12 in each of 1000 directions",
        "graphs_are_readable",
        lambda: p.adding(bare([HUGE] * 1000)),
        "'w'",
        "fewer than 2^63",
    ),
    graph(
        "a negative size",
        "graphs_are_readable",
        lambda: p.adding(bare([-4], raw_data=bytes(16))),
        "'w'",
        "the shape -4",
    ),
    graph(
        "an output of another shape than declared",
        "onnx_checker_accepts",
        lambda: p.model([helper.make_node("Shape", ["x"], ["y"])]),
        "onnx.checker",
    ),
    graph(
        "nodes out of order",
        "onnx_checker_accepts",
        lambda: p.model(
            [helper.make_node("Relu", ["z"], ["y"]), helper.make_node("Relu", ["x"], ["z"])]
        ),
        "topologically sorted",
    ),
    graph(
        "an input that nothing gives",
        "onnxruntime_loads",
        lambda: p.model([helper.make_node("Add", ["x", "nothing"], ["y"])]),
        "'nothing'",
    ),
    graph(
        "an operator that has no CPU kernel",
        "onnxruntime_loads",
        lambda: _old_addition(),
        "implementation for Add(6)",
    ),
    raw("a text file", b"this is no model, it is text\n"),
    raw("a file of 0 bytes", b""),
    raw("random bytes", bytes(range(256))),
    ends_early,
]
