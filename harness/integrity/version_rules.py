"""Rules about what the installed onnxruntime knows: IR versions, operator sets, operators."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from onnx import ModelProto, NodeProto
from onnxruntime.capi import onnxruntime_pybind11_state

from harness.integrity.bundle import Bundle
from harness.integrity.graph import subgraphs
from harness.integrity.graph_rules import models
from harness.integrity.rule import Rule
from harness.integrity.runtime import RUNTIME, versions_refused

ANY_IR, ANY_OPSETS = 8, (("", 17),)  # of the least graph that one version is tried with


def ir_version_is_known(bundle: Bundle) -> Iterator[str]:
    """The installed onnxruntime knows the IR version of every graph."""
    for file, model in models(bundle):
        if said := versions_refused(model.ir_version, ANY_OPSETS):
            yield (
                f"{file.path.name}: IR version {model.ir_version}; {RUNTIME} does not load it "
                f"({_end(said)}). Update onnxruntime, or export for an older version."
            )


def opsets_are_known(bundle: Bundle) -> Iterator[str]:
    """The installed onnxruntime knows every operator set that a graph imports."""
    for file, model in models(bundle):
        imports = [model.opset_import, *(function.opset_import for function in model.functions)]
        for domain, version in dict.fromkeys((o.domain, o.version) for s in imports for o in s):
            others = () if domain in ("", "ai.onnx") else ANY_OPSETS
            if said := versions_refused(ANY_IR, ((domain, version), *others)):
                yield (
                    f"{file.path.name}: operator set {domain or 'ai.onnx'} {version}; {RUNTIME} "
                    f"does not load it ({_end(said)}). Update onnxruntime, or export for an older "
                    "operator set."
                )


def operators_are_known(bundle: Bundle) -> Iterator[str]:
    """The installed onnxruntime knows every operator, in the operator set that is imported."""
    for file, model in models(bundle):
        own = {(function.domain, function.name) for function in model.functions}
        for node, opsets in _nodes(model):
            domain = "" if node.domain == "ai.onnx" else node.domain
            if (domain, node.op_type) in own:
                continue
            if problem := _unknown(domain, node.op_type, opsets.get(domain, 1)):
                yield (
                    f"{file.path.name}: node {node.name or node.op_type!r} giving "
                    f"{', '.join(map(repr, node.output))}: {problem}"
                )


VERSION_RULES: tuple[Rule[Bundle], ...] = (
    ir_version_is_known,
    opsets_are_known,
    operators_are_known,
)


@dataclass(frozen=True, kw_only=True)
class _Versions:
    """The operator sets in which an operator changed."""

    since: tuple[int, ...]  # in which it stands anew, in their order
    gone: tuple[int, ...]  # in which it is deprecated


@cache
def _schemas() -> dict[tuple[str, str], _Versions]:
    """Domain and name of every operator that onnxruntime knows."""
    since: dict[tuple[str, str], list[int]] = {}
    gone: dict[tuple[str, str], list[int]] = {}
    for schema in onnxruntime_pybind11_state.get_all_operator_schema():
        held = gone if schema.deprecated else since
        held.setdefault((schema.domain, schema.name), []).append(schema.since_version)
    return {
        key: _Versions(since=tuple(sorted(since.get(key, []))), gone=tuple(gone.get(key, [])))
        for key in since.keys() | gone.keys()
    }


def _unknown(domain: str, name: str, opset: int) -> str:
    """Say why onnxruntime does not know an operator in an operator set; "" when it does."""
    where = f"{domain or 'ai.onnx'} {opset}"
    versions = _schemas().get((domain, name))
    if versions is None:
        known = any(domain == other for other, _ in _schemas())
        why = "it has no such operator" if known else f"it knows no domain {domain!r}"
        return f"{RUNTIME} does not know {name} of {where}; {why}. Export the model without it."
    if any(version <= opset for version in versions.gone):
        return f"{name} was taken out of the standard before {where}. Export the model again."
    if not any(version <= opset for version in versions.since):
        first = versions.since[0]
        return f"{name} came with operator set {first}; found {where}. Export it for {first}."
    return ""


def _nodes(model: ModelProto) -> Iterator[tuple[NodeProto, dict[str, int]]]:
    """Yield every node with the operator sets that hold for it: domain -> version."""
    for part, nodes in ((model, model.graph.node), *((f, f.node) for f in model.functions)):
        opsets = {_domain(entry.domain): entry.version for entry in part.opset_import}
        yield from ((node, opsets) for node in _with_inner_nodes(nodes))


def _with_inner_nodes(nodes: Iterable[NodeProto]) -> Iterator[NodeProto]:
    for node in nodes:
        yield node
        for graph in subgraphs(node.attribute):
            yield from _with_inner_nodes(graph.node)


def _domain(name: str) -> str:
    return "" if name == "ai.onnx" else name


def _end(said: str) -> str:
    """What onnxruntime says, without where in its own source it says so."""
    return said.rpartition(") ")[2].rpartition("Current ")[2].strip().rstrip(".")
