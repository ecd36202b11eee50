"""The profile of a run, joined with the work that its graphs state."""

from __future__ import annotations

from typing import Any

import pytest

from harness.judge.operators import inference_of, sessions_of
from harness.records import Run
from tests.sample_run import empty_run


def ran(name: str, op: str, *seconds: float, calls: int = 2) -> dict[str, Any]:
    """A node, with its seconds in each run; given once, they are the same in both."""
    seconds = seconds * 2 if len(seconds) == 1 else seconds
    return {"name": name, "op": op, "calls": calls, "seconds": list(seconds)}


def work(name: str, op: str, flops: float, *, int8: bool = False) -> dict[str, Any]:
    sizes = {"bytes": 10 * flops, "weight_bytes": 0.0}
    return {"name": name, "op": op, "flops": flops, **sizes, "int8": int8}


def session(model: str, runs: list[float], *nodes: dict[str, Any]) -> dict[str, Any]:
    return {"model": model, "runs": runs, "nodes": list(nodes)}


def run_of(*sessions: dict[str, Any], graph: list[dict[str, Any]] | None = None) -> Run:
    """A run of one process with two requests; `graph` is that of core.onnx."""
    process = {"requests": [1.0, 1.0], "tainted": [False, False], "sessions": list(sessions)}
    facts: dict[str, Any] = {
        "operators": {"processes": [process]},
        "model": {"path": "models/core.onnx"},
    }
    if graph is not None:
        facts["work"] = {"graphs": {"core.onnx": {"nodes": graph}}}
    return empty_run(facts=facts)


def flops(node: dict[str, Any], *graph: dict[str, Any]) -> float | None:
    """The operations of one run that a node gets; None: its work is not known."""
    found = inference_of(run_of(session("core.onnx", [0.1, 0.1], node), graph=list(graph)))
    assert found is not None
    return found.nodes[0].flops if found.nodes[0].known else None


def test_times_are_means_of_the_middle_half_of_the_runs_of_all_processes() -> None:
    """Worked by hand: of walls 0.1, 0.2, 0.3 and 9.0 s, the two in the middle count."""
    first = session("core.onnx", [9.0, 0.2], ran("/a", "MatMul", 8.0, 0.1), ran("/b", "Add", 0.04))
    run = run_of(first)
    processes = run.facts["operators"]["processes"]
    second = session("core.onnx", [0.1, 0.3], ran("/a", "MatMul", 0.05, 0.2))
    sessions = [second, session("unused.onnx", [])]
    processes.append({"requests": [1.0, 1.0], "tainted": [True, False], "sessions": sessions})
    (found,) = sessions_of(run)
    assert (found.runs, found.requests, found.disturbed) == (4, 4, 1)
    assert found.wall == pytest.approx(0.25)
    assert [(n.name, n.calls) for n in found.nodes] == [("/a", 1.0), ("/b", 0.5)]
    assert [n.seconds for n in found.nodes] == pytest.approx([0.15, 0.02])
    assert found.kernels == pytest.approx(0.17)


@pytest.mark.parametrize(
    ("node", "graph", "expected", "why"),
    [
        (ran("/a", "MatMul", 0.1), [work("/a", "MatMul", 5)], 5, "the same name"),
        (ran("/a", "MatMul", 0.1, calls=6), [work("/a", "MatMul", 5)], 15, "3 calls in one run"),
        (ran("/a/Fusion", "Gemm", 0.1), [work("/a", "MatMul", 5)], 5, "fused with an addition"),
        (ran("fused /a/F", "FusedGemm", 0.1), [work("/a", "MatMul", 5)], 5, "and with a Relu"),
        (ran("/ab", "Gemm", 0.1), [work("/a", "Add", 5)], None, "half a word is no name"),
        (ran("Relu_6", "Relu", 0.1), [work("", "Relu", 5)], 5, "nameless, but the only one"),
        (ran("X_1", "DynamicQuantizeMatMul", 0.1), [work("", "MatMulInteger", 5)], 5, "renamed"),
        (ran("R", "Relu", 0.1), [work("", "Relu", 5), work("", "Relu", 6)], None, "which of two"),
        (ran("reshape_token_5", "Reshape", 0.1), [], None, "made by onnxruntime"),
    ],
)
def test_a_node_that_ran_gets_the_work_of_its_node_in_the_graph(
    node: dict[str, Any], graph: list[dict[str, Any]], expected: float | None, why: str
) -> None:
    assert flops(node, *graph) == expected, why


def test_no_work_is_given_twice_and_the_exact_name_comes_first() -> None:
    nodes = ran("/a/Cast", "Cast", 0.9), ran("/a", "MatMul", 0.1)
    run = run_of(session("core.onnx", [0.5, 0.5], *nodes), graph=[work("/a", "MatMul", 5)])
    found = inference_of(run)
    assert found is not None
    assert [(n.name, n.flops) for n in found.nodes] == [("/a/Cast", 0), ("/a", 5)]


def test_an_operator_counts_the_work_and_the_time_of_the_nodes_whose_work_is_known() -> None:
    nodes = ran("/a", "MatMul", 0.2), ran("/b", "MatMul", 0.4), ran("/c", "MatMul", 0.8)
    graph = [work("/a", "MatMul", 5), work("/b", "MatMul", 7, int8=True)]
    found = inference_of(run_of(session("core.onnx", [1.0, 1.0], *nodes), graph=graph))
    assert found is not None
    (operator,) = found.operators
    assert (operator.flops, operator.bytes, operator.calls) == (12, 120, 3)
    assert (operator.seconds, operator.known) == pytest.approx((1.4, 0.6))
    assert operator.int8 is None, "both kinds of arithmetic: no one ceiling"


def test_the_inference_is_the_model_of_the_config_or_else_the_costliest() -> None:
    small, large = session("core.onnx", [0.1]), session("other.onnx", [0.5])
    chosen = inference_of(run_of(large, small))
    assert chosen is not None
    assert chosen.model == "core.onnx"
    small["model"] = "decoder.onnx"
    chosen = inference_of(run_of(small, large))
    assert chosen is not None
    assert chosen.model == "other.onnx"


def test_a_run_without_a_profile_has_no_inference() -> None:
    assert sessions_of(empty_run()) == ()
    assert inference_of(run_of(session("core.onnx", []))) is None
