"""How much work one request is to a graph: operations, weights, bytes in and out.

Counted from the graph alone: no weight is read, so a model whose data file is absent has its work
too. Method: the roofline model (Williams, Waterman and Patterson, CACM 2009) with the least traffic
that is possible: every weight is read once, the output is written once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from onnx import ModelProto

from harness.errors import BundleError
from harness.integrity.bundle import read_bundle
from harness.integrity.costs import NodeWork, UncountedError, cost_of, taken_bytes
from harness.integrity.graph import read_graph
from harness.integrity.manifest import Manifest
from harness.integrity.shapes import Traced, trace
from harness.integrity.specification import PRODUCT_CONTRACT

MOST_NODES = 2000  # rows of a graph's nodes that a run keeps, the costliest


@dataclass(frozen=True, kw_only=True)
class GraphWork:
    """The work of one graph for one request."""

    nodes: tuple[NodeWork, ...]  # those that run, in their order
    unknown: tuple[str, ...]  # operators of nodes whose work cannot be told: not in the sums
    weight_bytes: int  # of every stored tensor, once, as far as a request must read it
    output_bytes: int  # of the graph's outputs
    largest_bytes: int  # of the largest tensor that a request makes

    @property
    def flops(self) -> int:
        """Operations of all nodes."""
        return sum(node.flops for node in self.nodes)

    @property
    def int8_flops(self) -> int:
        """Those that the ceiling of int8 bounds."""
        return sum(node.flops for node in self.nodes if node.int8)


def graph_work(model: ModelProto, given: Mapping[str, tuple[int, ...]] | None = None) -> GraphWork:
    """Return the work of a model that was read without its external data.

    Args:
        model: the graph.
        given: shapes of inputs by name, used where the graph leaves a size open.
    """
    traced = trace(model, given or {})
    nodes, unknown, taken = [], [], dict[str, int]()
    for node in traced.nodes:
        for root, size in taken_bytes(node, traced.tensors).items():
            taken[root] = max(size, taken.get(root, 0))
        try:
            nodes.append(cost_of(node, traced.tensors))
        except UncountedError:
            unknown.append(node.op_type)
    made = [traced.tensors[name].bytes or 0 for node in traced.nodes for name in _outputs(node)]
    return GraphWork(
        nodes=tuple(nodes),
        unknown=tuple(unknown),
        weight_bytes=sum(taken.values()),
        output_bytes=_output_bytes(traced),
        largest_bytes=max(made, default=0),
    )


def work_facts(model_path: Path) -> dict[str, Any]:
    """Return the work of every graph of a bundle as plain values that JSON can hold.

    `model` is the file name of the model; `graphs` has by file name `flops`, `int8_flops`,
    `weight_bytes`, `read_bytes`, `written_bytes`, `output_bytes`, `largest_bytes`, `unknown` (how
    many nodes have no known work), `unknown_ops` and `nodes`: rows of `name`, `op`, `flops`,
    `bytes` (all that the node reads and writes), `weight_bytes`, `int8`. A graph that cannot be
    read is left out.

    Raises:
        BundleError: the model file is absent, or the manifest cannot be read.
    """
    bundle = read_bundle(model_path)
    given = _given(bundle.manifest)
    graphs = {}
    for file in bundle.onnx_files:
        try:
            graphs[file.path.name] = _facts(graph_work(read_graph(file.path), given))
        except BundleError:
            continue  # its problem is a finding of the rules
    return {"model": model_path.name, "graphs": graphs}


def _facts(work: GraphWork) -> dict[str, Any]:
    costly = sorted(work.nodes, key=lambda node: (node.flops, _moved(node)), reverse=True)
    kept = {id(node) for node in costly[:MOST_NODES]}
    return {
        "flops": work.flops,
        "int8_flops": work.int8_flops,
        "weight_bytes": work.weight_bytes,
        "read_bytes": sum(node.read_bytes for node in work.nodes),
        "written_bytes": sum(node.written_bytes for node in work.nodes),
        "output_bytes": work.output_bytes,
        "largest_bytes": work.largest_bytes,
        "unknown": len(work.unknown),
        "unknown_ops": sorted(set(work.unknown)),
        "nodes": [_row(node) for node in work.nodes if id(node) in kept],
    }


def _row(node: NodeWork) -> dict[str, Any]:
    return {
        "name": node.name,
        "op": node.op,
        "flops": node.flops,
        "bytes": _moved(node),
        "weight_bytes": node.weight_bytes,
        "int8": node.int8,
    }


def _moved(node: NodeWork) -> int:
    return node.weight_bytes + node.read_bytes + node.written_bytes


def _outputs(node: Any) -> list[str]:
    return [name for name in node.output if name]


def _output_bytes(traced: Traced) -> int:
    return sum(traced.tensors[name].bytes or 0 for name in traced.outputs)


def _given(manifest: Manifest | None) -> dict[str, tuple[int, ...]]:
    contract = (manifest.contract if manifest else None) or PRODUCT_CONTRACT
    return {spec.name: spec.shape for spec in (contract.input, contract.output)}
