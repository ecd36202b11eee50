"""Rules about the bytes of a bundle, from one pass over its files: digests, tensors, values."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass

from harness.errors import BundleError
from harness.integrity.bundle import Bundle, bundle_files
from harness.integrity.manifest import manifest_path
from harness.integrity.rule import NotChecked, Note, Rule
from harness.integrity.tensors import BundleScan, Progress, entries_of, scan_bundle
from harness.integrity.value_rules import VALUE_RULES
from harness.integrity.verify import Verified, files_are_those_sealed, tensors_are_those_sealed
from harness.progress import progress
from harness.untrusted import is_inside


@dataclass(frozen=True, kw_only=True)
class Read:
    """A bundle whose bytes were read."""

    bundle: Bundle
    scan: BundleScan | None  # None: a file could not be read
    problem: str  # why; "" when all were

    @property
    def verified(self) -> Verified | NotChecked:
        """The bundle against its manifest; or why nothing is compared."""
        if self.bundle.manifest is None:
            return no_manifest(self.bundle)
        if self.scan is None:
            return _unread()
        return Verified(
            bundle=self.bundle, manifest=self.bundle.manifest, digest="sha256", scan=self.scan
        )


def read_bytes(bundle: Bundle, show: Progress = progress) -> Read:
    """Read every file of a bundle once; one that cannot be read is told, not raised."""
    folder, manifest = bundle.model_path.parent, bundle.manifest
    files = set(bundle_files(bundle.model_path)) - {manifest_path(bundle.model_path)}
    known = (f.relative_to(folder).as_posix() for f in files if f.is_relative_to(folder))
    names = sorted(filter(is_inside, known))
    entries = (manifest.tensors if manifest else ()) or entries_of(bundle)
    try:
        scan = scan_bundle(bundle, names, entries, digests=("sha256",), show=show)
    except BundleError as error:
        return Read(bundle=bundle, scan=None, problem=str(error))
    return Read(bundle=bundle, scan=scan, problem="")


def bytes_are_readable(read: Read) -> Iterator[str]:
    """Every file of the bundle can be read to its end."""
    if read.problem:
        yield read.problem


def digests_match_manifest(read: Read) -> Iterator[str]:
    """Every file has the sha256 that the manifest says."""
    match read.verified:
        case Verified() as verified:
            yield from files_are_those_sealed(verified)
        case why:
            yield why


def tensors_match_manifest(read: Read) -> Iterator[str]:
    """Every tensor has the bytes that were sealed."""
    match read.verified:
        case Verified(manifest=manifest) as verified if manifest.tensors:
            yield from tensors_are_those_sealed(verified)
        case Verified(manifest=manifest):
            yield Note(
                f"Note: {manifest.path.name} names no tensors, so that one which changes could not "
                f"be named. From a copy that you trust: harness seal {read.bundle.model_path}"
            )
        case why:
            yield why


def no_manifest(bundle: Bundle) -> NotChecked:
    """Say that the bytes of a bundle are compared with nothing."""
    return NotChecked(
        f"Not checked: there is no {manifest_path(bundle.model_path).name}, so the bytes of this "
        "bundle are compared with nothing. Write one from a copy that you trust: harness seal "
        f"{bundle.model_path}"
    )


def _unread() -> NotChecked:
    return NotChecked("Not checked: a file cannot be read, see `bytes_are_readable`.")


def _of_values(rule: Rule[BundleScan]) -> Rule[Read]:
    @functools.wraps(rule)
    def applied(read: Read) -> Iterator[str]:
        yield from [_unread()] if read.scan is None else rule(read.scan)

    return applied


READ_RULES: tuple[Rule[Read], ...] = (
    bytes_are_readable,
    digests_match_manifest,
    tensors_match_manifest,
    *map(_of_values, VALUE_RULES),
)
