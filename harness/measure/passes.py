"""The passes of a run: latency, memory, transcripts. Each measures in fresh processes.

What is seen is handed on at once. A process that crashes, is killed, hangs or leaves early, and a
clip that the pipeline refuses, become findings; the processes and clips after it go on.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from harness.config import SUITE
from harness.errors import MeasurementError
from harness.measure import samples
from harness.measure.host import throttling_file
from harness.measure.inside.counters import memory
from harness.measure.job import Job, schedule
from harness.measure.ledger import ledger
from harness.measure.pages import Residency, drop, residency
from harness.measure.process import Ending, Fault, Report, run_probe
from harness.measure.samples import Said
from harness.records import Clip, Finding, Measurement, Transcript

Emit = Callable[[Measurement | Finding | Transcript], None]

GIVE_UP = 2  # processes in a row without one answer, after which a pass ends

# Rules that a pass looks at: the name, and the sentence that a person reads.
ENDS_WELL = "measured_processes_end_well"
ANSWERS = "pipeline_answers_every_clip"
ADDS_UP = "stage_times_add_up"
STARTS_COLD = "cold_load_is_cold"
STAGES_WEIGHED = "stage_memory_is_measured"
TITLES = {
    ENDS_WELL: "Every measured process does its work and ends by itself with status 0.",
    ANSWERS: "The pipeline answers every clip that it is sent.",
    ADDS_UP: "The leaf stages of a request never take longer than the request.",
    STARTS_COLD: "No page of the model's files is in the page cache before the cold load.",
    Fault.CRASHED: "No measured process is killed by a signal.",
    Fault.OUT_OF_MEMORY: "No measured process is killed for want of memory.",
    Fault.TIMED_OUT: "Every measured process ends within its time.",
    Fault.LEFT_EARLY: "No measured process ends before its work is done.",
    STAGES_WEIGHED: "The kernel lets a process set back its own memory peak.",
}


def latency_pass(job: Job, emit: Emit) -> None:
    """Time the load, the first request and the stages of warm requests.

    The first `job.cold` processes find the files of `job.bundle` on disk only, the others in
    the cache.

    Raises:
        MeasurementError: the first process could not load the pipeline; or this is not Linux.
    """
    keeper = _Pass("latency", job, emit)
    for number in range(job.processes):
        cold = drop(job.bundle) if number < job.cold and job.bundle else None
        if cold is not None and (number == 0 or not cold.cold):
            emit(_starts_cold(cold))
        said = keeper.run("latency", schedule(job, number), cold=cold)
        for measurement in samples.latency(said, job):
            emit(measurement)
        keeper.check_sums(said)
        if keeper.given_up:
            break
    keeper.close(ADDS_UP)


def memory_pass(job: Job, emit: Emit) -> None:
    """Weigh the whole process, and in processes apart each stage, in an order drawn by the seed.

    Raises:
        MeasurementError: the first process could not load the pipeline; or this is not Linux.
    """
    if not memory():
        raise MeasurementError("Memory is read from /proc/self/status. Measure it on Linux.")
    keeper = _Pass("memory", job, emit)
    modes = ["memory"] * job.processes
    if _peak_can_be_set_back(emit):
        modes += ["memory_stages"] * job.processes
    random.Random(job.seed).shuffle(modes)
    for number, mode in enumerate(modes):
        said = keeper.run(mode, schedule(job, number))
        for measurement in _weighed(mode, said, job):
            emit(measurement)
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


def transcribe_pass(job: Job, clips_by_set: Mapping[str, Sequence[Clip]], emit: Emit) -> None:
    """Let the pipeline hear every clip of some sets once, each set in a process of its own.

    After a crash a new process goes on with the clip after it.

    Raises:
        MeasurementError: the first process could not load the pipeline; or this is not Linux.
    """
    keeper = _Pass("transcribe", job, emit)
    for name, clips in clips_by_set.items():
        unheard = list(clips)
        while unheard and not keeper.given_up:
            said = keeper.run("transcribe", unheard, hear=_transcriber(name, unheard, emit))
            unheard = unheard[said.sent :]
        if unheard:
            keeper.broken(ANSWERS, f"{len(unheard)} clips of {name} were not sent any more.")
    keeper.close()


class _Pass:
    """Runs the processes of one pass, and says what went wrong in them."""

    def __init__(self, name: str, job: Job, emit: Emit) -> None:
        self._name = name
        self._job = job
        self._emit = emit
        self._runs = 0
        self._mute = 0  # processes in a row without one answer
        self._broken: set[str] = set()  # rules
        self._told: set[str] = set()  # details of findings: said once

    @property
    def given_up(self) -> bool:
        """Whether going on makes no sense."""
        return self._mute >= GIVE_UP

    def run(
        self,
        mode: str,
        clips: Sequence[Clip],
        *,
        cold: Residency | None = None,
        hear: Callable[[Report], None] = lambda report: None,
    ) -> Said:
        """Run one process to its end, whatever that is."""
        said = Said(process=self._runs, cold=cold)

        def both(report: Report) -> None:
            said.hear(report)
            hear(report)

        order = _order(self._job, mode, clips)
        ending = run_probe(order, timeout_s=self._job.timeout_s, hear=both, python=self._job.python)
        self._runs += 1
        self._mute = 0 if said.called else self._mute + 1
        self._judge(said, ending)
        return said

    def broken(self, rule: str, detail: str, facts: Mapping[str, str] | None = None) -> None:
        """Emit that a rule does not hold; the same detail once."""
        self._broken.add(ENDS_WELL if rule in tuple(Fault) else rule)
        if detail not in self._told:
            self._told.add(detail)
            self._emit(_finding(rule, detail, facts=facts))

    def check_sums(self, said: Said) -> None:
        """Look whether the leaves of a request took longer than the request."""
        for report in said.called.values():
            if samples.unattributed(report, self._job) < 0:
                leaves = ", ".join(self._job.leaves)
                self.broken(
                    ADDS_UP,
                    f"Clip {report['clip']}: the leaves ({leaves}) took longer than the whole; "
                    "they run at the same time. Name only stages that follow each other.",
                )

    def close(self, *more: str) -> None:
        """Emit for each rule that nothing broke that it holds."""
        if self.given_up:
            did = f"{self._name}: {self._mute} processes in a row answered nothing; the pass ended."
            self.broken(ENDS_WELL, did)
        for rule in (ENDS_WELL, ANSWERS, *more):
            if rule not in self._broken:
                self._emit(_finding(rule, f"{self._name}: {self._runs} run.", holds=True))

    def _judge(self, said: Said, ending: Ending) -> None:
        unloaded = [report for report in said.failed if not report["clip"]]
        for report in said.failed:
            if report["clip"]:
                where = f" in {report['stage']}" if report["stage"] else ""
                facts = {name: report[name] for name in ("stage", "clip", "audio", "error")}
                named = f"Clip {report['clip']} ({report['audio']})"
                self.broken(ANSWERS, f"{named}{where}: {report['error']}", facts)
        if unloaded:
            self._not_loaded(said, unloaded[0])
        elif ending.fault:
            detail = f"{self._name} process {said.process} {ending.sentence}"
            self.broken(ending.fault, detail, ending.facts)

    def _not_loaded(self, said: Said, report: Report) -> None:
        error, job = report["error"], self._job
        suite = job.config.with_name(SUITE)
        if report["stage"] == "import":
            root = job.root.absolute()
            error = f"{suite}: factory: {job.factory} cannot be imported from {root}: {error}"
        elif error.startswith("stages: "):
            error = f"{suite}: {error}"
        if said.process == 0:
            raise MeasurementError(error)
        self.broken(ENDS_WELL, f"{self._name} process {said.process} did not load: {error}")


def _order(job: Job, mode: str, clips: Sequence[Clip]) -> dict[str, Any]:
    """What the probe is told, see there."""
    return {
        "mode": mode,
        "factory": job.factory,
        "root": str(job.root.absolute()),
        "config": str(job.config.absolute()),
        "stages": dict(job.stages),
        "leaves": list(job.leaves),
        "clips": [{"id": clip.id, "audio": clip.audio} for clip in clips],
        "throttling": throttling_file(),
        "bundle": [str(file.absolute()) for file in job.bundle],
    }


def _transcriber(name: str, clips: Sequence[Clip], emit: Emit) -> Callable[[Report], None]:
    known = {clip.id: clip for clip in clips}

    def hear(report: Report) -> None:
        if report["kind"] == "called":
            emit(_transcript(name, known[report["clip"]], report))

    return hear


def _transcript(name: str, clip: Clip, report: Report) -> Transcript:
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
    )


def _starts_cold(cold: Residency) -> Finding:
    if cold.cold:
        return _finding(STARTS_COLD, f"{cold}.", holds=True)
    detail = f"{cold}. Put the model on a disk (not tmpfs) and end what else maps its files."
    return _finding(STARTS_COLD, detail, holds=True, checked=False)


def _peak_can_be_set_back(emit: Emit) -> bool:
    try:
        os.close(os.open("/proc/self/clear_refs", os.O_WRONLY))
    except OSError as error:
        detail = f"/proc/self/clear_refs: {error.strerror}. The memory of stages is not measured; "
        detail += "run where a process may write there (not in a restricted container)."
        emit(_finding(STAGES_WEIGHED, detail, holds=True, checked=False))
        return False
    return True


def _finding(
    rule: str,
    detail: str,
    *,
    holds: bool = False,
    checked: bool = True,
    facts: Mapping[str, str] | None = None,
) -> Finding:
    return Finding(
        rule=rule,
        title=TITLES[rule],
        holds=holds,
        detail=detail,
        area="process",
        checked=checked,
        facts=facts or {},
    )
