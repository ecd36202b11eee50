"""Finished rows about the inside of an inference: operators, nodes, sessions."""

from __future__ import annotations

from dataclasses import dataclass

from harness.judge.intervals import percentile
from harness.judge.needs import ceilings_of
from harness.judge.operators import Node, Session, inference_of, sessions_of
from harness.judge.samples import samples_of
from harness.records import Run
from harness.report.names import NONE
from harness.units import Unit, show

TOP = 12  # operators, and nodes, that have a row of their own
OTHERS = "other operators"
BETWEEN = "between kernels"


@dataclass(frozen=True, kw_only=True)
class WorkRow:
    """One operator, or one node."""

    title: str
    op: str  # of a node; "" in the row of an operator
    calls: str  # per inference
    time: str  # per inference
    share: str  # of the inference
    compute: str  # achieved op/s where the work is known
    of_compute: str  # of the host's GEMM ceiling in the same arithmetic
    bandwidth: str
    of_bandwidth: str  # of the host's read ceiling


@dataclass(frozen=True, kw_only=True)
class SessionRow:
    """One session of the pipeline."""

    model: str
    calls: str  # per request
    wall: str  # of one call
    kernels: str  # of one call
    share: str  # of the kernels in it


def operator_rows(run: Run) -> tuple[WorkRow, ...]:
    """Return a row for each of the costliest operators, then one for all others and the rest."""
    session = inference_of(run)
    parts = parts_of(session, TOP) if session else ()
    return tuple(_row(node, node.op, session, run) for node in parts if session)


def parts_of(session: Session, most: int) -> tuple[Node, ...]:
    """Return `most` operators, all others as one, and what no kernel accounts for: the whole."""
    own, others = session.operators[:most], session.operators[most:]
    seconds, calls = (sum(getattr(node, name) for node in others) for name in ("seconds", "calls"))
    left = (Node(name="", op=OTHERS, calls=calls, seconds=seconds),) if others else ()
    rest = Node(name="", op=BETWEEN, calls=0, seconds=session.whole - session.kernels)
    return (*own, *left, rest)


def node_rows(run: Run) -> tuple[WorkRow, ...]:
    """Return one row for each of the costliest nodes."""
    session = inference_of(run)
    nodes = session.nodes[:TOP] if session else ()
    return tuple(_row(node, node.name, session, run) for node in nodes if session)


def session_rows(run: Run) -> tuple[SessionRow, ...]:
    """Return one row per model that ran within a request."""
    return tuple(
        SessionRow(
            model=session.model or "(opened from bytes)",
            calls=f"{session.runs / session.requests:.3g}",
            wall=show(session.wall, Unit.SECONDS),
            kernels=show(session.kernels, Unit.SECONDS),
            share=show(session.kernels / session.wall, Unit.RATIO),
        )
        for session in sessions_of(run)
    )


def operator_sentence(run: Run) -> str:
    """Say in one or two sentences where the time of an inference goes; "" without a profile."""
    session = inference_of(run)
    if session is None or not session.operators:
        return ""
    most = session.operators[0]
    inside = show(session.kernels / session.whole, Unit.RATIO)
    return (
        f"{most.op} takes {show(most.seconds / session.whole, Unit.RATIO)} of the inference of "
        f"{show(session.wall, Unit.SECONDS)}. Kernels take {inside} of it; the rest is what "
        "onnxruntime does between them."
    )


def operator_method(run: Run) -> str:
    """Say how the rows were taken, what the profile cost, and for how much the work is known."""
    session = inference_of(run)
    if session is None:
        return ""
    known = sum(node.known for node in session.nodes) / session.kernels if session.kernels else 0.0
    plain = samples_of(run, "latency.inference")
    cost = ""
    if plain is not None:
        p50 = show(percentile(plain.values, 0.50), plain.unit)
        cost = f" Without the profile, an inference takes {p50} at the median."
    return (
        f"onnxruntime's own profile of {show(session.runs, Unit.COUNT)} warm runs of "
        f"{session.model or 'the model'} in processes of their own; times are means of the middle "
        f"half of the runs. {session.disturbed} of {session.requests} requests were disturbed from "
        f"outside.{cost} Operations and bytes "
        f"are those that the graph asks for, known for {show(known, Unit.RATIO)} of the kernel "
        "time; a node that onnxruntime made itself has none. Ceilings are the host's highest "
        "measured GEMM rate in the same arithmetic and memory read rate; what stays in the cache "
        "can exceed the latter."
    )


def _row(node: Node, title: str, session: Session, run: Run) -> WorkRow:
    rates = _rates(node, run)
    return WorkRow(
        title=title or node.op,
        op=node.op if node.name else "",
        calls=f"{node.calls:.3g}" if node.calls else NONE,
        time=show(node.seconds, Unit.SECONDS),
        share=show(node.seconds / session.whole, Unit.RATIO),
        compute=rates[0],
        of_compute=rates[1],
        bandwidth=rates[2],
        of_bandwidth=rates[3],
    )


def _rates(node: Node, run: Run) -> tuple[str, str, str, str]:
    ceilings = ceilings_of(run)
    products = {True: ceilings.int8, False: ceilings.fp32, None: None}[node.int8]
    compute = _rate(node, node.flops, Unit.COMPUTE, products)
    return (*compute, *_rate(node, node.bytes, Unit.BANDWIDTH, ceilings.read))


def _rate(node: Node, amount: float, unit: Unit, ceiling: float | None) -> tuple[str, str]:
    """The rate at which a node does `amount`, and its share of the ceiling."""
    if not (amount and node.known):
        return NONE, NONE
    rate = amount / node.known
    return show(rate, unit), show(rate / ceiling, Unit.RATIO) if ceiling else NONE
