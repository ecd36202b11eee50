"""Verification: is a bundle what its manifest says, byte by byte, and which tensor is not?

The whole check reads each file once: its sha256, the blake3 of each tensor, and its values. The
fast one reads the blake3 of each file, on all cores, and looks at tensors where that differs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.errors import BundleError
from harness.integrity.bundle import Bundle, data_files, read_bundle
from harness.integrity.external_data import EXTERNAL_DATA_RULES
from harness.integrity.manifest import (
    FileEntry,
    Manifest,
    TensorEntry,
    manifest_path,
    read_manifest,
)
from harness.integrity.rule import NotChecked, Note, Rule, findings
from harness.integrity.scan import FileScan, RegionScan, blocks_of, fast_digest
from harness.integrity.tensors import BundleScan, Progress, entries_of, scan_bundle
from harness.integrity.value_rules import VALUE_RULES, at
from harness.progress import progress
from harness.records import Finding

ABSENT = "no such bytes"


@dataclass(frozen=True, kw_only=True)
class Changed:
    """A tensor whose bytes are not the sealed ones."""

    tensor: TensorEntry  # as sealed
    found: str  # blake3 of its bytes now, or ABSENT


@dataclass(frozen=True, kw_only=True)
class Verified:
    """What a bundle is against its manifest."""

    bundle: Bundle
    manifest: Manifest
    digest: str  # the one of the files: "sha256" or "blake3"
    scan: BundleScan  # of the files that are present

    @property
    def changed(self) -> tuple[Changed, ...]:
        """The tensors that changed, in the order of the manifest; () where it names none."""
        return tuple(
            Changed(tensor=entry, found=seen.blake3 if seen else ABSENT)
            for entry, seen in self.scan.tensors
            if entry.blake3 and (seen is None or seen.blake3 != entry.blake3)
        )

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Every rule about files and tensors, and about values where they were read."""
        structure = findings(EXTERNAL_DATA_RULES, self.bundle, area="integrity")
        values = findings(VALUE_RULES, self.scan, area="integrity")
        own = findings(RULES, self, area="integrity")
        return (*own, *structure, *(values if self.digest == "sha256" else ()))


def verify_bundle(model_path: Path, *, fast: bool = False, show: Progress = progress) -> Verified:
    """Read a bundle and hold it against its manifest.

    Args:
        model_path: the model.
        fast: the blake3 of each file only; the tensors of those that differ.
        show: how progress is shown.

    Raises:
        BundleError: there is no manifest, it has no blake3 where `fast` needs them, or a file
            cannot be read.
    """
    manifest = _manifest(model_path)
    bundle = read_bundle(model_path)
    names = [name for name in manifest.files if (model_path.parent / name).is_file()]
    if fast:
        return _fast(bundle, manifest, names, show)
    entries = manifest.tensors or entries_of(bundle)
    scan = scan_bundle(bundle, names, entries, digests=("sha256",), show=show)
    return Verified(bundle=bundle, manifest=manifest, digest="sha256", scan=scan)


def checksum_list(manifest: Manifest) -> str:
    """Write the sha256 of every file as `sha256sum -c` reads it in the folder of the bundle."""
    return "".join(_line(name, entry.sha256) for name, entry in manifest.files.items())


def files_are_present(verified: Verified) -> Iterator[str]:
    """Every file that the manifest names is present."""
    for name in sorted({*verified.manifest.files, *verified.manifest.roles.values()}):
        path = verified.bundle.model_path.parent / name
        if not path.is_file():
            yield f"{path}: no such file. {verified.manifest.again(name)}"


def manifest_covers_bundle(verified: Verified) -> Iterator[str]:
    """The manifest has the digest of every graph, data file and part of the bundle."""
    folder, graphs = verified.bundle.model_path.parent, verified.bundle.onnx_files
    files = {path for graph in graphs for path in (graph.path, *data_files(graph))}
    names = {path.relative_to(folder).as_posix() for path in files}
    for name in sorted((names | {*verified.manifest.roles.values()}) - {*verified.manifest.files}):
        yield f"{name}: not in 'files' of {verified.manifest.path.name}, so nothing vouches for it."


