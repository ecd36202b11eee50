"""Whether the times in a report can be. A clock that goes backwards gives no fast sample.

The probe reads `time.perf_counter_ns` of the measured process, which never goes backwards on a
machine that is in order. It does where a library in that process has put another function in its
place, or the machine's own clock is broken. Between two readings there is always a call, so a time
of zero or less is no time: the report that holds it is dropped, and said.
"""

from __future__ import annotations

from collections.abc import Iterator

from harness.measure.process import Report


def impossible(report: Report) -> list[str]:
    """Return what a report says took no time or less: `inference -5 ns`; [] where all can be."""
    return [f"{what} {ns} ns" for what, ns in _times(report) if ns <= 0]


def _times(report: Report) -> Iterator[tuple[str, int]]:
    """Yield what a report times, in ns; of stages that are weighed there is no time."""
    for what in ("imports", "load", "elapsed"):
        if what in report:
            yield what, report[what]
    for stage, taken in report.get("stages", {}).items():
        if isinstance(taken, int):
            yield stage, taken
    if "arrival" in report:
        yield "the request", report["end"] - report["start"]
    for taken in report.get("yardstick", ()):
        yield "the yardstick", taken
