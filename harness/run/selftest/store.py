"""Faults of what is written down: the references of a set, the disk that a run is kept on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from harness.run.selftest.limits import small_disk
from harness.run.selftest.making import BENCH, fault, placed
from harness.run.selftest.processes import HEARS
from harness.run.selftest.project import sentences
from harness.store import find_run, read_run
from harness.units import KB, MB

DISK = "disk"  # folder of a project that is a small disk
SMALL, LARGE = 24 * KB, 64 * MB  # bytes of it
MANY = 100  # clips, whose transcripts alone are more than the small disk holds


def swapped(folder: Path) -> None:
    """Swap the references of two clips."""
    manifest = folder / "sets/words/manifest.jsonl"
    rows = [json.loads(row) for row in manifest.read_text("utf-8").splitlines()]
    rows[1]["text"], rows[2]["text"] = rows[2]["text"], rows[1]["text"]
    manifest.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")


def kept(project: Path) -> Mapping[str, str]:
    """Say how much can be read of what was kept on the small disk; nothing where that is nothing.

    Raises:
        StoreError: it cannot be read.
    """
    heard = len(read_run(find_run(project / DISK / "runs", "latest")).transcripts)
    return {"kept": f"{heard} transcripts can be read"} if heard else {}


ROOM = fault(
    "disk-with-room",
    "a disk with room for the run",
    placed(
        *(*BENCH, "test_accuracy", "--reports", DISK),
        clips=sentences(MANY),
        within=partial(small_disk, DISK, LARGE),
        also=kept,
    ),
)
STORE = (
    fault(
        "swapped",
        "the transcripts of two clips swapped",
        placed(*BENCH, "test_accuracy", spoil=swapped),
        *("exit 1", "breach transcripts_stand_by_their_clips"),
        names=("w1: expected", "w2: expected"),
        control=HEARS,
    ),
    fault(
        "disk-full",
        "a disk that is full before the run has ended",
        placed(
            *(*BENCH, "test_accuracy", "--reports", DISK),
            clips=sentences(MANY),
            within=partial(small_disk, DISK, SMALL),
            also=kept,
        ),
        "exit 2",
        notes=("kept",),
        names=(f"{DISK}/runs/", "transcripts can be read"),
        control=ROOM,
    ),
)
