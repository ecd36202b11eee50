"""Defects of the numbers in the data file, where every range and size is right."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from harness.integrity.seal import seal_bundle, seal_now
from tests.integrity import planting as p
from tests.integrity.defect import DTYPES, Defect, defect

NAN = {
    "float32": b"\0\0\xc0\x7f",
    "float64": b"\0\0\0\0\0\0\xf8\x7f",
    "float16": b"\0\x7e",
    "bfloat16": b"\xc0\x7f",
    "float8e4m3fn": b"\x7f",
    "float8e5m2": b"\x7e",
}
INFINITE = {
    "float32": b"\0\0\x80\x7f",
    "float16": b"\0\x7c",
    "bfloat16": b"\x80\x7f",
    "float8e5m2": b"\x7c",
}
WEIGHT = (256, 128)  # 128 KiB of float32


def valued(title: str, rule: str, dtype: str, put: bytes, shape: tuple[int, ...] = (64,)) -> Defect:
    """A model whose second tensor holds `put` in its middle."""

    def plant(folder: Path) -> Path:
        path = p.write(folder, (("first", p.FLOAT, (16,)), ("spoilt", DTYPES[dtype], shape)))
        at = 64 + int(np.prod(shape)) // 2 * len(put)
        p.edit_data(folder, lambda content: content[:at] + put + content[at + len(put) :])
        return path

    return defect(title=title, plant=plant, rule=rule, names=("'spoilt'", "bytes 64 to", "1 of"))


def zeroed(folder: Path) -> Path:
    """A matrix of zeros, as what was reserved and never arrived."""
    path = p.write(folder, (("first", p.FLOAT, (16,)), ("spoilt", p.FLOAT, WEIGHT)))
    p.edit_data(folder, lambda content: content[:64] + bytes(len(content) - 64))
    return path


def resealed(spoil: Callable[[bytearray], None]) -> Callable[[Path], Path]:
    """A model sealed with its tensors, whose data is changed afterwards."""

    def plant(folder: Path) -> Path:
        path = p.write(folder)
        seal_bundle(path, seal_now("a test"), canaries=False)
        content = bytearray((folder / p.DATA).read_bytes())
        spoil(content)
        (folder / p.DATA).write_bytes(content)
        return path

    return plant


def flip_third(content: bytearray) -> None:
    """Flip one bit of the last tensor."""
    content[-1] ^= 1


IN_VALUES: tuple[Defect, ...] = (
    *(valued(f"NaN in {d}", "no_weight_is_nan", d, raw) for d, raw in NAN.items()),
    *(valued(f"infinity in {d}", "no_weight_is_infinite", d, raw) for d, raw in INFINITE.items()),
    valued("a bool that is 7", "booleans_are_0_or_1", "bool", b"\7"),
    defect(
        title="a matrix of zeros",
        plant=zeroed,
        rule="no_weight_is_all_zero",
        names=("'spoilt'", "bytes 64 to 131136"),
    ),
    defect(
        title="one bit of one tensor, sealed",
        plant=resealed(flip_third),
        rule="tensors_match_manifest",
        names=("'third'", "bytes 8704 to 8768"),
    ),
)
