"""`harness seal`: write down what a bundle is, from a copy that is trusted."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from harness.verbs import common
from harness.verbs.common import MISSED, PASSED


@click.command()
@click.argument("model", type=click.Path(path_type=Path))
@click.option("--source", default="", metavar="URL", help="Where the files can be had again.")
@click.option("--by", default=None, metavar="NAME", help="Who seals it.  [default: the user]")
@click.option("--anyway", is_flag=True, help="Seal it although a finding forbids it.")
@click.option("--no-canaries", is_flag=True, help="Do not run the model, store no answers.")
@click.option(
    "--codes",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE.npy",
    help="More codes to be canaries, e.g. those of real speech.",
)
@common.as_json
def seal(
    model: Path,
    source: str,
    by: str | None,
    anyway: bool,
    no_canaries: bool,
    codes: Path | None,
    as_json: bool,
) -> None:
    """Write MODEL.manifest.json: size, sha256 and blake3 of every file, blake3 of every tensor.

    The model is run on fixed codes, and what it answers is kept in MODEL.canaries.npz: `harness
    validate` and `harness verify --canaries` hold every later answer against it.

    What an earlier manifest says of roles, contract and licence is kept. Seal only a copy that
    you trust: `harness verify` holds every other copy against it. Ends with 1, and writes nothing,
    where a tensor holds NaN or looks broken in another way, or a file is not the one that the
    earlier manifest names.
    """
    from dataclasses import asdict

    from harness.integrity.seal import seal_bundle, seal_now
    from harness.report.bundle_tables import seal_table

    now, taken = seal_now(by or ""), not no_canaries
    done = seal_bundle(model, now, source=source, anyway=anyway, canaries=taken, codes=codes)
    told = {
        "manifest": str(done.manifest),
        "written": done.written,
        "files": done.document["files"],
        "tensors": done.document["tensors"],
        "canaries": done.document.get("canaries"),
        "findings": [asdict(finding) for finding in done.findings],
    }
    text = seal_table(told, done.findings, colour=common.colour())
    click.echo(common.to_json(told) if as_json else text, nl=as_json)
    sys.exit(PASSED if all(finding.holds for finding in done.findings) else MISSED)
