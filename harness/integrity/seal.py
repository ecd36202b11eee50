"""Sealing: write down what a bundle is, from a copy that is trusted.

The manifest keeps what it says already: roles, contract, licence, and all that other parts put
there. Written are the files with their digests, the tensors with theirs, the canaries and the seal.
"""

from __future__ import annotations

import getpass
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from harness.errors import BundleError
from harness.integrity.bundle import Bundle, bundle_files, read_bundle
from harness.integrity.canaries import (
    SUFFIX,
    codes_in,
    read_canaries,
    sing,
    usual_codes,
    write_canaries,
)
from harness.integrity.manifest import FORMAT, Seal, TensorEntry, manifest_path
from harness.integrity.rule import NotChecked, findings
from harness.integrity.scan import RegionScan
from harness.integrity.specification import PRODUCT_CONTRACT
from harness.integrity.tensors import BundleScan, Progress, entries_of, scan_bundle
from harness.integrity.value_rules import VALUE_RULES
from harness.integrity.verify import Verified, files_are_those_sealed
from harness.progress import progress
from harness.records import Finding

INSIDE = 1024  # bytes of a tensor inside a graph that is sealed by itself; the graph's digest is
# that of all smaller ones


@dataclass(frozen=True, kw_only=True)
class Sealed:
    """What was sealed."""

    manifest: Path  # where it is, or would be
    document: Mapping[str, Any]
    written: bool  # False: a finding forbids it
    findings: tuple[Finding, ...]  # of `VALUE_RULES`, and about the earlier manifest


def seal_now(by: str = "") -> Seal:
    """Return the seal of this moment, by this version; of the user who runs it where `by` is ""."""
    tool = f"sarai-harness {version('sarai-harness')}"
    return Seal(by=by or getpass.getuser(), at=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}", tool=tool)


def seal_bundle(
    model_path: Path,
    seal: Seal,
    *,
    source: str = "",
    anyway: bool = False,
    canaries: bool = True,
    codes: Path | None = None,
    show: Progress = progress,
) -> Sealed:
    """Read every byte of a bundle once and write its manifest; the old one stays until then.

    Nothing is written, unless `anyway`, where a value looks broken (see `VALUE_RULES`) or a file
    is not the one that an earlier manifest names: who seals a damaged copy loses the good seal.

    Args:
        model_path: the model; its data and the parts of an earlier manifest belong to it.
        seal: who, when, with what.
        source: where the files can be had again; "" keeps what the manifest says.
        anyway: write the manifest all the same.
        canaries: let the model answer fixed codes and store what it says; a variant keeps those
            of the model that it was made from. Without, the manifest names none.
        codes: a .npy with more codes to be canaries.
        show: how progress is shown.

    Raises:
        BundleError: the bundle is not whole, cannot be read, or a file cannot be written.
    """
    bundle = read_bundle(model_path)
    names = _whole(bundle)
    scan = scan_bundle(bundle, names, entries_of(bundle), digests=("sha256", "blake3"), show=show)
    document = _document(bundle, scan, seal, source)
    seen = (*_against_earlier(bundle, scan), *findings(VALUE_RULES, scan, area="integrity"))
    path, written = manifest_path(model_path), anyway or all(finding.holds for finding in seen)
    if written:
        taken, told = _canaries(bundle, codes) if canaries else ({}, ())
        document, seen = _with(document, taken), (*seen, *told)
        _write(path, document)
    return Sealed(manifest=path, document=document, written=written, findings=seen)


def _against_earlier(bundle: Bundle, scan: BundleScan) -> tuple[Finding, ...]:
    if bundle.manifest is None:
        return ()
    then = Verified(bundle=bundle, manifest=bundle.manifest, digest="sha256", scan=scan)
    return findings((files_are_those_sealed,), then, area="integrity")


def _document(bundle: Bundle, scan: BundleScan, seal: Seal, source: str) -> dict[str, Any]:
    kept = dict(bundle.manifest.raw) if bundle.manifest else {}
    kept.pop("tensors", None)  # they come last: there may be many
    return {
        **kept,
        "format": FORMAT,
        "model": bundle.model_path.name,
        **({"source": source} if source else {}),
        "sealed": asdict(seal),
        "files": {name: {"bytes": seen.bytes, **seen.digests} for name, seen in scan.files.items()},
        "tensors": [_row(entry, seen) for entry, seen in scan.tensors if seen and _counts(entry)],
    }


