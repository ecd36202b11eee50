"""The operator profile: of every session that a pipeline opens, within its timed requests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import onnx
import pytest
from onnx import TensorProto, helper

from harness.measure.inside.profiler import aggregate
from harness.measure.job import Job
from harness.measure.keeper import ANSWERS, PROFILED
from harness.measure.operators import operators_pass
from harness.measure.process import Fault
from harness.records import Finding

PIPELINE = """
from pathlib import Path
import numpy as np
from onnxruntime import InferenceSession, SessionOptions

CPU = ["CPUExecutionProvider"]
INPUT = {"x": np.ones((2, 4), np.float32)}

class Mine(InferenceSession):
    pass

class Pipeline:
    def __init__(self, config):
        self.model = Path(config).with_name("small.onnx")
        options = SessionOptions()
        self.kept = InferenceSession(str(self.model), options, providers=CPU)
        self.inside = Mine(self.model.read_bytes(), sess_options=options, providers=CPU)
        self.kept.run(None, INPUT)  # a warm-up in the load
        if options.enable_profiling:
            raise ValueError("the options of the caller were changed")

    def process_audio(self, data):
        self.kept.run(None, INPUT)
        for _ in range(3):
            self.inside.run(None, INPUT)
        InferenceSession(self.model, providers=CPU).run(None, INPUT)  # dropped at once
        return {"text": "hola"}
"""


def profiled(job: Job) -> tuple[list[dict[str, Any]], dict[str, Finding]]:
    """What each process reported, and the last finding of each rule."""
    told: list[Any] = []
    fact = operators_pass(job, told.append)
    return fact["processes"], {one.rule: one for one in told}


@pytest.fixture
def make_onnx_job(make_job: Any, tmp_path: Path) -> Callable[..., Job]:
    """Make a job around a pipeline that opens three real sessions on a graph of two nodes."""

    def make(**how: Any) -> Job:
        (tmp_path / "onnx_pipeline.py").write_text(PIPELINE)
        _save(tmp_path / "small.onnx")
        job: Job = make_job({"a": {}}, **how)
        return replace(
            job,
            factory="onnx_pipeline:Pipeline",
            root=tmp_path,
            stages={"end_to_end": "process_audio"},
            leaves=(),
        )

    return make


def _save(model: Path) -> None:
    value = helper.make_tensor_value_info
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["product"], name="/product"),
        helper.make_node("Softmax", ["product"], ["y"], name="/soft"),
    ]
    weight = helper.make_tensor("w", TensorProto.FLOAT, [4, 3], [0.5] * 12)
    sides = [value("x", TensorProto.FLOAT, [2, 4])], [value("y", TensorProto.FLOAT, [2, 3])]
    graph = helper.make_graph(nodes, "small", *sides, [weight])
    opset = [helper.make_opsetid("", 17)]
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=9), model)


def event(name: str, ts: int, dur: int, op: str = "", tid: int = 1) -> dict[str, Any]:
    """One event of a profile, in microseconds."""
    return {"name": name, "ts": ts, "dur": dur, "tid": tid, "args": {"op_name": op}}


def test_a_node_has_its_time_in_each_timed_run_without_what_runs_inside_it() -> None:
    events = [
        {"name": "process_name", "ph": "M"},  # an event without a time
        event("model_run", 100, 50),  # before the first timed request
        event("/a_kernel_time", 110, 30, "Add"),
        event("model_run", 1_000, 200),
        event("/loop_kernel_time", 1_010, 100, "Loop"),
        event("/a_kernel_time", 1_020, 30, "Add"),  # twice inside the loop
        event("/a_kernel_time", 1_060, 10, "Add"),
        event("/b_kernel_time", 1_050, 40, "Mul", tid=2),  # beside it, on another thread
        event("/a_fence_before", 1_120, 5, "Add"),
        event("/c_kernel_time", 1_110, 60, "Add"),  # begins when the loop ends
        event("model_run", 3_000, 100),
        event("/c_kernel_time", 3_010, 20, "Add"),
    ]
    began = 7_000_000  # ns: an event at 1000 us is at 8 000 000 ns
    requests = [(7_990_000, 8_210_000), (9_990_000, 10_110_000)]
    assert aggregate(events, began, requests) == {
        "runs": [200, 100],
        "nodes": [
            {"name": "/loop", "op": "Loop", "calls": 1, "us": [60, 0]},
            {"name": "/a", "op": "Add", "calls": 2, "us": [40, 0]},
            {"name": "/b", "op": "Mul", "calls": 1, "us": [40, 0]},
            {"name": "/c", "op": "Add", "calls": 2, "us": [60, 20]},
        ],
    }


def test_every_session_of_a_pipeline_is_profiled_however_it_is_opened(
    make_onnx_job: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    job = make_onnx_job(processes=2, repeats=4, warmup=2)
    processes, findings = profiled(job)
    assert findings[ANSWERS].holds, findings[ANSWERS].detail
    assert findings[PROFILED].detail == "40 session runs in 8 requests."
    # `.ses` is onnxruntime's, written wherever it is imported.
    assert {path.name for path in scratch.iterdir()} <= {".ses"}, "a profile is left behind"
    for process in processes:
        assert len(process["requests"]) == len(process["tainted"]) == 4
        kept, inside, *dropped = process["sessions"]
        assert (kept["model"], len(kept["runs"])) == ("small.onnx", 4), "without the warm-up"
        assert (inside["model"], len(inside["runs"])) == ("", 12)
        assert [len(one["runs"]) for one in dropped] == [0, 0, 0, 1, 1, 1, 1]
        assert {(n["name"], n["op"], n["calls"]) for n in inside["nodes"]} == {
            ("/product", "MatMul", 12),
            ("/soft", "Softmax", 12),
        }
        for session in process["sessions"]:
            for number, wall in enumerate(session["runs"]):
                assert sum(node["seconds"][number] for node in session["nodes"]) <= wall
        assert sum(map(sum, (s["runs"] for s in process["sessions"]))) < sum(process["requests"])


@pytest.mark.parametrize(
    ("does", "reason"),
    [
        ({}, "The pipeline opened no onnxruntime session in its own process."),
        ({"fault": "SIGKILL"}, "No process came to its end."),
    ],
)
def test_what_cannot_be_profiled_is_not_checked_and_the_reason_is_said(
    make_job: Any, does: dict[str, Any], reason: str
) -> None:
    _, findings = profiled(make_job({"a": does}))
    assert findings[PROFILED].detail == (
        f"{reason} Leave out `operators` in suite.yaml if that is meant."
    )
    assert not findings[PROFILED].checked
    assert (Fault.CRASHED in findings) == bool(does)
