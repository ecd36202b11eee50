"""Runs the processes of a pass one by one, and says of each what went wrong in it.

A process that crashes, is killed, hangs or leaves early, and a clip that the pipeline refuses,
become findings; what comes after them goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from harness.config import SUITE
from harness.errors import MeasurementError
from harness.measure import samples
from harness.measure.clock import impossible
from harness.measure.host import throttling_file
from harness.measure.job import Job
from harness.measure.pages import Residency
from harness.measure.process import Ending, Fault, Report, run_probe
from harness.measure.samples import Said
from harness.records import Clip, Finding, Measurement, Transcript

Emit = Callable[[Measurement | Finding | Transcript], None]

GIVE_UP = 2  # processes in a row without one answer, after which a pass ends

# Rules that a pass looks at: the name, and the sentence that a person reads.
ENDS_WELL = "measured_processes_end_well"
ANSWERS = "pipeline_answers_every_clip"
OWN_MODEL = "answers_come_from_the_measured_model"
ADDS_UP = "stage_times_add_up"
FORWARD = "clock_goes_forward"
AS_HEARD = "timed_answers_are_those_heard"
STARTS_COLD = "cold_load_is_cold"
STAGES_WEIGHED = "stage_memory_is_measured"
PROFILED = "operators_are_profiled"
ALIKE = "answers_do_not_depend_on_load"
REFUSES = "bad_input_is_refused"
KEEPS = "requests_leave_nothing_open"
HARNESS_KEEPS = "harness_leaves_nothing_open"
SAME = "answers_stay_the_same"
TITLES = {
    ENDS_WELL: "Every measured process does its work and ends by itself with status 0.",
    ANSWERS: "The pipeline answers every clip that it is sent.",
    OWN_MODEL: "Every answer comes from the model that is measured, none from a fallback.",
    ADDS_UP: "The leaf stages of a request never take longer than the request.",
    STARTS_COLD: "No page of the model's files is in the page cache before the cold load.",
    Fault.CRASHED: "No measured process is killed by a signal.",
    Fault.OUT_OF_MEMORY: "No measured process is killed for want of memory.",
    Fault.TIMED_OUT: "Every measured process ends within its time.",
    Fault.LEFT_EARLY: "No measured process ends before its work is done.",
    STAGES_WEIGHED: "The kernel lets a process set back its own memory peak.",
    PROFILED: "onnxruntime's profile tells how long each node of the model takes.",
    REFUSES: "Bad input ends in an error that the pipeline raises on purpose, never in an answer.",
    KEEPS: "A process has no more open files and threads after thousands of requests than before.",
    HARNESS_KEEPS: "The harness has no more open files and threads after a soak than before.",
    SAME: "A clip gets the same text each time that it is sent.",
    ALIKE: "A clip gets the same text whatever is served beside it.",
    FORWARD: "The clock of a measured process goes forward.",
    AS_HEARD: "A timed request gets the answer that its clip gets when it is heard for its words.",
}


class Keeper:
    """Runs the processes of one pass, and says what went wrong in them."""

    def __init__(self, name: str, job: Job, emit: Emit) -> None:
        self._name = name
        self._job = job
        self.emit = emit
        self._runs = 0
        self._mute = 0  # processes in a row without one answer
        self._answers = 0
        self._fallbacks: list[Measurement] = []  # per process in which another model answered
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
        told: Mapping[str, Any] | None = None,
    ) -> Said:
        """Run one process to its end, whatever that is; `told` adds to its order."""
        said = Said(process=self._runs, cold=cold)

        def both(report: Report) -> None:
            if wrong := impossible(report):
                self._no_time(said, wrong)
                return
            said.hear(report)
            hear(report)

        order = {**order_of(self._job, mode, clips), **(told or {})}
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
            self.emit(finding(rule, detail, facts=facts))

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

    def check_answers(self, timed: Sequence[Said], heard: Said) -> None:
        """Look whether a timed request got another text than its clip did when it was heard."""
        texts = {report["clip"]: report for report in heard.called.values()}
        for said in timed:
            for report in said.called.values():
                other = texts.get(report["clip"])
                if other and (report["text"], report["greedy"]) != (other["text"], other["greedy"]):
                    self.broken(
                        AS_HEARD,
                        f"Clip {report['clip']}: {report['text']!r} when it was timed, "
                        f"{other['text']!r} when it was heard. Look for an answer that is kept "
                        "from another request: its time is that of no work.",
                        {"clip": report["clip"], "process": str(said.process)},
                    )

    def close(self, *more: str) -> None:
        """Emit for each rule that nothing broke that it holds."""
        if self.given_up:
            did = f"{self._name}: {self._mute} processes in a row answered nothing; the pass ended."
            self.broken(ENDS_WELL, did)
        if self._fallbacks:
            count = int(sum(sum(one.samples) for one in self._fallbacks))
            did = f"{self._name}: {count} of {self._answers} answers came from another model"
            self.broken(OWN_MODEL, f"{did} ({self._fallbacks[0].note})")
        for rule in (ENDS_WELL, ANSWERS, OWN_MODEL, *more):
            if rule not in self._broken:
                self.emit(finding(rule, f"{self._name}: {self._runs} run.", holds=True))

    def _no_time(self, said: Said, wrong: Sequence[str]) -> None:
        self.broken(
            FORWARD,
            f"{self._name}: {wrong[0]} (process {said.process}). Look for what replaces "
            "time.perf_counter_ns in that process, or for a broken clock of this machine. Nothing "
            "is kept of what was timed so.",
        )

    def _judge(self, said: Said, ending: Ending) -> None:
        self._answers += len(said.called)
        for measurement in samples.fallbacks(said):
            self.emit(measurement)
            self._fallbacks.append(measurement)
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
        elif str(job.config) not in error:
            error = f"{suite}: factory: {job.factory} failed with {job.config}: {error}"
        if said.process == 0:
            raise MeasurementError(error)
        self.broken(ENDS_WELL, f"{self._name} process {said.process} did not load: {error}")


def order_of(job: Job, mode: str, clips: Sequence[Clip]) -> dict[str, Any]:
    """What the probe is told, see there."""
    return {
        "mode": mode,
        "factory": job.factory,
        "root": str(job.root.absolute()),
        "config": str(job.config.absolute()),
        "stages": dict(job.stages),
        "leaves": list(job.leaves),
        "clips": [{"id": clip.id, "audio": clip.audio} for clip in clips],
        "warmup": job.warmup,
        "throttling": throttling_file(),
        "contract": job.contract,
        "bundle": [str(file.absolute()) for file in job.bundle],
    }


def finding(
    rule: str,
    detail: str,
    *,
    holds: bool = False,
    checked: bool = True,
    facts: Mapping[str, str] | None = None,
) -> Finding:
    """Return a finding about the measured processes."""
    return Finding(
        rule=rule,
        title=TITLES[rule],
        holds=holds,
        detail=detail,
        area="process",
        checked=checked,
        facts=facts or {},
    )
