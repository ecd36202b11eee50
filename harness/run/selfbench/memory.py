"""Whether the memory of a stage is true: known amounts are planted, and two instruments look."""

from __future__ import annotations

from dataclasses import asdict

from harness.progress import progress
from harness.run.memory_truth import HELD_S, SIZES, memory_truth
from harness.run.recording import Recording
from harness.suite import Selfbench


def memory_pass(part: Selfbench, recording: Recording) -> None:
    """Plant every amount `part.plantings` times; what was seen of each is a fact of the run.

    Raises:
        MeasurementError: as in `memory_truth`.
    """
    with progress("memory", total=len(SIZES) * len(HELD_S) * part.plantings) as step:
        seen = memory_truth(
            repeats=part.plantings,
            seed=recording.settings.suite.seed,
            timeout_s=part.timeout_s,
            step=step,
        )
    recording.fact("memory", [asdict(planting) for planting in seen])
