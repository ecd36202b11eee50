"""What the kernel counts of this process and of the cores that it may use, read from /proc.

Standard library only: the measured process loads this file by path, beside the probe.
"""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Mapping

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


def outside(throttling: str | None = None) -> dict[str, float] | None:
    """Return counters, in seconds, of what happened on the cores that this process may use.

    at: the clock; busy, steal: sums over the `cores`; own: this process's CPU time, with children
    that have ended; throttled: how long its control group was held back, by the file `throttling`.
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
    # user nice system idle iowait irq softirq steal; a guest's time is within user and nice
    busy = sum(int(row[column]) for row in rows for column in (1, 2, 3, 6, 7))
    return {
        "at": time.perf_counter(),
        "busy": busy / tick,
        "steal": sum(int(row[8]) for row in rows) / tick,
        "own": cpu_seconds(),
        "throttled": throttled(throttling),
        "cores": len(rows),
    }


def cpu_seconds() -> float:
    """Return the CPU time of this process and of its children that have ended, in seconds."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


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
