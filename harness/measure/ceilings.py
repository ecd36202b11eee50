"""The most that this machine does in a second: memory moved, products computed.

A rate is measured in several ways, each sample is kept, and how is told in `rates`. Only an upper
bound can show that something is impossible, and a busy machine hides what its cores do together:
so products are measured on one core too, which finds a quiet moment sooner.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.errors import MeasurementError
from harness.measure.host import allowed_cores
from harness.records import Measurement
from harness.units import MB, Unit

RATES = Path(__file__).with_name("rates.py")
PRODUCTS = "gemm"  # how the names of rates of products begin; the others are bandwidths
GRACE_S = 60.0  # beyond its time, after which a process is ended: a slow machine may need some
UNKNOWN_CACHE = 512 * MB  # assumed where the kernel names none: more than processors have
SMALLEST, LARGEST = 128 * MB, 512 * MB  # of a buffer; there are three
CACHES = 4  # a buffer is so many times as large as the last cache


@dataclass(frozen=True, kw_only=True)
class Ceilings:
    """What was measured, and with what."""

    measurements: tuple[Measurement, ...]  # host.read, host.gemm_fp32, ...: samples per way
    facts: Mapping[str, Any]  # threads, cores, cache_bytes, buffer_bytes, seconds


def measure_ceilings(*, seconds: float, threads: int, python: str = sys.executable) -> Ceilings:
    """Measure the machine's rates in a fresh process.

    Args:
        seconds: wall-clock seconds for all of it, starting Python included.
        threads: how many the pipeline computes with; 0: one per core.
        python: the interpreter to measure with.

    Raises:
        MeasurementError: that process failed, or took a minute longer; says with what words.
    """
    started = time.monotonic()
    cores = threads or allowed_cores()
    cache = last_cache()
    size = min(max(CACHES * cache, SMALLEST), LARGEST)
    how = {"start": started, "end": started + seconds}
    order = {**how, "threads": threads, "cores": cores, "bytes": size}
    lines = _lines([python, "-P", str(RATES), json.dumps(order)], seconds + GRACE_S)
    facts = {
        "threads": threads,
        "cores": cores,
        "cache_bytes": cache,
        "buffer_bytes": size,
        "seconds": time.monotonic() - started,
    }
    return Ceilings(measurements=tuple(_measured(lines)), facts=facts)


def last_cache(root: Path = Path("/sys/devices/system/cpu")) -> int:
    """Return the bytes of the last-level caches of all cores allowed; a large guess if unknown.

    Cores that share a cache count it once.
    """
    found: dict[str, int] = {}
    if not hasattr(os, "sched_getaffinity"):
        return UNKNOWN_CACHE
    for core in sorted(os.sched_getaffinity(0)):
        levels = sorted((root / f"cpu{core}/cache").glob("index*/level"), key=_number)
        if not levels:
            return UNKNOWN_CACHE
        last = levels[-1].parent
        size = (last / "size").read_text("ascii").strip()
        shared = (last / "shared_cpu_list").read_text("ascii").strip()
        found[shared] = int(size.removesuffix("K")) * 1024
    return sum(found.values())


def _number(level: Path) -> int:
    return int(level.read_text("ascii"))


def _measured(lines: list[str]) -> Iterator[Measurement]:
    for line in lines:
        told = json.loads(line)
        yield Measurement(
            metric=f"host.{told['rate']}",
            unit=Unit.COMPUTE if told["rate"].startswith(PRODUCTS) else Unit.BANDWIDTH,
            samples=tuple(told["samples"]),
            note=told["how"],
        )


def _lines(command: list[str], timeout_s: float) -> list[str]:
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=timeout_s, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise MeasurementError(f"The machine's rates were not measured: {error}.") from None
    if done.returncode:
        last = " ".join(done.stderr.strip().splitlines()[-1:]) or "It said nothing."
        raise MeasurementError(
            f"The machine's rates were not measured: they ended with {done.returncode}: {last}"
        )
    return done.stdout.splitlines()
