"""Which instructions the processor has that change how a model's sums are rounded."""

from __future__ import annotations

import platform
from collections.abc import Set
from functools import cache
from pathlib import Path

# Level -> flags of /proc/cpuinfo that it needs; the best comes first. onnxruntime has kernels of
# its own for each.
LEVELS: tuple[tuple[str, frozenset[str]], ...] = (
    ("amx", frozenset({"amx_tile", "amx_int8"})),
    ("avx512_vnni", frozenset({"avx512f", "avx512_vnni"})),
    ("avx512", frozenset({"avx512f", "avx512bw"})),
    ("avx_vnni", frozenset({"avx2", "avx_vnni"})),
    ("avx2", frozenset({"avx2", "fma"})),
    ("avx", frozenset({"avx"})),
    ("i8mm", frozenset({"i8mm"})),  # Arm from here on
    ("asimddp", frozenset({"asimddp"})),
)


@cache
def level() -> str:
    """Return the level of this machine's processor; its architecture where none is known."""
    return level_of(_flags(Path("/proc/cpuinfo"))) or platform.machine()


def level_of(flags: Set[str]) -> str:
    """Return the best level that these flags have; "" where they have none."""
    return next((name for name, needs in LEVELS if needs <= flags), "")


def _flags(cpuinfo: Path) -> frozenset[str]:
    try:
        lines = cpuinfo.read_text("utf-8", "replace").splitlines()
    except OSError:  # elsewhere than Linux
        return frozenset()
    found = (line.partition(":") for line in lines)
    return frozenset(
        next((v.split() for key, _, v in found if key.strip() in ("flags", "Features")), ())
    )
