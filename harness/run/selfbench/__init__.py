"""The harness measured by itself: what it costs, what it misses, how often it is wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from harness.run.recording import Recording
from harness.run.selfbench.alarms import alarms_pass
from harness.run.selfbench.memory import memory_pass
from harness.run.selfbench.overhead import overhead_pass
from harness.run.selfbench.starts import starts_pass
from harness.suite import Selfbench

Take = Callable[[Selfbench, Recording], None]

# What is measured here, the longest last.
PARTS: Mapping[str, Take] = {
    "help": starts_pass,
    "overhead": overhead_pass,
    "memory": memory_pass,
    "alarms": alarms_pass,
}


def selfbench(part: Selfbench, takes: Mapping[str, Take], recording: Recording) -> None:
    """Take the parts `takes`, by name, one after the other.

    Raises:
        MeasurementError: the pipeline does not load, or this system cannot measure a part.
    """
    recording.fact("selfbench", list(takes))
    for name, take in takes.items():
        recording.say(f"selfbench {name}")
        take(part, recording)