def files_are_those_sealed(verified: Verified) -> Iterator[str]:
    """Every file has the size and the digest that the manifest says."""
    for name, expected, found in _compared(verified):
        size, digest = f"{expected.bytes} bytes", getattr(expected, verified.digest)
        if found.bytes != expected.bytes:
            yield f"{name}: expected {size}, found {found.bytes}. {verified.manifest.again(name)}"
        elif found.digests[verified.digest] != digest:
            yield (
                f"{name}: expected {verified.digest} {digest}, found "
                f"{found.digests[verified.digest]}. {verified.manifest.again(name)}"
            )


def tensors_are_those_sealed(verified: Verified) -> Iterator[str]:
    """Every tensor has the bytes that were sealed."""
    if not verified.manifest.tensors:
        yield NotChecked(
            f"Not checked: {verified.manifest.path.name} names no tensors. "
            f"From a copy that you trust: harness seal {verified.bundle.model_path}"
        )
    for change in verified.changed:
        yield f"{at(change.tensor)}: expected blake3 {change.tensor.blake3}, found {change.found}."
    faulty = {change.tensor.file for change in verified.changed}
    holders = {entry.file for entry in verified.manifest.tensors if entry.offset is not None}
    for name, expected, found in _compared(verified):
        differs = found.digests[verified.digest] != getattr(expected, verified.digest)
        if differs and name in holders - faulty:
            yield Note(f"{name}: no tensor in it changed; the bytes that did belong to none.")


RULES: tuple[Rule[Verified], ...] = (
    files_are_present,
    manifest_covers_bundle,
    files_are_those_sealed,
    tensors_are_those_sealed,
)


def _manifest(model_path: Path) -> Manifest:
    manifest = read_manifest(model_path)
    if manifest and not model_path.exists():
        raise BundleError(f"{model_path}: no such model. {manifest.again(model_path.name)}")
    if manifest is None and model_path.exists():
        raise BundleError(
            f"{manifest_path(model_path)}: no such file, so there is nothing to verify "
            f"{model_path.name} against. From a copy that you trust: harness seal {model_path}"
        )
    if manifest is None:
        raise BundleError(f"{model_path}: no such model, and no manifest that says where it is.")
    return manifest


def _fast(bundle: Bundle, manifest: Manifest, names: list[str], show: Progress) -> Verified:
    if bare := [name for name, entry in manifest.files.items() if not entry.blake3]:
        raise BundleError(
            f"{manifest.path}: no blake3 of {bare[0]}, which the fast check compares. Verify "
            f"without --fast; or, from a copy that you trust: harness seal {bundle.model_path}"
        )
    folder, files = bundle.model_path.parent, {}
    for name in names:
        path = folder / name
        with show(f"read {name}, MiB", total=blocks_of(path)) as step:
            digests = {"blake3": fast_digest(path, step=step)}
        files[name] = FileScan(bytes=path.stat().st_size, digests=digests, regions={})
    tensors = _suspects(bundle, manifest, files, show)
    scan = BundleScan(files=files, tensors=tensors)
    return Verified(bundle=bundle, manifest=manifest, digest="blake3", scan=scan)


def _suspects(
    bundle: Bundle, manifest: Manifest, files: Mapping[str, FileScan], show: Progress
) -> tuple[tuple[TensorEntry, RegionScan | None], ...]:
    """Read the tensors of the files that differ or are absent: the others are what they were."""
    whole = {n for n, seen in files.items() if seen.digests["blake3"] == manifest.files[n].blake3}
    entries = [entry for entry in manifest.tensors if entry.file not in whole]
    differ = [name for name in files if name not in whole]
    return scan_bundle(bundle, differ, entries, digests=(), show=show).tensors


def _compared(verified: Verified) -> Iterator[tuple[str, FileEntry, FileScan]]:
    for name, found in verified.scan.files.items():
        if name in verified.manifest.files:
            yield name, verified.manifest.files[name], found


def _line(name: str, digest: str) -> str:
    """GNU coreutils marks a line whose name is escaped by a backslash before the digest."""
    escaped = name.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")
    return f"{'' if escaped == name else chr(92)}{digest}  {escaped}\n"
