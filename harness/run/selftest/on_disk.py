"""Faults of the model's files."""

from __future__ import annotations

from pathlib import Path

from harness.run.selftest.making import VALIDATE, fault, placed
from harness.run.selftest.project import DATA, seal


def cut(folder: Path) -> None:
    """Take the last byte off the weights."""
    data = folder / DATA
    data.write_bytes(data.read_bytes()[:-1])


def flip(folder: Path) -> None:
    """Flip one bit in the middle of the weights."""
    content = bytearray((folder / DATA).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / DATA).write_bytes(content)


def spoil_number(folder: Path) -> None:
    """Make one weight NaN, and seal what came of it."""
    content = (folder / DATA).read_bytes()
    (folder / DATA).write_bytes(content[:400] + b"\0\0\xc0\x7f" + content[404:])
    seal(folder, anyway=True)


WHOLE = fault("weights-whole", "a model as it was sealed", placed(*VALIDATE))
ON_DISK = (
    fault(
        "weights-cut",
        "weights cut short by a byte",
        placed(*VALIDATE, spoil=cut),
        *("exit 1", "breach tensors_inside_file", "breach sizes_match_manifest"),
        names=("'weights'", "1 short"),
        control=WHOLE,
    ),
    fault(
        "weights-flipped",
        "one bit of the weights flipped",
        placed(*VALIDATE, spoil=flip),
        *("exit 1", "breach digests_match_manifest"),
        names=(DATA,),
        control=WHOLE,
    ),
    fault(
        "weights-nan",
        "a weight that is NaN, sealed so",
        placed(*VALIDATE, spoil=spoil_number),
        *("exit 1", "breach no_weight_is_nan"),
        names=("'weights'", "NaN in 1 of"),
        control=WHOLE,
    ),
)
