"""The work of graphs whose operations and bytes are counted by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

from harness.integrity import work as module
from harness.integrity.graph import read_graph
from harness.integrity.work import graph_work, work_facts
from tests.integrity import bundles, stand_in
from tests.toy_project import ROOT

FLOAT, INT8, UINT8 = TensorProto.FLOAT, TensorProto.INT8, TensorProto.UINT8
Weights = dict[str, Any]


def model(
    nodes: list[NodeProto], takes: dict[str, list[int | str]], weights: Weights, kind: int = FLOAT
) -> ModelProto:
    """Return a graph of `nodes` whose only output is `out`."""
    stored = [numpy_helper.from_array(np.asarray(value), name) for name, value in weights.items()]
    inputs = [helper.make_tensor_value_info(name, kind, shape) for name, shape in takes.items()]
    output = onnx.ValueInfoProto(name="out")
    graph = helper.make_graph(nodes, "graph", inputs, [output], stored)
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=8)


def ones(*shape: int, kind: Any = np.float32) -> Any:
    return np.ones(shape, kind)


def node(op: str, *names: str, **attributes: Any) -> NodeProto:
    """Return a node of `op`; the last name is its output."""
    return helper.make_node(op, list(names[:-1]), [names[-1]], name=op.lower(), **attributes)


def test_a_product_by_a_weight_is_counted_as_by_hand() -> None:
    """[1, 16, 8] x [8, 4]: 16 x 4 sums of 8 multiply-adds; 128 floats in, 32 kept, 64 out."""
    work = graph_work(
        model([node("MatMul", "in", "w", "out")], {"in": [1, 16, 8]}, {"w": ones(8, 4)})
    )
    (found,) = work.nodes
    assert (found.name, found.op, found.flops, found.int8) == ("matmul", "MatMul", 1024, False)
    assert (found.read_bytes, found.weight_bytes, found.written_bytes) == (512, 128, 256)
    assert (work.weight_bytes, work.output_bytes, work.largest_bytes) == (128, 256, 256)


@pytest.mark.parametrize(
    ("made", "flops", "weight_bytes", "why"),
    [
        (
            model(
                [node("Gemm", "in", "w", "b", "out", transA=1)],
                {"in": [8, 16]},
                {"w": ones(8, 4), "b": ones(4)},
            ),
            2 * 16 * 4 * 8 + 64,
            144,
            "the depth of a transposed operand is its first size; the bias adds once",
        ),
        (
            model(
                [node("Conv", "in", "w", "b", "out", pads=[1, 1], group=2)],
                {"in": [1, 4, 10]},
                {"w": ones(6, 2, 3), "b": ones(6)},
            ),
            60 * (2 * 2 * 3 + 1),
            4 * (36 + 6),
            "each of 60 outputs sees half the channels, three taps, and a bias",
        ),
        (
            model(
                [node("ConvTranspose", "in", "w", "out", strides=[2])],
                {"in": [1, 4, 10]},
                {"w": ones(4, 3, 2)},
            ),
            2 * 40 * 3 * 2,
            96,
            "each input element is spread over three channels and two taps",
        ),
        (
            model(
                [node("LSTM", "in", "w", "r", "out", hidden_size=3)],
                {"in": [5, 1, 2]},
                {"w": ones(1, 12, 2), "r": ones(1, 12, 3)},
            ),
            2 * 5 * (24 + 36),
            4 * (24 + 36),
            "every step multiplies by both matrices; they are read once",
        ),
        (
            model([node("Sigmoid", "in", "out")], {"in": [3, 7]}, {}),
            21,
            0,
            "one operation an element",
        ),
        (
            model([node("ReduceMax", "in", "out", axes=[1])], {"in": [3, 7]}, {}),
            21,
            0,
            "a reduction sees every input",
        ),
        (
            model([node("Transpose", "in", "out")], {"in": [3, 7]}, {}),
            0,
            0,
            "moving is no arithmetic",
        ),
    ],
)
def test_each_operator_is_counted_by_its_definition(
    made: ModelProto, flops: int, weight_bytes: int, why: str
) -> None:
    work = graph_work(made)
    assert work.unknown == ()
    assert (work.flops, work.int8_flops, work.weight_bytes) == (flops, 0, weight_bytes), why


@pytest.mark.parametrize(
    ("nodes", "weights", "why"),
    [
        (
            [
                helper.make_node("DynamicQuantizeLinear", ["in"], ["q", "scale", "zero"]),
                node("MatMulInteger", "q", "w", "zero", "out"),
            ],
            {"w": ones(8, 4, kind=np.int8)},
            "integers are multiplied",
        ),
        (
            [node("DequantizeLinear", "w", "s", "real"), node("MatMul", "in", "real", "out")],
            {"w": ones(8, 4, kind=np.int8), "s": np.float32(0.1)},
            "a runtime may multiply the integers behind a DequantizeLinear",
        ),
        (
            [
                helper.make_node(
                    "MatMulNBits",
                    ["in", "w", "s"],
                    ["out"],
                    domain="com.microsoft",
                    K=8,
                    N=4,
                    bits=4,
                    block_size=16,
                )
            ],
            {"w": ones(4, 1, 8, kind=np.uint8), "s": ones(4)},
            "onnx does not know this operator, many small models have it",
        ),
    ],
)
def test_products_of_narrow_numbers_are_counted_apart(
    nodes: list[NodeProto], weights: Weights, why: str
) -> None:
    work = graph_work(model(nodes, {"in": [16, 8]}, weights))
    assert work.unknown == (), why
    assert work.int8_flops == 2 * 16 * 4 * 8, why
    assert work.weight_bytes < 8 * 4 * 4, "less than the weight would take in 32 bits"


def test_a_shape_that_the_graph_computes_is_understood() -> None:
    """Exporters write a reshape to [-1, 4] as arithmetic on the shape of another tensor."""
    nodes = [
        node("Shape", "in", "shape"),
        node("Gather", "shape", "last", "size"),
        node("Div", "size", "two", "half"),
        node("Unsqueeze", "half", "zero", "row"),
        node("Concat", "minus", "row", "target", axis=0),
        node("Reshape", "in", "target", "wide"),
        node("MatMul", "wide", "w", "out"),
    ]
    number = {
        "last": np.int64(1),
        "two": np.int64(2),
        "zero": np.array([0]),
        "minus": np.array([-1]),
    }
    work = graph_work(model(nodes, {"in": [6, 8]}, {**number, "w": ones(4, 5)}))
    assert [found.op for found in work.nodes] == ["Reshape", "MatMul"], "the rest is fixed"
    assert work.flops == 2 * 12 * 5 * 4
    assert work.weight_bytes == 80, "the numbers of the shape are no weights"


def test_what_is_fixed_is_computed_once_and_costs_a_request_nothing() -> None:
    nodes = [node("Transpose", "w", "turned"), node("MatMul", "in", "turned", "out")]
    work = graph_work(model(nodes, {"in": [2, 8]}, {"w": ones(4, 8)}))
    assert [found.op for found in work.nodes] == ["MatMul"]
    assert work.weight_bytes == 128


def test_a_weight_that_two_nodes_read_is_one_weight() -> None:
    nodes = [
        node("MatMul", "in", "w", "once"),
        node("MatMul", "once", "w", "out"),
        node("Relu", "once", "nobody reads this"),
    ]
    work = graph_work(model(nodes, {"in": [8, 8]}, {"w": ones(8, 8)}))
    assert work.weight_bytes == 256
    assert [found.op for found in work.nodes] == ["MatMul", "MatMul"], "a dead node does not run"


def test_of_a_table_only_the_rows_taken_are_read() -> None:
    """Two rows of a table of 100: the node reads both; they may be the same, so one must be."""
    kind = TensorProto.INT64
    made = model([node("Gather", "table", "in", "out")], {"in": [2]}, {"table": ones(100, 4)}, kind)
    work = graph_work(made)
    assert work.nodes[0].weight_bytes == 32
    assert work.weight_bytes == 16


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (
            model([node("Sigmoid", "in", "out")], {"in": ["frames", 8]}, {}),
            "a size that only the request tells",
        ),
        (
            model([node("Einsum", "in", "in", "out", equation="ij,kj->ik")], {"in": [2, 8]}, {}),
            "an operator without a rule",
        ),
    ],
)
def test_work_that_cannot_be_told_is_said_and_not_guessed(made: ModelProto, why: str) -> None:
    work = graph_work(made)
    assert len(work.unknown) == 1, why
    assert work.flops == 0


def test_a_size_that_the_graph_leaves_open_is_the_contract_s() -> None:
    made = model([node("Sigmoid", "in", "out")], {"in": ["frames", 8]}, {})
    assert graph_work(made, {"in": (3, 8)}).flops == 24


def test_the_shipped_model_is_understood_whole() -> None:
    facts = work_facts(ROOT / "models/onnx/reference/core.onnx")
    assert facts["model"] == "core.onnx"
    assert {name: graph["unknown"] for name, graph in facts["graphs"].items()} == {
        "core.onnx": 0,
        "tokenizer.onnx": 0,
        "decoder.onnx": 0,
    }
    core = facts["graphs"]["core.onnx"]
    assert core["output_bytes"] == 4 * 144 * 1024
    assert core["flops"] == sum(row["flops"] for row in core["nodes"])


def test_the_stand_in_of_the_production_model_needs_no_data_file(tmp_path: Path) -> None:
    path = stand_in.write(tmp_path / "core.onnx", data=False)
    work = graph_work(read_graph(path))
    products = sum(found.flops for found in work.nodes if found.op == "MatMul")
    assert work.unknown == ()
    assert products == stand_in.flops() == 275_171_770_368
    assert work.weight_bytes == pytest.approx(stand_in.weight_bytes(), abs=100)
    assert work.output_bytes == 2_013_265_920


def test_a_graph_that_cannot_be_read_is_left_out(tmp_path: Path) -> None:
    path = bundles.build(tmp_path)
    (tmp_path / "decoder.onnx").write_text("not a model")
    assert set(work_facts(path)["graphs"]) == {"core.onnx", "tokenizer.onnx"}


def test_of_a_large_graph_the_costliest_nodes_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_NODES", 3)
    path = stand_in.write(tmp_path / "core.onnx", data=False, layers=2, width=64)
    graph = work_facts(path)["graphs"]["core.onnx"]
    assert [row["op"] for row in graph["nodes"]] == ["MatMul"] * 3
    assert graph["flops"] > sum(row["flops"] for row in graph["nodes"]), "the sums count all"
