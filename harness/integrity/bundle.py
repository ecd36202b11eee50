"""A bundle: a model, its external data, and the parts that its manifest names.

Nothing here loads a weight: graphs are read without their external data, files are hashed in
blocks. The facts are for the page, for the measured host's ceilings and for comparisons.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from onnx import ModelProto, ValueInfoProto

from harness.errors import BundleError
from harness.integrity.graph import StoredTensor, dtype_name, read_graph, stored_tensors
from harness.integrity.manifest import ONNX_ROLES, Manifest, read_manifest
from harness.integrity.runtime import checker_refusal, runtime_refusal
from harness.untrusted import is_inside


@dataclass(frozen=True, kw_only=True)
class OnnxFile:
    """One ONNX file of a bundle, read as far as it could be."""

    path: Path
    tensors: tuple[StoredTensor, ...]  # empty when it could not be read
    problem: str  # why it could not be read; "" when it was
    model: ModelProto | None = field(default=None, repr=False, compare=False)  # None: not read

    @cached_property
    def checker_says(self) -> str:
        """Why onnx.checker refuses the file; "" when it accepts. Asked once."""
        return checker_refusal(self.path)

    @cached_property
    def runtime_says(self) -> str:
        """Why onnxruntime does not load the file; "" when it does. Asked once."""
        return runtime_refusal(self.path)

    @property
    def external(self) -> tuple[StoredTensor, ...]:
        """The tensors whose bytes are in a data file."""
        return tuple(tensor for tensor in self.tensors if tensor.location is not None)


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """What rules are applied to."""

    model_path: Path
    manifest: Manifest | None
    onnx_files: tuple[OnnxFile, ...]  # the model first, then the manifest's other graphs


def read_bundle(model_path: Path) -> Bundle:
    """Read manifest and graphs of a bundle; a graph that cannot be read carries its problem.

    Raises:
        BundleError: the model file is absent, or the manifest cannot be read.
    """
    if not model_path.exists():
        read_graph(model_path)
    manifest = read_manifest(model_path)
    graphs = tuple(_onnx_file(path) for path in _onnx_paths(model_path, manifest))
    return Bundle(model_path=model_path, manifest=manifest, onnx_files=graphs)


def bundle_files(model_path: Path) -> tuple[Path, ...]:
    """List the files of a bundle that exist: graphs, data, the manifest's parts, the manifest.

    Raises:
        BundleError: the model file is absent, or the manifest cannot be read.
    """
    bundle = read_bundle(model_path)
    folder = model_path.parent
    files = {graph.path for graph in bundle.onnx_files}
    files |= {data for graph in bundle.onnx_files for data in data_files(graph)}
    if bundle.manifest:
        files |= {folder / name for name in bundle.manifest.files}
        files |= {folder / name for name in bundle.manifest.roles.values()}
        files.add(bundle.manifest.path)
    return tuple(sorted(path for path in files if path.is_file()))


def weight_bytes(model_path: Path) -> int:
    """Return the bytes of all tensors in the graphs of a bundle, wherever they are stored.

    Raises:
        BundleError: the model file is absent, or the manifest cannot be read.
    """
    tensors = [tensor for graph in read_bundle(model_path).onnx_files for tensor in graph.tensors]
    return sum(tensor.bytes_by_shape or 0 for tensor in tensors)


def data_files(graph: OnnxFile) -> tuple[Path, ...]:
    """List the data files that a graph refers to, present or not; unsafe locations are left out."""
    locations = {tensor.location for tensor in graph.external if tensor.location}
    return tuple(graph.path.parent / name for name in sorted(locations) if is_inside(name))


def absent_data(model_path: Path) -> tuple[Path, ...]:
    """List the data files that the graphs of a bundle refer to and that are not there.

    Raises:
        BundleError: the model file is absent, or the manifest cannot be read.
    """
    graphs = read_bundle(model_path).onnx_files
    return tuple(data for graph in graphs for data in data_files(graph) if not data.is_file())


def bundle_fingerprint(files: Iterable[Path]) -> str:
    """Return one sha256 for the names and bytes of `files`, whatever their order and folder."""
    lines = sorted(f"{sha256(path)}  {path.name}" for path in files)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def sha256(path: Path) -> str:
    """Return the sha256 of a file, read in blocks."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def bundle_facts(model_path: Path) -> dict[str, Any]:
    """Return the facts of a bundle as plain values that JSON can hold.

    Keys: those of `graph_facts` for the model; `path`, `files` (name -> bytes), `manifest` (as
    read, without its tensors; or None), and `parts` (role -> `graph_facts`) for the other graphs
    that can be read.

    Raises:
        BundleError: the model or the manifest cannot be read.
    """
    manifest = read_manifest(model_path)
    folder = model_path.parent
    parts = {role: folder / name for role, name in _parts(manifest).items()}
    return {
        **graph_facts(model_path),
        "path": str(model_path),
        "files": {_name(path, folder): path.stat().st_size for path in bundle_files(model_path)},
        "manifest": _said(manifest.raw) if manifest else None,
        "parts": {
            role: graph_facts(path) for role, path in parts.items() if not _onnx_file(path).problem
        },
    }


