"""All rules that a bundle on disk must keep, and the check that applies them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from harness.integrity.bundle import Bundle, OnnxFile, data_files, read_bundle
from harness.integrity.disk import DISK_RULES, checksums_match, no_lfs_pointers
from harness.integrity.external_data import EXTERNAL_DATA_RULES
from harness.integrity.graph_rules import GRAPH_RULES
from harness.integrity.layout import LAYOUT_RULES
from harness.integrity.manifest import FileEntry
from harness.integrity.opinions import can_be_asked, why_checker_is_wrong
from harness.integrity.read_rules import READ_RULES, no_manifest, read_bytes
from harness.integrity.rule import NotChecked, Note, Rule, findings
from harness.integrity.version_rules import VERSION_RULES
from harness.records import Finding


def check_bundle(model_path: Path) -> tuple[Finding, ...]:
    """Apply every rule to the bundle of `model_path`: one finding each, in the order of `NAMES`.

    Raises:
        BundleError: the model file is absent, or the manifest cannot be read.
    """
    return check(read_bundle(model_path))


def check(bundle: Bundle) -> tuple[Finding, ...]:
    """Apply every rule to a bundle: what its graphs say, then what its bytes are."""
    said = findings(RULES, bundle, area="integrity")
    return (*said, *findings(READ_RULES, read_bytes(bundle), area="integrity"))


def graphs_are_readable(bundle: Bundle) -> Iterator[str]:
    """Every ONNX file of the bundle can be read as a graph."""
    for graph in bundle.onnx_files:
        if graph.problem:
            yield graph.problem


def files_are_present(bundle: Bundle) -> Iterator[str]:
    """Every file that the manifest names is present."""
    if bundle.manifest is None:
        yield no_manifest(bundle)
        return
    folder = bundle.model_path.parent
    for name in sorted({*bundle.manifest.files, *bundle.manifest.roles.values()}):
        if not (folder / name).is_file():
            yield f"{folder / name}: no such file; the manifest names it. Restore the bundle."


def manifest_covers_bundle(bundle: Bundle) -> Iterator[str]:
    """The manifest has size and digest of every graph, data file and part of the bundle."""
    if bundle.manifest is None:
        yield no_manifest(bundle)
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
        yield no_manifest(bundle)


def onnx_checker_accepts(bundle: Bundle) -> Iterator[str]:
    """onnx.checker accepts every ONNX file, by path and with its full check."""
    for graph in bundle.onnx_files:
        if not can_be_asked(graph):
            yield _not_asked(graph)
        elif graph.checker_says:
            said = f"{graph.path.name}: onnx.checker: {graph.checker_says}"
            excuse = why_checker_is_wrong(graph)
            yield Note(f"Note: {said} {excuse}") if excuse else said


def onnxruntime_loads(bundle: Bundle) -> Iterator[str]:
    """onnxruntime loads every ONNX file."""
    for graph in bundle.onnx_files:
        if not can_be_asked(graph):
            yield _not_asked(graph)
        elif graph.runtime_says:
            yield graph.runtime_says


def disagreements_are_named(bundle: Bundle) -> Iterator[str]:
    """Where onnx.checker and onnxruntime disagree, which accepts and why is said."""
    for graph in filter(can_be_asked, bundle.onnx_files):
        if bool(graph.checker_says) == bool(graph.runtime_says):
            continue
        if graph.checker_says:
            why = why_checker_is_wrong(graph) or "onnxruntime does not ask for this."
            yield Note(
                f"Note: {graph.path.name}: onnxruntime loads what onnx.checker refuses "
                f"({graph.checker_says.rstrip('. ')}). {why}"
            )
        else:
            breach = _first_breach(bundle)
            beyond = f"It is within the standard and beyond this build: {graph.runtime_says}"
            why = f"onnx.checker does not look at what is at fault: {breach}" if breach else beyond
            yield Note(
                f"Note: {graph.path.name}: onnx.checker accepts what onnxruntime does not load. "
                f"{why}"
            )


# What can be told from directory entries and graphs alone, without reading a weight.
QUICK_RULES: tuple[Rule[Bundle], ...] = (
    no_lfs_pointers,  # before what such a pointer breaks too
    graphs_are_readable,
    files_are_present,
    *DISK_RULES,
    *EXTERNAL_DATA_RULES,
    *LAYOUT_RULES,
    *GRAPH_RULES,
    *VERSION_RULES,
    sizes_match_manifest,
)

RULES: tuple[Rule[Bundle], ...] = (
    *QUICK_RULES,
    manifest_covers_bundle,
    checksums_match,
    onnx_checker_accepts,
    onnxruntime_loads,
    disagreements_are_named,
)

NAMES = tuple(rule.__name__ for rule in (*RULES, *READ_RULES))


def _not_asked(graph: OnnxFile) -> NotChecked:
    return NotChecked(
        f"Not checked: {graph.path.name} is no regular file of less than 2 GiB, so nothing is "
        "asked to open it."
    )


def _first_breach(bundle: Bundle) -> str:
    """The first breach of those rules that read no weight; "" where they all hold."""
    messages = (message for rule in QUICK_RULES for message in rule(bundle))
    return next((said for said in messages if not isinstance(said, (Note, NotChecked))), "")


def _listed(bundle: Bundle) -> Iterator[tuple[Path, FileEntry]]:
    """Yield the files of the manifest that are present, with what they must be."""
    entries = bundle.manifest.files if bundle.manifest else {}
    for name, entry in entries.items():
        if (path := bundle.model_path.parent / name).is_file():
            yield path, entry
