"""A soak: round after round of the same clips in one process, memory read after every request.

A round sends every clip once, in an order drawn anew, so that rounds differ in nothing but what
the process has kept. The first rounds are a warm-up: allocators grow until the longest clip fits,
wherever it stands.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from harness.measure.job import Job
from harness.measure.keeper import Emit, Keeper
from harness.measure.process import Report
from harness.measure.samples import Said
from harness.records import Clip, Measurement
from harness.units import Unit

COUNTERS = {"resident": "VmRSS", "anon": "RssAnon", "file": "RssFile"}


def soak_pass(
    job: Job, emit: Emit, *, warmup: int, rounds: int, step: Callable[[], None] = lambda: None
) -> None:
    """Measure `soak.resident`, `soak.anon` and `soak.file` after every request, in bytes.

    Those of the warm-up are `soak.warmup`, resident alone.

    Args:
        job: its clips are one round.
        emit: takes each measurement and finding.
        warmup: rounds before the counted ones.
        rounds: that are counted, in each of `job.processes`.
        step: called after each answer.

    Raises:
        MeasurementError: the first process could not load the pipeline; or this is not Linux.
    """
    keeper = Keeper("soak", job, emit)
    for number in range(job.processes):
        clips = shuffled_rounds(job, warmup + rounds, number)
        said = keeper.run("memory", clips, hear=lambda report: _count(report, step))
        _emit(said, warmup * len(job.clips), emit)
        if keeper.given_up:
            break
    keeper.close()


def shuffled_rounds(job: Job, rounds: int, process: int) -> tuple[Clip, ...]:
    """Return the clips of one process: all of the job's in each round, in an order of its own."""
    draw = random.Random(f"{job.seed} {process}")
    return tuple(clip for _ in range(rounds) for clip in draw.sample(job.clips, len(job.clips)))


def _count(report: Report, step: Callable[[], None]) -> None:
    if report["kind"] == "called":
        step()


def _emit(said: Said, lead: int, emit: Emit) -> None:
    early = [report for number, report in said.called.items() if number < lead]
    counted = [report for number, report in said.called.items() if number >= lead]
    if early:
        emit(_bytes("soak.warmup", "VmRSS", said, early))
    if counted:
        for name, counter in COUNTERS.items():
            emit(_bytes(f"soak.{name}", counter, said, counted))


def _bytes(metric: str, counter: str, said: Said, reports: Sequence[Report]) -> Measurement:
    return Measurement(
        metric=metric,
        unit=Unit.BYTES,
        samples=tuple(float(report["memory"][counter]) for report in reports),
        process=said.process,
        clips=tuple(report["clip"] for report in reports),
        note="after each request, when its result was dropped",
    )
