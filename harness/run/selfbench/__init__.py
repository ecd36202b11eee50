"""The harness measured by itself: what it costs, what it misses, how often it is wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from harness.run.recording import Recording
from harness.run.selfbench.alarms import alarms_pass
from harness.run.selfbench.overhead import overhead_pass
from harness.run.selfbench.starts import starts_pass
from harness.suite import Selfbench

# What can be measured, the longest last.
PARTS: Mapping[str, Callable[[Selfbench, Recording], None]] = {
    "help": starts_pass,
    "overhead": overhead_pass,
    "alarms": alarms_pass,
}


def selfbench(part: Selfbench, names: Sequence[str], recording: Recording) -> None:
    """Measure the parts `names`, in the order of `PARTS`.

    Raises:
        MeasurementError: the pipeline does not load, or this system cannot measure a part.
    """
    chosen = [name for name in PARTS if name in names]
    recording.fact("selfbench", chosen)
    for name in chosen:
        recording.say(f"selfbench {name}")
        PARTS[name](part, recording)
