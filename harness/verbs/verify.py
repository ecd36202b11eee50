"""`harness verify`: is a bundle what its manifest says, and which tensor is not?"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harness.verbs import common
from harness.verbs.common import MISSED, PASSED

if TYPE_CHECKING:
    from harness.integrity.verify import Verified
    from harness.records import Finding


@click.command()
@click.argument("model", type=click.Path(path_type=Path))
@click.option("--fast", is_flag=True, help="Compare the blake3 of the files; read no values.")
@click.option(
    "--export",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Also write the manifest's list for `sha256sum -c`, to be run beside the model.",
)
@click.option("--canaries", is_flag=True, help="Run the model: does it answer as when sealed?")
@common.as_json
def verify(model: Path, fast: bool, export: Path | None, canaries: bool, as_json: bool) -> None:
    """Hold a bundle against MODEL.manifest.json, and name the tensors that changed.

    Reads every byte once: sha256 of the files, blake3 and values of the tensors. Ends with 1 where
    a byte differs, a tensor is not where its graph says, or a value is NaN or looks broken.
    """
    from dataclasses import asdict

    from harness.integrity.drift import check_canaries
    from harness.integrity.verify import checksum_list, verify_bundle
    from harness.report.bundle_tables import verify_table

    start = time.perf_counter()
    found = verify_bundle(model, fast=fast)
    seconds = time.perf_counter() - start
    answers, drifts = check_canaries(model) if canaries else ((), ())
    findings = (*found.findings, *answers)
    if export:
        common.write(export, checksum_list(found.manifest))
    told = {**_told(found, findings, seconds), "canaries": [asdict(drift) for drift in drifts]}
    text = verify_table(told, findings, colour=common.colour())
    click.echo(common.to_json(told) if as_json else text, nl=as_json)
    sys.exit(PASSED if told["holds"] else MISSED)


def _told(found: Verified, findings: tuple[Finding, ...], seconds: float) -> dict[str, Any]:
    from dataclasses import asdict

    seal = found.manifest.sealed
    return {
        "model": str(found.bundle.model_path),
        "manifest": str(found.manifest.path),
        "holds": all(finding.holds for finding in findings),
        "sealed": asdict(seal) if seal else None,
        "digest": found.digest,
        "seconds": seconds,
        "files": [
            {
                "name": name,
                "bytes": seen.bytes,
                "expected": getattr(found.manifest.files[name], found.digest),
                "found": seen.digests[found.digest],
            }
            for name, seen in found.scan.files.items()
        ],
        "tensors": len(found.manifest.tensors),
        "changed": [
            {**asdict(change.tensor), "expected": change.tensor.blake3, "found": change.found}
            for change in found.changed
        ],
        "findings": [asdict(finding) for finding in findings],
    }
