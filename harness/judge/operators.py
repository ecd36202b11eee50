"""Where the time goes inside a model: the fact `operators` of a run, joined with its graphs.

The graph says how much work a node is (fact `work`: `graphs`, by file name, with the rows name, op,
flops, bytes, int8 of its `nodes`, for one run), the profile how long it took. onnxruntime rewrites
the graph: a node that ran is that of the graph with its name, else the one whose name its own
begins with (`/up/MatMul` for `/up/MatMul/MatMulAddFusion`), else, where as many nodes of its
operator are left over on both sides, the one in the same place of their order. What fits nothing
has no known work.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any

from harness.records import Run

# What onnxruntime makes of an operator, and the operator of the graph that holds its work.
RUNS_AS = {
    "Gemm": "MatMul",
    "FusedGemm": "MatMul",
    "FusedMatMul": "MatMul",
    "FusedConv": "Conv",
    "DynamicQuantizeMatMul": "MatMulInteger",
    "MatMulIntegerToFloat": "MatMulInteger",
    "DynamicQuantizeLSTM": "LSTM",
}

Row = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Node:
    """One node that ran, or all of one operator; per run of the session."""

    name: str  # of the node; "" for an operator
    op: str
    calls: float
    seconds: float  # in its kernels
    flops: float = 0.0  # of the calls whose work is known
    bytes: float = 0.0  # of the same: read and written at least
    known: float = 0.0  # seconds of the same; 0: the work is not known
    int8: bool | None = None  # whether they compute in 8-bit integers; None: not known, or both


@dataclass(frozen=True, kw_only=True)
class Session:
    """The profile of one model, over all processes."""

    model: str  # file name; "" where it was opened from bytes
    runs: int
    requests: int
    wall: float  # mean seconds of one run, from its call to its return
    nodes: tuple[Node, ...]  # the costliest first

    @property
    def kernels(self) -> float:
        """Seconds of one run inside kernels; above `wall` where they run side by side."""
        return sum(node.seconds for node in self.nodes)

    @property
    def whole(self) -> float:
        """What shares are of: the wall time, or that of the kernels where it is more."""
        return max(self.wall, self.kernels)

    @property
    def operators(self) -> tuple[Node, ...]:
        """The nodes summed by operator, the costliest first."""
        summed: dict[str, Node] = {}
        for node in self.nodes:
            before = summed.get(node.op)
            summed[node.op] = _sum(before, node) if before else replace(node, name="")
        return _costliest_first(summed.values())


def sessions_of(run: Run) -> tuple[Session, ...]:
    """Return every session that ran within a timed request, in the order opened."""
    processes = run.facts.get("operators", {}).get("processes", ())
    requests = sum(len(process["requests"]) for process in processes)
    opened: dict[str, list[Row]] = {}
    for process in processes:
        for session in process["sessions"]:
            opened.setdefault(session["model"], []).append(session)
    graphs = run.facts.get("work", {}).get("graphs", {})
    return tuple(
        _session(model, taken, requests, graphs.get(model, {}).get("nodes", ()))
        for model, taken in opened.items()
        if any(session["runs"] for session in taken)
    )


def inference_of(run: Run) -> Session | None:
    """Return the session of the model that the config names, else the costliest; None: none ran."""
    found = sessions_of(run)
    named = PurePath(run.facts.get("model", {}).get("path", "")).name
    chosen = [session for session in found if session.model == named]
    return max(chosen or found, key=lambda session: session.wall * session.runs, default=None)


def _session(model: str, taken: Sequence[Row], requests: int, graph: Sequence[Row]) -> Session:
    walls = [seconds for session in taken for seconds in session["runs"]]
    ran: dict[tuple[str, str], Node] = {}
    for row in (row for session in taken for row in session["nodes"]):
        key = row["name"], row["op"]
        before = ran.get(key, Node(name=key[0], op=key[1], calls=0, seconds=0))
        calls, seconds = row["calls"] / len(walls), row["seconds"] / len(walls)
        ran[key] = replace(before, calls=before.calls + calls, seconds=before.seconds + seconds)
    return Session(
        model=model,
        runs=len(walls),
        requests=requests,
        wall=sum(walls) / len(walls),
        nodes=_costliest_first(_joined(tuple(ran.values()), graph)),
    )


def _joined(ran: Sequence[Node], graph: Sequence[Row]) -> list[Node]:
    """Give each node that ran the work of its node in the graph; no row is given twice."""
    named = {row["name"]: row for row in graph if row["name"]}
    found: dict[str, Row] = {}
    for node in sorted(ran, key=lambda node: (node.name not in named, -node.seconds)):
        if row := _by_name(node.name, named):
            found[node.name] = named.pop(row["name"])
    left = [row for row in graph if all(row is not taken for taken in found.values())]
    for op in dict.fromkeys(_known_as(node.op) for node in ran):
        lost = [node for node in ran if _known_as(node.op) == op and node.name not in found]
        same = [row for row in left if _known_as(row["op"]) == op]
        if len(lost) == len(same):
            found |= {node.name: row for node, row in zip(lost, same, strict=True)}
    return [_with_work(node, found.get(node.name)) for node in ran]


def _known_as(op: str) -> str:
    return RUNS_AS.get(op, op)


def _by_name(name: str, named: Mapping[str, Row]) -> Row | None:
    """Return the row of that name, else of the longest name that it begins with."""
    name = name.removeprefix("fused ")
    while name and name not in named:
        name = name.rpartition("/")[0]
    return named.get(name)


def _with_work(node: Node, row: Row | None) -> Node:
    if row is None:
        return node
    return replace(
        node,
        flops=node.calls * row["flops"],
        bytes=node.calls * row["bytes"],
        known=node.seconds,
        int8=bool(row["int8"]),
    )


def _sum(a: Node, b: Node) -> Node:
    kinds = {node.int8 for node in (a, b) if node.known}
    return replace(
        a,
        name="",
        calls=a.calls + b.calls,
        seconds=a.seconds + b.seconds,
        flops=a.flops + b.flops,
        bytes=a.bytes + b.bytes,
        known=a.known + b.known,
        int8=kinds.pop() if len(kinds) == 1 else None,
    )


def _costliest_first(nodes: Iterable[Node]) -> tuple[Node, ...]:
    return tuple(sorted(nodes, key=lambda node: -node.seconds))
