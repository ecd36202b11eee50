"""Whether a bundle is the same after a run as before it: the bytes measured are the bytes hashed.

A bundle of less than 100 MB is hashed again, every byte. For a larger one that would take longer
than many a measurement, so size, time of change and inode of each file are compared, and the
blake3 of blocks drawn by a seed of the run: what is written in place, by whatever program, changes
the time, and a file that takes another's place has another inode.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from blake3 import blake3

from harness.errors import BundleError
from harness.integrity.bundle import bundle_files, sha256
from harness.records import Finding

SMALL = 100_000_000  # bytes of a bundle that is hashed again
BLOCK = 65_536  # bytes
BLOCKS = 64  # of each file


@dataclass(frozen=True, kw_only=True)
class Look:
    """What the files of a bundle were at one moment."""

    seed: str  # that drew the blocks
    whole: bool  # every byte was hashed
    files: Mapping[Path, str]  # what was compared of each, as text


def look(model_path: Path, seed: str) -> Look:
    """Look at the files of a bundle as they are now.

    Raises:
        BundleError: the model file is absent, or the manifest cannot be read.
    """
    files = bundle_files(model_path)
    whole = sum(path.stat().st_size for path in files) < SMALL
    prints = {path: sha256(path) if whole else _sampled(path, seed) for path in files}
    return Look(seed=seed, whole=whole, files=prints)


def still_the_same(model_path: Path, before: Look) -> Finding:
    """Look again and say whether the bundle is what it was."""
    try:
        now: Mapping[Path, str] = look(model_path, before.seed).files
        lost = ""
    except (BundleError, OSError) as error:
        now, lost = {}, str(error)
    names = sorted({*before.files, *now}, key=str)
    other = [path.name for path in names if before.files.get(path) != now.get(path)]
    how = "every byte" if before.whole else f"size, time, inode and {BLOCKS} blocks of each file"
    return Finding(
        rule="bytes_measured_are_bytes_hashed",
        title="The files of the bundle are the same after the run as before it.",
        holds=not other,
        detail=lost or (f"Changed meanwhile: {', '.join(other)}. Measure again." if other else ""),
        facts={"compared": how, "seed": before.seed},
    )


def _sampled(path: Path, seed: str) -> str:
    state, hasher = path.stat(), blake3()
    drawn = random.Random(f"{seed} {path.name}")
    with path.open("rb") as file:
        for _ in range(BLOCKS):
            file.seek(drawn.randrange(max(state.st_size - BLOCK, 0) + 1))
            hasher.update(file.read(BLOCK))
    return f"{state.st_size} {state.st_mtime_ns} {state.st_ino} {hasher.hexdigest()}"
