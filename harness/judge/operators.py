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
    """The profile of one model, over all processes. Times are means of the middle half of the runs.

    So that they add up, and that a run that met a disturbance does not count.
    """

    model: str  # file name; "" where it was opened from bytes
    runs: int  # all of them
    requests: int
    disturbed: int  # requests that were disturbed from outside
    wall: float  # seconds of one run, from its call to its return
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
    opened: dict[str, list[Row]] = {}
    for process in processes:
        for session in process["sessions"]:
            opened.setdefault(session["model"], []).append(session)
    graphs = run.facts.get("work", {}).get("graphs", {})
    return tuple(
        Session(
            model=model,
            requests=sum(len(process["requests"]) for process in processes),
            disturbed=sum(sum(process["tainted"]) for process in processes),
            **_times(taken, graphs.get(model, {}).get("nodes", ())),
        )
        for model, taken in opened.items()
        if any(session["runs"] for session in taken)
    )


def inference_of(run: Run) -> Session | None:
    """Return the session of the model that the config names, else the costliest; None: none ran."""
    found = sessions_of(run)
    named = PurePath(run.facts.get("model", {}).get("path", "")).name
    chosen = [session for session in found if session.model == named]
    return max(chosen or found, key=lambda session: session.wall * session.runs, default=None)


def _times(taken: Sequence[Row], graph: Sequence[Row]) -> dict[str, Any]:
    """The fields `runs`, `wall` and `nodes` of the model that the sessions `taken` ran."""
    walls = [seconds for session in taken for seconds in session["runs"]]
    kept = _middle_half(walls)
    before = 0  # runs of the sessions before this one
    ran: dict[tuple[str, str], Node] = {}
    for session in taken:
        own = [number - before for number in kept if 0 <= number - before < len(session["runs"])]
        before += len(session["runs"])
        for row in session["nodes"]:
            new = Node(
                name=row["name"],
                op=row["op"],
                calls=row["calls"] / len(walls),
                seconds=sum(row["seconds"][number] for number in own) / len(kept),
            )
            seen = ran.get((new.name, new.op))
            ran[new.name, new.op] = replace(_sum(seen, new), name=new.name) if seen else new
    nodes = _costliest_first(_joined(tuple(ran.values()), graph))
    wall = sum(walls[number] for number in kept) / len(kept)
    return {"runs": len(walls), "wall": wall, "nodes": nodes}


def _middle_half(walls: Sequence[float]) -> list[int]:
    """Return the numbers of the runs without the quickest and the slowest quarter."""
    ordered = sorted(range(len(walls)), key=walls.__getitem__)
    quarter = len(walls) // 4
    return ordered[quarter : len(walls) - quarter]


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
