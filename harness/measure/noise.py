"""How quiet the machine was: over a whole run, and around one sample.

Only causes outside the measured process count. Its own duration, page faults or waits never make
a sample suspect, or dropping suspects would select the fast ones.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from harness.measure.host import load_average, throttling_file
from harness.measure.inside.counters import difference, outside
from harness.units import Unit, show

# Where quiet ends. Steal and pressure are shares of time, the others' CPU is a share of one core.
STEAL = 0.005
FOREIGN = 0.1
PRESSURE = 0.05

WATCH_S = 2.0  # seconds of quiet that `wait_for_quiet` waits for


@dataclass(frozen=True, kw_only=True)
class Calm:
    """What was seen of the machine over an interval."""

    noise: Mapping[str, str]  # for `Environment.noise`
    doubts: tuple[str, ...]  # what was not quiet, each with its remedy; empty: it was quiet


class Noise:
    """Watches the machine between `start` and `stop`.

    This process and its children that have ended count as own, whatever else runs on the cores
    that it may use as foreign.
    """

    def start(self) -> None:
        """Begin the interval."""
        self._throttling = throttling_file()
        self._before = outside(self._throttling)
        self._load = load_average()

    def stop(self) -> Calm:
        """End the interval and say how quiet it was."""
        seen = difference(self._before, outside(self._throttling))
        noise = {"load average at start": self._load, "load average at end": load_average()}
        if seen is None:
            doubt = "How quiet the machine was is not known: there is no /proc/stat. Use Linux."
            return Calm(noise=noise, doubts=(doubt,))
        return Calm(noise={**noise, **_told(seen)}, doubts=tuple(doubts(seen)))


def watched() -> dict[str, float] | None:
    """Return what happened on the allowed cores in the next 2 s, asleep; None: cannot be seen."""
    file = throttling_file()
    before = outside(file)
    time.sleep(WATCH_S)
    return difference(before, outside(file))


def wait_for_quiet(
    most_s: float,
    say: Callable[[str], None],
    watch: Callable[[], Mapping[str, float] | None] = watched,
) -> bool:
    """Wait about `most_s` seconds at most until nothing disturbs; return whether that came.

    Quiet is what taints no sample: for 2 s the others use less than 0.1 core, and less than 0.5 %
    of the time is stolen. What it waits for is said once, and what there still was as it gave up.
    """
    waited = 0.0
    while (seen := watch()) is not None:
        share = shares(seen)
        if share["foreign"] < FOREIGN and share["steal"] < STEAL:
            return True
        busy = f"others use {share['foreign']:.2f} cores, {show(share['steal'], Unit.RATIO)} stolen"
        if not waited:
            say(f"Waiting up to {most_s:g} s for a quiet machine: {busy}.")
        waited += seen["at"]
        if waited >= most_s:
            say(f"It did not become quiet within {most_s:g} s: {busy}. Measuring all the same.")
            return False
    say("How quiet the machine is cannot be seen: there is no /proc/stat. Not waiting.")
    return False


def tainted(seen: Mapping[str, float] | None) -> bool:
    """Return whether a sample was disturbed from outside, by the difference of two `outside`.

    It was if its control group was held back, if more than 0.5 % of its time on the allowed cores
    was stolen, or if other processes used more than 0.1 core. The kernel counts in ticks of 10 ms,
    so of the others' time one tick is forgiven for each core that the process itself kept busy.
    """
    if seen is None or seen["at"] <= 0:
        return False
    tick = 1 / os.sysconf("SC_CLK_TCK")
    forgiven = tick * max(1, math.ceil(seen["own"] / seen["at"]))
    return (
        seen["throttled"] > 0
        or seen["steal"] > STEAL * seen["at"] * seen["cores"]
        or seen["busy"] - seen["own"] > FOREIGN * seen["at"] + forgiven
    )


def shares(seen: Mapping[str, float]) -> dict[str, float]:
    """Return steal and pressure as shares of time, foreign CPU as a share of one core."""
    elapsed = max(seen["at"], 1e-9)
    return {
        "steal": seen["steal"] / elapsed / max(1.0, seen["cores"]),
        "foreign": max(0.0, seen["busy"] - seen["own"]) / elapsed,
        "pressure": seen.get("pressure", 0.0) / elapsed,
    }


def doubts(seen: Mapping[str, float]) -> Iterable[str]:
    """Yield what was not quiet over an interval, each with its remedy."""
    share = shares(seen)
    if share["steal"] > STEAL:
        yield (
            f"The host gave {show(share['steal'], Unit.RATIO)} of the CPU time to other guests "
            f"(quiet: {show(STEAL, Unit.RATIO)}). Run again later, or on a machine of its own."
        )
    if share["foreign"] > FOREIGN:
        yield (
            f"Other processes used {show(share['foreign'], Unit.RATIO)} of one core "
            f"(quiet: {show(FOREIGN, Unit.RATIO)}). Stop them (`top` names them) and run again."
        )
    if share["pressure"] > PRESSURE:
        yield (
            f"Tasks waited for a core {show(share['pressure'], Unit.RATIO)} of the time (quiet: "
            f"{show(PRESSURE, Unit.RATIO)}; the pipeline's own threads count too). Run less at "
            "once, or give the pipeline no more threads than cores."
        )
    if seen["throttled"] > 0:
        yield (
            f"A CPU quota held this group of processes back for "
            f"{show(seen['throttled'], Unit.SECONDS)}. Raise the quota and run again."
        )


def _told(seen: Mapping[str, float]) -> dict[str, str]:
    share = {name: show(value, Unit.RATIO) for name, value in shares(seen).items()}
    pressure = share["pressure"] if "pressure" in seen else "not exposed by the kernel"
    return {
        "watched for": show(seen["at"], Unit.SECONDS),
        "steal": share["steal"],
        "foreign CPU": f"{share['foreign']} of one core",
        "pressure (some task waited for a core)": pressure,
        "held back by a CPU quota": show(seen["throttled"], Unit.SECONDS),
    }
