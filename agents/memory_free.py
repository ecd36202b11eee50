"""How much memory can still be taken: what the tightest of these leaves.

the machine           MemAvailable
every control group   around this process, v1 and v2; page cache can be reclaimed: it is free
total_memory_mb       of the config, less what this process has resident
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

MARGIN = 64_000_000  # bytes left for the interpreter, audio and text while a run goes on
_COUNTERS = ("VmRSS", "VmHWM", "VmData", "RssAnon", "RssFile")
_UNLIMITED = 1 << 60  # bytes; version 1 of control groups writes "no limit" as a number near 2^63


class Level(NamedTuple):
    """One control group, and the names of its files in its version."""

    folder: Path
    limit: str
    used: str
    reclaimable: tuple[str, ...]  # keys of memory.stat


class Free(NamedTuple):
    """What can still be taken, in bytes, and of what that is the rest."""

    bytes: float
    said: str


def free(total: int = 0) -> Free:
    """Return what is left under the tightest limit, less MARGIN.

    Args:
        total: bytes that this process may have resident; 0: no such limit.
    """
    there = [*_machine(), *_control_groups()]
    if total:
        used = resident()["VmRSS"]
        there.append(_left(f"total_memory_mb = {total / 1e6:g}", total, used))
    return min(there, default=Free(float("inf"), "nothing limits it"))


def resident() -> dict[str, int]:
    """Return what the kernel counts of this process, in bytes; zeros where it does not tell."""
    text = _read(Path("/proc/self/status"))
    found = dict.fromkeys(_COUNTERS, 0)
    for name, kib in re.findall(rf"^({'|'.join(_COUNTERS)}):\s+(\d+) kB$", text, re.MULTILINE):
        found[name] = int(kib) * 1024
    return found


def size_of(count: float) -> str:
    """Write a number of bytes for a person."""
    return f"{count / 1e9:.3f} GB" if count >= 1e9 else f"{count / 1e6:.1f} MB"


def _left(limit: str, size: int, used: int) -> Free:
    said = f"{limit} less {size_of(used)} in use and {size_of(MARGIN)} kept back"
    return Free(size - used - MARGIN, said)


def _machine() -> Iterator[Free]:
    found = re.search(r"^MemAvailable:\s+(\d+) kB$", _read(Path("/proc/meminfo")), re.MULTILINE)
    if found:
        there = int(found[1]) * 1024
        said = f"MemAvailable {size_of(there)} less {size_of(MARGIN)} kept back"
        yield Free(there - MARGIN, said)


def _control_groups() -> Iterator[Free]:
    process = Path("/proc/self")
    for level in levels(_read(process / "cgroup"), _read(process / "mountinfo")):
        limit, used = (_number(level.folder / name) for name in (level.limit, level.used))
        if limit is None or used is None or limit >= _UNLIMITED:
            continue
        stat = dict(re.findall(r"^(\w+) (\d+)$", _read(level.folder / "memory.stat"), re.MULTILINE))
        cache = sum(int(stat.get(key, 0)) for key in level.reclaimable)
        yield _left(f"{level.folder / level.limit} = {limit}", limit, max(0, used - cache))


@functools.lru_cache(maxsize=4)
def levels(groups: str, mounts: str) -> tuple[Level, ...]:
    """Return the control groups that count this process's memory, the innermost first.

    Args:
        groups: the text of /proc/self/cgroup.
        mounts: the text of /proc/self/mountinfo.
    """
    found: list[Level] = []
    paths = [line.split(":", 2) for line in groups.splitlines() if line.count(":") >= 2]
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        fields, kind = before.split(), after.split()
        if len(fields) < 5 or not kind:
            continue
        root, mount = fields[3], Path(fields[4])
        if kind[0] == "cgroup2":
            mine = [path for number, _, path in paths if number == "0"]
            files = ("memory.max", "memory.current")
            keys: tuple[str, ...] = ("active_file", "inactive_file", "slab_reclaimable")
        elif kind[0] == "cgroup" and "memory" in kind[-1].split(","):
            mine = [path for _, names, path in paths if "memory" in names.split(",")]
            files = ("memory.limit_in_bytes", "memory.usage_in_bytes")
            keys = ("total_active_file", "total_inactive_file")
        else:
            continue
        for path in mine:
            found += [Level(folder, *files, keys) for folder in _upwards(mount, root, path)]
    return tuple(found)


def _upwards(mount: Path, root: str, path: str) -> list[Path]:
    """Return the folders from a group's up to the mount; a group outside the mount has but that."""
    inside = Path(path)
    try:
        below = inside.relative_to(root) if ".." not in inside.parts else Path()
    except ValueError:
        below = Path()
    folder = mount / below
    return [folder, *(parent for parent in folder.parents if parent.is_relative_to(mount))]


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _number(path: Path) -> int | None:
    text = _read(path).strip()
    return int(text) if text.isdecimal() else None  # "max": no limit