def _canaries(bundle: Bundle, codes: Path | None) -> tuple[dict[str, Any], tuple[Finding, ...]]:
    """Take the canaries: what the manifest says of them, and a finding where there are none."""
    model, manifest = bundle.model_path, bundle.manifest
    contract = (manifest.contract if manifest else None) or PRODUCT_CONTRACT
    entry = manifest.canaries if manifest else None
    if manifest and entry and entry.of != model.name:
        return dict(manifest.raw["canaries"]), ()
    given = usual_codes(contract)
    if entry and (model.parent / entry.file).is_file():
        kept = read_canaries(model.parent, entry, contract)
        given |= dict(zip(kept.names, kept.codes, strict=True))
    given |= codes_in(codes, contract) if codes else {}
    try:
        sung = sing(model, contract, given)
    except BundleError as error:
        return {}, findings((canaries_are_taken,), str(error), area="integrity")
    return write_canaries(model.with_name(model.name + SUFFIX), sung), ()


def canaries_are_taken(problem: str) -> Iterator[str]:
    """The model answers the codes that are to be its canaries."""
    yield NotChecked(f"Sealed without canaries. {problem} --no-canaries says that there are none.")


def _with(document: Mapping[str, Any], canaries: Mapping[str, Any]) -> dict[str, Any]:
    """Put the canaries ahead of the tensors, or take the old ones out."""
    kept = {key: value for key, value in document.items() if key not in ("canaries", "tensors")}
    named = {"canaries": dict(canaries)} if canaries else {}
    return {**kept, **named, "tensors": document["tensors"]}


def _whole(bundle: Bundle) -> list[str]:
    """Return the names of the files to seal.

    Raises:
        BundleError: a graph cannot be read, a file is absent, or a tensor is not in its file.
    """
    for graph in bundle.onnx_files:
        if graph.problem:
            raise BundleError(graph.problem)
    folder, manifest = bundle.model_path.parent, manifest_path(bundle.model_path)
    present = {path.relative_to(folder).as_posix() for path in bundle_files(bundle.model_path)}
    declared = {entry.file for entry in entries_of(bundle)}
    if bundle.manifest:
        declared |= {*bundle.manifest.roles.values()}
    if absent := sorted(declared - present):
        raise BundleError(
            f"{folder / absent[0]}: no such file; {bundle.model_path.name} needs it. Only a whole "
            "bundle is sealed: get the file first."
        )
    for entry in entries_of(bundle):
        size = (folder / entry.file).stat().st_size
        if entry.offset is not None and entry.offset + entry.bytes > size:
            raise BundleError(
                f"{folder / entry.file}: expected tensor {entry.name!r} at bytes {entry.offset} to "
                f"{entry.offset + entry.bytes}, found {size} bytes. The file is truncated or of "
                "another model. Only a whole bundle is sealed: get the file again."
            )
    return sorted(present - {manifest.name})


def _counts(entry: TensorEntry) -> bool:
    return entry.offset is not None or entry.bytes >= INSIDE


def _row(entry: TensorEntry, seen: RegionScan) -> dict[str, Any]:
    row = {**asdict(entry), "shape": list(entry.shape), "blake3": seen.blake3}
    return {key: value for key, value in row.items() if value is not None}


def _write(path: Path, document: Mapping[str, Any]) -> None:
    """Write the whole file beside the old one and let it take its place at once."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_text(_text(document), "utf-8")
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise BundleError(f"{path}: cannot be written: {error.strerror}.") from None


def _text(document: Mapping[str, Any]) -> str:
    """Write JSON for people: one line for each tensor, since there may be hundreds."""
    tensors = document["tensors"]
    head, empty, tail = json.dumps(
        {**document, "tensors": []}, indent=2, ensure_ascii=False
    ).rpartition('"tensors": []')
    rows = ",\n".join(f"    {json.dumps(row, ensure_ascii=False)}" for row in tensors)
    return f"{head}" + (f'"tensors": [\n{rows}\n  ]' if tensors else empty) + f"{tail}\n"
