"""One run in progress: each pass is taken once, when first asked for, and kept as it comes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from harness.accuracy.lacking import every_clip_is_scored, unanswered
from harness.accuracy.permuted import transcripts_stand_by_their_clips
from harness.accuracy.sets import set_digest
from harness.accuracy.speech_quality import rules as spoken_rules
from harness.budgets import time_limit
from harness.errors import MeasurementError
from harness.integrity import contract, drift, rules
from harness.measure.job import Job
from harness.measure.keeper import PROFILED
from harness.measure.operators import operators_pass
from harness.measure.passes import latency_pass, memory_pass, transcribe_pass
from harness.progress import progress
from harness.records import Clip, Finding, Measurement, Run, Transcript
from harness.run.claims import claims_pass
from harness.run.host import host_or_doubt
from harness.run.jobs import job_of
from harness.run.listening import listening
from harness.run.looks import Looks
from harness.run.plan import Plan, drawn
from harness.run.recording import Recording, Say
from harness.run.routing import routing
from harness.run.speech.cost import take_cost
from harness.run.speech.quality import take_quality
from harness.store import RunWriter
from harness.suite import Pass


class Bench:
    """Takes the passes of a plan into a run's journal."""

    def __init__(self, plan: Plan, writer: RunWriter, say: Say) -> None:
        self.plan = plan
        self.recording = Recording(plan.settings, writer, say, identity=_identity(plan))
        self._taken: set[str] = set()

    def begin(self, facts: Mapping[str, Any]) -> None:
        """Record where the run is made and on what; `facts` are kept with those of the plan."""
        own = {"sets": _sets(self.plan), "time_limit": time_limit(self.plan.settings.budgets)}
        self.recording.begin({**facts, **own})
        for doubt in self.plan.doubts:
            self.recording.doubt(doubt)

    def take(self, name: str) -> None:
        """Take the pass `name` unless it was taken before, or nothing of that name exists.

        Raises:
            MeasurementError: the pipeline does not run, and nothing seen before says why. What was
                measured before is in the journal.
        """
        if name in self._taken or name not in PASSES:
            return
        self._taken.add(name)
        if name in BESIDE_HOST:
            self.take("host")
        try:
            PASSES[name](self.plan, self.recording)
        except MeasurementError as error:
            if not self.recording.broken:
                raise
            self.recording.keep(_not_taken(name, error))

    @property
    def run(self) -> Run:
        """The run as its journal holds it now."""
        return self.recording.run


def _not_taken(name: str, error: MeasurementError) -> Finding:
    return Finding(
        rule=f"{name}_can_be_measured",
        title=f"The pipeline runs, so that {name} can be measured.",
        holds=False,
        detail=str(error),
        area="process",
    )


def _host(plan: Plan, recording: Recording) -> None:
    host_or_doubt(plan.settings, recording)


def _latency(plan: Plan, recording: Recording) -> None:
    part = plan.settings.suite.latency
    recording.say(f"latency   {_spread(part)}")
    looks, job = Looks(part, plan.undecided, recording), _timing(plan, part, plan.latency)
    with progress("latency", total=part.processes) as step:
        latency_pass(job, recording.keep, looks.more, step=step)


def _memory(plan: Plan, recording: Recording) -> None:
    part = plan.settings.suite.memory
    recording.say(f"memory    {_spread(part)}")
    with progress("memory", total=2 * part.processes) as step:
        memory_pass(_timing(plan, part, plan.memory), recording.keep, step=step)


def _operators(plan: Plan, recording: Recording) -> None:
    part = plan.settings.suite.operators
    if part is None:
        return
    recording.say(f"operators {_spread(part)}")
    job = _timing(plan, part, drawn(plan.settings, "operators.set", part.set, part.clips))
    recording.fact("operators", operators_pass(job, recording.keep))


