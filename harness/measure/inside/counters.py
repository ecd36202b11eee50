"""What the kernel counts of this process and of the cores that it may use, read from /proc.

Standard library only: the measured process loads this file by path, beside the probe.
"""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Iterable, Mapping

KIB = 1024  # bytes; what /proc writes as kB


def memory() -> dict[str, int]:
    """Return this process's memory in bytes: VmHWM, VmRSS, RssAnon, RssFile, RssShmem, VmSwap.

    All of one reading of /proc/self/status; empty where there is none. VmHWM is the peak of VmRSS
    since exec. The kernel gathers these counts per core: they may lag by some hundred KiB.
    """
    try:
        with open("/proc/self/status", "rb", buffering=0) as file:
            lines = file.read().splitlines()
    except FileNotFoundError:
        return {}
    pairs = (line.split(b":", 1) for line in lines if line.startswith((b"Vm", b"Rss")))
    wanted = {"VmHWM", "VmRSS", "RssAnon", "RssFile", "RssShmem", "VmSwap"}
    return {
        name.decode(): int(value.split()[0]) * KIB
        for name, value in pairs
        if name.decode() in wanted
    }


def mapped(files: Iterable[str]) -> dict[str, int]:
    """Return how much of some files this process maps, and has resident, in bytes.

    Of /proc/self/smaps, which takes milliseconds where much is mapped.
    """
    wanted = {os.path.realpath(file) for file in files}
    found = {"size": 0, "resident": 0}
    counted = False
    with open("/proc/self/smaps", encoding="utf-8", errors="replace") as smaps:
        for line in smaps:
            name, _, rest = line.partition(" ")
            if not name.endswith(":"):  # the head of a mapping: addresses ... path
                counted = line[line.find("/") :].rstrip("\n") in wanted
            elif counted and name == "Size:":
                found["size"] += int(rest.split()[0]) * KIB
            elif counted and name == "Rss:":
                found["resident"] += int(rest.split()[0]) * KIB
    return found


def outside(throttling: str | None = None) -> dict[str, float] | None:
    """Return counters of what happened on the cores that this process may use, and to it.

    In seconds: at, the clock; busy and steal, sums over the `cores`; own, the CPU time of this
    process and of all its descendants; throttled, how long its control group was held back, by the
    file `throttling`; pressure, how long some task of the machine waited for a core (absent where
    the kernel does not count it). Numbers: major_faults, involuntary_switches, of this process.
    None where the kernel offers no /proc/stat.
    """
    try:
        with open("/proc/stat", "rb", buffering=0) as file:
            lines = file.read().splitlines()
    except FileNotFoundError:
        return None
    names = {b"cpu%d" % core for core in os.sched_getaffinity(0)}
    rows = [line.split() for line in lines if line.split(b" ", 1)[0] in names]
    tick = os.sysconf("SC_CLK_TCK")
    used = resource.getrusage(resource.RUSAGE_SELF)
    # user nice system idle iowait irq softirq steal; a guest's time is within user and nice
    busy = sum(int(row[column]) for row in rows for column in (1, 2, 3, 6, 7))
    return {
        "at": time.perf_counter(),
        "busy": busy / tick,
        "steal": sum(int(row[8]) for row in rows) / tick,
        "own": cpu_seconds() + sum(map(_cpu_of, descendants())),
        "throttled": throttled(throttling),
        "major_faults": used.ru_majflt,
        "involuntary_switches": used.ru_nivcsw,
        "cores": len(rows),
        **_pressure(),
    }


def cpu_seconds() -> float:
    """Return the CPU time of this process and of its children that have ended, in seconds."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def descendants() -> list[int]:
    """Return the processes below this one that have not been reaped, zombies included."""
    found, unseen = [], [os.getpid()]
    while unseen:
        below = [child for pid in unseen for child in _children(pid)]
        found += below
        unseen = below
    return found


def _children(pid: int) -> list[int]:
    """Return the children of all threads of a process; none where the kernel does not list them."""
    children: list[int] = []
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/children", "rb", buffering=0) as file:
                children += map(int, file.read().split())
    except (FileNotFoundError, ProcessLookupError):
        pass  # it ended meanwhile
    return children


def _cpu_of(pid: int) -> float:
    """Return the CPU seconds of a process and of what it has reaped."""
    try:
        with open(f"/proc/{pid}/stat", "rb", buffering=0) as file:
            fields = file.read().rpartition(b")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")  # utime stime cutime cstime


def _pressure() -> dict[str, float]:
    try:
        with open("/proc/pressure/cpu", "rb", buffering=0) as file:
            words = file.read().split()
    except OSError:
        return {}
    totals = [word for word in words if word.startswith(b"total=")]
    return {"pressure": int(totals[0].removeprefix(b"total=")) / 1e6}


def throttled(file: str | None) -> float:
    """Return the seconds for which a control group was held back, by its `cpu.stat`."""
    if file is None:
        return 0.0
    with open(file, encoding="ascii") as stat:
        pairs = dict(line.split() for line in stat)
    return int(pairs.get("throttled_usec", 0)) / 1e6 + int(pairs.get("throttled_time", 0)) / 1e9


def difference(
    before: Mapping[str, float] | None, after: Mapping[str, float] | None
) -> dict[str, float] | None:
    """Return what `outside` counted in between; `cores` is not a counter and stays."""
    if before is None or after is None:
        return None
    return {name: after[name] if name == "cores" else after[name] - before[name] for name in before}
