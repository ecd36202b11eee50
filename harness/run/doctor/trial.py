"""One request to the pipeline, in a process of its own, as a run would send it."""

from __future__ import annotations

from collections.abc import Iterator

from harness.config import Settings
from harness.errors import HarnessError
from harness.measure.passes import starts_pass
from harness.records import Finding, Measurement, Transcript
from harness.run.doctor.line import Line, broken, ok
from harness.run.jobs import job_of
from harness.run.plan import drawn
from harness.units import show

REMEDY = "The message says what to do; the line of the pipeline's own error stands in it."
SHOWN = {"latency.load_warm": "load", "latency.first_inference": "inference", "memory.peak": "peak"}


def trial(settings: Settings) -> Iterator[Line]:
    """Whether the pipeline loads and answers a clip, what that takes, and what it raises if not."""
    part, seen = settings.suite.latency, list[Finding | Measurement | Transcript]()
    try:
        clips = drawn(settings, "latency.set", part.set, 1)
        starts_pass(job_of(settings, clips, processes=1, timeout_s=part.timeout_s), seen.append)
    except HarnessError as error:
        yield broken("trial", "One request", str(error), REMEDY)
        return
    faults = [record.detail for record in seen if isinstance(record, Finding) and not record.holds]
    if faults:
        yield broken("trial", "One request", " ".join(faults), REMEDY)
        return
    told = [
        f"{SHOWN[record.metric]} {show(record.samples[0], record.unit)}"
        for record in seen
        if isinstance(record, Measurement) and record.metric in SHOWN and record.samples
    ]
    yield ok("trial", "One request", f"clip {clips[0].id}: {', '.join(told)}")
