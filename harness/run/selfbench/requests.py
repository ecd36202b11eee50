"""What the parts that send requests share: clips, jobs, and which measurements are kept."""

from __future__ import annotations

from collections.abc import Container
from pathlib import Path

from harness.accuracy.sets import read_set
from harness.config import Settings
from harness.measure.job import Job
from harness.measure.keeper import Emit
from harness.records import Finding, Measurement, Transcript
from harness.run.jobs import job_of
from harness.run.plan import draw
from harness.suite import Rounds, Selfbench

END_TO_END = "latency.end_to_end"  # the metric that is compared

# What is kept of a process. The rest has no say here, and would be most of a long journal.
KEPT = frozenset({END_TO_END, "disturbance.foreign", "disturbance.steal", "disturbance.pressure"})


def short_job(settings: Settings, part: Selfbench, rounds: Rounds) -> Job:
    """Return the job of one short process.

    Raises:
        ReferenceSetError: the set that `part` names is absent, empty or damaged.
    """
    clips = draw(read_set(Path(settings.suite.sets) / part.set), part.clips, settings.suite.seed)
    return job_of(
        settings,
        clips,
        repeats=rounds.repeats,
        warmup=part.warmup,
        timeout_s=part.timeout_s,
    )


def only(emit: Emit, metrics: Container[str] = KEPT) -> Emit:
    """Pass findings on, and of the measurements those of `metrics`."""

    def kept(record: Measurement | Finding | Transcript) -> None:
        if not isinstance(record, Measurement) or record.metric in metrics:
            emit(record)

    return kept
