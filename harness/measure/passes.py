"""The passes of a run: latency, memory, transcripts. Each measures in fresh processes.

What is seen is handed on at once; what goes wrong becomes a finding, see `keeper`.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator, Mapping, Sequence

from harness.errors import MeasurementError
from harness.measure import samples
from harness.measure.inside.counters import memory
from harness.measure.job import Job, cold_processes, schedule
from harness.measure.keeper import (
    ADDS_UP,
    ANSWERS,
    AS_HEARD,
    FORWARD,
    STAGES_WEIGHED,
    STARTS_COLD,
    Emit,
    Keeper,
    finding,
)
from harness.measure.ledger import ledger
from harness.measure.pages import Residency, drop, fill, residency
from harness.measure.process import Report
from harness.measure.samples import Said
from harness.progress import Step, nothing
from harness.records import Clip, Finding, Measurement, Transcript

More = Callable[[int], int]  # processes done -> how many to add; 0 ends the pass


def latency_pass(
    job: Job, emit: Emit, more: More = lambda done: 0, *, step: Step = nothing
) -> None:
    """Time the load, the first request and the stages of warm requests.

    `job.cold` processes, drawn by the seed, find the files of `job.bundle` on disk only, the
    others in the cache. One more process hears the clips for their words: a timed request must
    have got the same answer.

    Args:
        job: what is timed; `processes` of it in any case.
        emit: takes each measurement and finding.
        more: asked whenever all processes so far are done, with their number: how many to add.
        step: called after each process.

    Raises:
        MeasurementError: the first process could not load the pipeline; or this is not Linux.
    """
    keeper, timed = Keeper("latency", job, emit), list[Said]()
    number, upto = 0, job.processes
    colds = cold_processes(job)
    if 0 not in colds:
        fill(job.bundle)
    while number < upto and not keeper.given_up:
        cold = drop(job.bundle) if number in colds else None
        if cold is not None and (number == min(colds) or not cold.cold):
            emit(starts_cold(cold))
        said = keeper.run("latency", schedule(job, number), cold=cold)
        for measurement in samples.latency(said, job):
            emit(measurement)
        keeper.check_sums(said)
        timed.append(said)
        number += 1
        step()
        if number == upto and not keeper.given_up:
            upto += more(number)
    if not keeper.given_up:
        keeper.check_answers(timed, keeper.run("transcribe", _sent(job, number)))
    keeper.close(ADDS_UP, FORWARD, AS_HEARD)


def _sent(job: Job, processes: int) -> tuple[Clip, ...]:
    """Return each clip that so many processes are sent once, in the reverse of their order."""
    sent = (clip for number in range(processes) for clip in schedule(job, number))
    return tuple(dict.fromkeys(sent))[::-1]


def starts_pass(job: Job, emit: Emit, *, step: Step = nothing) -> None:
    """Time the warm load and weigh the whole process, for one request in each of `job.processes`.

    Raises:
        MeasurementError: the first process could not load the pipeline; or this is not Linux.
    """
    keeper = Keeper("starts", job, emit)
    fill(job.bundle)
    for number in range(job.processes):
        said = keeper.run("latency", schedule(job, number)[:1])
        for measurement in (*samples.latency(said, job), *samples.peak(said)):
            emit(measurement)
        step()
        if keeper.given_up:
            break
    keeper.close()


def memory_pass(job: Job, emit: Emit, *, step: Step = nothing) -> None:
    """Weigh the whole process, and in processes apart each stage, in an order drawn by the seed.

    `step` is called after each of the `2 * job.processes` processes.

    Raises:
        MeasurementError: the first process could not load the pipeline; or this is not Linux.
    """
    if not memory():
        raise MeasurementError("Memory is read from /proc/self/status. Measure it on Linux.")
    keeper = Keeper("memory", job, emit)
    modes = ["memory"] * job.processes
    if _peak_can_be_set_back(emit):
        modes += ["memory_stages"] * job.processes
    random.Random(job.seed).shuffle(modes)
    for number, mode in enumerate(modes):
        said = keeper.run(mode, schedule(job, number))
        for measurement in _weighed(mode, said, job):
            emit(measurement)
        step()
        if keeper.given_up:
            break
    keeper.close()


def _weighed(mode: str, said: Said, job: Job) -> Iterator[Measurement]:
    if mode == "memory":
        yield from samples.memory(said, job)
        yield from samples.cached(said, residency(job.bundle))
    else:
        yield from samples.stage_memory(said, job)
        yield from ledger(said, job)


def transcribe_pass(
    job: Job, clips_by_set: Mapping[str, Sequence[Clip]], emit: Emit, *, step: Step = nothing
) -> None:
    """Let the pipeline hear every clip of some sets once, each set in a process of its own.

    After a crash a new process goes on with the clip after it. `step` is called after each clip.

    Raises:
        MeasurementError: the first process could not load the pipeline; or this is not Linux.
    """
    keeper = Keeper("transcribe", job, emit)
    for name, clips in clips_by_set.items():
        unheard = list(clips)
        while unheard and not keeper.given_up:
            said = keeper.run("transcribe", unheard, hear=_transcriber(name, unheard, emit, step))
            unheard = unheard[said.sent :]
            for measurement in samples.hearing(said):
                emit(measurement)
        if unheard:
            keeper.broken(ANSWERS, f"{len(unheard)} clips of {name} were not sent any more.")
    keeper.close()


def _transcriber(
    name: str, clips: Sequence[Clip], emit: Emit, step: Step
) -> Callable[[Report], None]:
    known = {clip.id: clip for clip in clips}

    def hear(report: Report) -> None:
        if report["kind"] == "called":
            emit(transcript_of(name, known[report["clip"]], report))
        if report["kind"] in ("called", "failed"):
            step()

    return hear


def transcript_of(name: str, clip: Clip, report: Report) -> Transcript:
    """Return what a process reported as `called` of a clip of the set `name`."""
    return Transcript(
        set=name,
        clip=clip.id,
        condition=clip.condition,
        speaker=clip.speaker,
        seconds=clip.seconds,
        reference=clip.text,
        hypothesis=report["text"],
        greedy=report["greedy"],
        elapsed=report["elapsed"] / samples.NS,
        expect=clip.expect,
        broke=report["broke"],
    )


def starts_cold(cold: Residency) -> Finding:
    """Return whether the files of a bundle were on disk only when a process started."""
    if cold.cold:
        return finding(STARTS_COLD, f"{cold}.", holds=True)
    detail = f"{cold}. Put the model on a disk (not tmpfs) and end what else maps its files."
    return finding(STARTS_COLD, detail, holds=True, checked=False)


def _peak_can_be_set_back(emit: Emit) -> bool:
    try:
        os.close(os.open("/proc/self/clear_refs", os.O_WRONLY))
    except OSError as error:
        detail = f"/proc/self/clear_refs: {error.strerror}. The memory of stages is not measured; "
        detail += "run where a process may write there (not in a restricted container)."
        emit(finding(STAGES_WEIGHED, detail, holds=True, checked=False))
        return False
    return True