def _accuracy(plan: Plan, recording: Recording) -> None:
    many = ", ".join(f"{name} {len(clips)}" for name, clips in plan.sets.items())
    recording.say(f"accuracy  clips: {many}")
    clips = tuple(clip for chosen in plan.sets.values() for clip in chosen)
    job = job_of(plan.settings, clips, timeout_s=plan.settings.suite.accuracy.timeout_s)
    heard: dict[str, list[Transcript]] = {name: [] for name in plan.sets}

    def keep(record: Measurement | Finding | Transcript) -> None:
        if isinstance(record, Transcript):
            heard[record.set].append(record)
        recording.keep(record)

    with progress("accuracy", total=len(clips)) as step:
        transcribe_pass(job, plan.sets, keep, step=step)
    for name, sent in plan.sets.items():
        told = heard[name]
        silent = unanswered(plan.found[name], sent, {one.clip for one in told})
        lacking = (*plan.lacking[name], *silent)
        recording.keep(every_clip_is_scored(name, len(sent) + len(plan.lacking[name]), lacking))
        recording.keep(transcripts_stand_by_their_clips(name, told))


def _files(plan: Plan, recording: Recording) -> None:
    for finding in plan.files:
        recording.keep(finding)


def _integrity(plan: Plan, recording: Recording) -> None:
    recording.say(f"integrity {plan.settings.model}")
    for finding in rules.check_bundle(plan.settings.model):
        recording.keep(finding)


def _contract(plan: Plan, recording: Recording) -> None:
    recording.say(f"contract  {plan.settings.model}")
    for finding in contract.check_contract(plan.settings.model):
        recording.keep(finding)


def _canaries(plan: Plan, recording: Recording) -> None:
    recording.say(f"canaries  {plan.settings.model}")
    found, drifts = drift.check_canaries(plan.settings.model)
    for finding in found:
        recording.keep(finding)
    recording.fact("canaries", [asdict(one) for one in drifts])


def _product(plan: Plan, recording: Recording) -> None:
    claims_pass(plan.settings, recording)


def _speech(plan: Plan, recording: Recording) -> None:
    take_cost(plan.settings, recording)


def _quality(plan: Plan, recording: Recording) -> None:
    listening(plan.settings, recording)
    take_quality(plan.settings, recording)


# What can be taken. The first word of a metric's name is the pass that supplies it.
PASSES: Mapping[str, Callable[[Plan, Recording], None]] = {
    "files": _files,
    "integrity": _integrity,
    "contract": _contract,
    "canaries": _canaries,
    "host": _host,
    "latency": _latency,
    "memory": _memory,
    "operators": _operators,
    "accuracy": _accuracy,
    "product": _product,
    "routing": routing,
    "speech": _speech,
    "quality": _quality,
}

# Passes whose figures are read beside what the machine can do: it is measured before them.
BESIDE_HOST = ("latency", "memory")

# Rules that a pass looks at, by name: one test each.
RULES: Mapping[str, tuple[str, ...]] = {
    "files": tuple(rule.__name__ for rule in rules.QUICK_RULES),
    "integrity": rules.NAMES,
    "contract": tuple(rule.__name__ for rule in contract.RULES),
    "canaries": tuple(rule.__name__ for rule in drift.RULES),
    "operators": (PROFILED,),
    "quality": spoken_rules.NAMES,
}


def _timing(plan: Plan, part: Pass, clips: tuple[Clip, ...]) -> Job:
    """The job of the latency or the memory pass."""
    return job_of(
        plan.settings,
        clips,
        processes=part.processes,
        repeats=part.repeats,
        warmup=part.warmup,
        timeout_s=part.timeout_s,
        cold=part.cold,
    )


def _spread(part: Pass) -> str:
    return f"processes: {part.processes}, requests in each: {part.repeats}, clips: {part.set}"


def _sets(plan: Plan) -> dict[str, Any]:
    """How much of each reference set is heard, its digest, its grammar, and what is lacking."""
    return {
        name: {
            "clips": len(clips),
            "of": plan.sizes[name],
            "digest": set_digest(clips),
            "grammar": plan.grammars[name],
            "lacking": list(plan.lacking[name]),
        }
        for name, clips in plan.sets.items()
    }


def _identity(plan: Plan) -> dict[str, str]:
    return {f"set {name}": set_digest(clips) for name, clips in plan.sets.items()}