def graph_facts(path: Path) -> dict[str, Any]:
    """Return what one ONNX file says: versions, operators, inputs, outputs, initializers.

    `parameters` counts the elements of all initializers and constants. `bytes` of an initializer
    is what shape and dtype need, None where they do not tell; `offset` and `length` are None for
    bytes inside the graph.

    Raises:
        BundleError: the file cannot be read as a graph.
    """
    model = read_graph(path)
    tensors = stored_tensors(model)
    return {
        "ir_version": model.ir_version,
        "opsets": {entry.domain or "ai.onnx": entry.version for entry in model.opset_import},
        "producer": f"{model.producer_name} {model.producer_version}".strip(),
        "operators": dict(Counter(node.op_type for node in model.graph.node).most_common()),
        "inputs": _inputs(model),
        "outputs": [_value(value) for value in model.graph.output],
        "initializers": [_tensor(tensor) for tensor in tensors],
        "parameters": sum(tensor.elements for tensor in tensors),
        "metadata": {entry.key: entry.value for entry in model.metadata_props},
    }


def _said(raw: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in raw.items() if key != "tensors"}


def _name(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix()


def _parts(manifest: Manifest | None) -> Mapping[str, str]:
    roles = manifest.roles if manifest else {}
    return {role: roles[role] for role in ONNX_ROLES if role in roles and role != "model"}


def _onnx_paths(model_path: Path, manifest: Manifest | None) -> list[Path]:
    return [model_path, *(model_path.parent / name for name in _parts(manifest).values())]


def _onnx_file(path: Path) -> OnnxFile:
    try:
        model = read_graph(path)
        return OnnxFile(path=path, tensors=stored_tensors(model), problem="", model=model)
    except BundleError as error:
        return OnnxFile(path=path, tensors=(), problem=str(error))


def _inputs(model: ModelProto) -> list[dict[str, Any]]:
    weights = {tensor.name for tensor in model.graph.initializer}
    return [_value(value) for value in model.graph.input if value.name not in weights]


def _value(value: ValueInfoProto) -> dict[str, Any]:
    tensor = value.type.tensor_type
    shape = [
        size.dim_value if size.HasField("dim_value") else size.dim_param or None
        for size in tensor.shape.dim
    ]
    return {"name": value.name, "dtype": dtype_name(tensor.elem_type), "shape": shape}


def _tensor(tensor: StoredTensor) -> dict[str, Any]:
    start, stop = tensor.span or (None, None)
    external = tensor.location is not None
    return {
        "name": tensor.name,
        "dtype": tensor.dtype,
        "shape": list(tensor.shape),
        "bytes": tensor.bytes_by_shape,
        "location": tensor.location,
        "offset": start if external else None,
        "length": stop - start if external and start is not None and stop is not None else None,
    }
