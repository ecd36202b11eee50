"""The pass that looks inside onnxruntime: its own profile, summed per node.

What is taken is the fact `operators` of a run, in seconds:

    {"processes": [{
        "requests": [0.031, ...],         each timed request, with the profile on
        "tainted": [false, ...],          whether it was disturbed from outside
        "sessions": [{
            "model": "core.onnx",         file of the session; "" where it was opened from bytes
            "runs": [0.0081, ...],        each call of the session within these requests
            "nodes": [{
                "name": "/up/MatMul", "op": "MatMul",
                "calls": 8,               in all runs
                "seconds": [0.0007, ...]  in each run; those of each call cut to a microsecond
            }, ...]}]}]}

onnxruntime rewrites the graph before it runs it: the nodes are those that ran, and their names are
those of the graph only where it left them alone.
"""

from __future__ import annotations

from typing import Any

from harness.measure.job import Job, schedule
from harness.measure.keeper import PROFILED, Emit, Keeper, finding
from harness.measure.noise import tainted
from harness.measure.process import Report
from harness.records import Finding

NS, US = 1e9, 1e6  # in a second


def operators_pass(job: Job, emit: Emit) -> dict[str, Any]:
    """Profile the warm requests of processes of their own, and return the fact `operators`.

    Raises:
        MeasurementError: the first process could not load the pipeline; or this is not Linux.
    """
    keeper = Keeper("operators", job, emit)
    taken = []
    for number in range(job.processes):
        said = keeper.run("profile", schedule(job, number))
        if said.done is not None:
            taken.append(_in_seconds(said.done))
        if keeper.given_up:
            break
    keeper.close()
    emit(_profiled(taken))
    return {"processes": taken}


def _in_seconds(done: Report) -> dict[str, Any]:
    return {
        "requests": [ns / NS for ns in done["requests"]],
        "tainted": [tainted(seen) for seen in done["outside"]],
        "sessions": [
            {
                "model": session["model"],
                "runs": [us / US for us in session["runs"]],
                "nodes": [_node(row) for row in session["nodes"]],
            }
            for session in done["sessions"]
        ],
    }


def _node(row: dict[str, Any]) -> dict[str, Any]:
    told = {name: row[name] for name in ("name", "op", "calls")}
    return {**told, "seconds": [us / US for us in row["us"]]}


def _profiled(taken: list[dict[str, Any]]) -> Finding:
    sessions = [session for process in taken for session in process["sessions"]]
    runs = sum(len(session["runs"]) for session in sessions)
    if runs:
        requests = sum(len(process["requests"]) for process in taken)
        return finding(PROFILED, f"{runs} session runs in {requests} requests.", holds=True)
    reason = f"None of {len(sessions)} sessions ran within a timed request."
    if not taken:
        reason = "No process came to its end."
    elif not sessions:
        reason = "The pipeline opened no onnxruntime session in its own process."
    detail = f"{reason} Leave out `operators` in suite.yaml if that is meant."
    return finding(PROFILED, detail, holds=True, checked=False)
