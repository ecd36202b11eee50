"""All rules that a bundle on disk must keep, and the check that applies them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import onnx

from harness.errors import BundleError
from harness.integrity.bundle import Bundle, data_files, read_bundle, sha256
from harness.integrity.external_data import EXTERNAL_DATA_RULES
from harness.integrity.manifest import FileEntry, manifest_path
from harness.integrity.rule import NotChecked, Rule, findings
from harness.integrity.runtime import first_line, open_session
from harness.records import Finding


def check_bundle(model_path: Path) -> tuple[Finding, ...]:
    """Apply every rule to the bundle of `model_path`: one finding each, in the order of `RULES`.

    Raises:
        BundleError: the model file is absent, or the manifest cannot be read.
    """
    return findings(RULES, read_bundle(model_path), area="integrity")


def graphs_are_readable(bundle: Bundle) -> Iterator[str]:
    """Every ONNX file of the bundle can be read as a graph."""
    for graph in bundle.onnx_files:
        if graph.problem:
            yield graph.problem


def files_are_present(bundle: Bundle) -> Iterator[str]:
    """Every file that the manifest names is present."""
    if bundle.manifest is None:
        yield _no_manifest(bundle)
        return
    folder = bundle.model_path.parent
    for name in sorted({*bundle.manifest.files, *bundle.manifest.roles.values()}):
        if not (folder / name).is_file():
            yield f"{folder / name}: no such file; the manifest names it. Restore the bundle."


def manifest_covers_bundle(bundle: Bundle) -> Iterator[str]:
    """The manifest has size and digest of every graph, data file and part of the bundle."""
    if bundle.manifest is None:
        yield _no_manifest(bundle)
        return
    folder = bundle.model_path.parent
    files = {path for graph in bundle.onnx_files for path in (graph.path, *data_files(graph))}
    names = {path.relative_to(folder).as_posix() for path in files}
    for name in sorted((names | set(bundle.manifest.roles.values())) - set(bundle.manifest.files)):
        yield f"{name}: not in 'files' of {bundle.manifest.path.name}, so its bytes go unchecked."


def sizes_match_manifest(bundle: Bundle) -> Iterator[str]:
    """Every file has the size that the manifest says."""
    for path, entry in _listed(bundle):
        if (size := path.stat().st_size) != entry.bytes:
            yield f"{path.name}: expected {entry.bytes} bytes, found {size}. Restore the file."
    if bundle.manifest is None:
        yield _no_manifest(bundle)


def digests_match_manifest(bundle: Bundle) -> Iterator[str]:
    """Every file has the sha256 that the manifest says."""
    for path, entry in _listed(bundle):
        if (digest := sha256(path)) != entry.sha256:
            yield (
                f"{path.name}: expected sha256 {entry.sha256}, found {digest}. Its bytes have "
                "changed since the manifest was written: restore the file."
            )
    if bundle.manifest is None:
        yield _no_manifest(bundle)


def onnx_checker_accepts(bundle: Bundle) -> Iterator[str]:
    """onnx.checker accepts every ONNX file, by path and with its full check."""
    for graph in bundle.onnx_files:
        try:
            onnx.checker.check_model(graph.path, full_check=True)
        except Exception as error:  # onnx raises types without a common base; each is a refusal
            yield f"{graph.path.name}: onnx.checker: {first_line(error)}"


def onnxruntime_loads(bundle: Bundle) -> Iterator[str]:
    """onnxruntime loads every ONNX file."""
    for graph in bundle.onnx_files:
        try:
            open_session(graph.path)
        except BundleError as error:
            yield str(error)


RULES: tuple[Rule[Bundle], ...] = (
    graphs_are_readable,
    files_are_present,
    manifest_covers_bundle,
    *EXTERNAL_DATA_RULES,
    sizes_match_manifest,
    digests_match_manifest,
    onnx_checker_accepts,
    onnxruntime_loads,
)


def _listed(bundle: Bundle) -> Iterator[tuple[Path, FileEntry]]:
    """Yield the files of the manifest that are present, with what they must be."""
    entries = bundle.manifest.files if bundle.manifest else {}
    for name, entry in entries.items():
        if (path := bundle.model_path.parent / name).is_file():
            yield path, entry


def _no_manifest(bundle: Bundle) -> NotChecked:
    return NotChecked(
        f"Not checked: there is no {manifest_path(bundle.model_path).name}, so the bytes of this "
        "bundle are compared with nothing. Write one from a copy that you trust."
    )
