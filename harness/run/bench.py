"""One run in progress: each pass is taken once, when first asked for, and kept as it comes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from harness.accuracy.sets import set_digest
from harness.config import Settings
from harness.errors import MeasurementError
from harness.integrity import contract, rules
from harness.integrity.bundle import bundle_facts, bundle_files, bundle_fingerprint, weight_bytes
from harness.measure.host import environment
from harness.measure.job import Job
from harness.measure.noise import Noise
from harness.measure.passes import latency_pass, memory_pass, transcribe_pass
from harness.records import Clip, Finding, Measurement, Run, Transcript
from harness.run.plan import QUICK_RULES, Plan
from harness.store import RunWriter, read_run
from harness.suite import Pass

Say = Callable[[str], None]  # tells the person who waits what happens now


class Bench:
    """Takes the passes of a plan into a run's journal.

    Nothing is kept here but which passes were taken: `run` reads what the journal holds, so that
    what is judged is what was stored.
    """

    def __init__(self, plan: Plan, writer: RunWriter, say: Say) -> None:
        self.plan = plan
        self.writer = writer
        self._say = say
        self._taken: set[str] = set()
        self._broken = False  # whether a rule was seen that does not hold
        self._run: Run | None = None
        self._noise = Noise()
        self._place = environment(identity=_identity(plan))

    def begin(self, facts: Mapping[str, Any]) -> None:
        """Record where the run is made and on what; `facts` are kept with those of the plan."""
        for name, value in {**facts, **_facts(self.plan)}.items():
            self.writer.fact(name, value)
        self.writer.write(self._place)
        self._noise.start()
        for doubt in self.plan.doubts:
            self.writer.doubt(doubt)
            self._say(doubt)

    def take(self, name: str) -> None:
        """Take the pass `name` unless it was taken before, or nothing of that name exists.

        Raises:
            MeasurementError: the pipeline does not run, and nothing seen before says why. What was
                measured before is in the journal.
        """
        if name in self._taken or name not in PASSES:
            return
        self._taken.add(name)
        self._run = None
        try:
            PASSES[name](self)
        except MeasurementError as error:
            if not self._broken:
                raise
            self.keep(_not_taken(name, error))

    @property
    def run(self) -> Run:
        """The run as its journal holds it now."""
        if self._run is None:
            self._run = read_run(self.writer.folder)
        return self._run

    def seal(self) -> None:
        """Record how quiet the machine was, and that the run came to its end."""
        calm = self._noise.stop()
        self.writer.write(replace(self._place, noise=calm.noise))
        for doubt in calm.doubts:
            self.writer.doubt(doubt)
        self._run = None
        self.writer.seal()

    def keep(self, record: Measurement | Transcript | Finding) -> None:
        """Write one record; a broken rule is told at once."""
        self.writer.write(record)
        if isinstance(record, Finding) and not record.holds:
            self._broken = True
            self._say(f"{record.title} Not so: {record.detail}")

    def tell(self, text: str) -> None:
        """Tell the person who waits."""
        self._say(text)


def _not_taken(name: str, error: MeasurementError) -> Finding:
    return Finding(
        rule=f"{name}_can_be_measured",
        title=f"The pipeline runs, so that {name} can be measured.",
        holds=False,
        detail=str(error),
        area="process",
    )


def _latency(bench: Bench) -> None:
    part = bench.plan.settings.suite.latency
    bench.tell(f"latency   {_spread(part)}")
    latency_pass(_timing(bench.plan.settings, part, bench.plan.latency), bench.keep)


def _memory(bench: Bench) -> None:
    part = bench.plan.settings.suite.memory
    bench.tell(f"memory    {_spread(part)}")
    memory_pass(_timing(bench.plan.settings, part, bench.plan.memory), bench.keep)


def _accuracy(bench: Bench) -> None:
    settings, sets = bench.plan.settings, bench.plan.sets
    heard = ", ".join(f"{name} {len(clips)}" for name, clips in sets.items())
    bench.tell(f"accuracy  clips: {heard}")
    clips = tuple(clip for chosen in sets.values() for clip in chosen)
    job = _job(settings, clips, timeout_s=settings.suite.accuracy.timeout_s)
    transcribe_pass(job, sets, bench.keep)


def _files(bench: Bench) -> None:
    for finding in bench.plan.files:
        bench.keep(finding)


def _integrity(bench: Bench) -> None:
    bench.tell(f"integrity {bench.plan.settings.model}")
    for finding in rules.check_bundle(bench.plan.settings.model):
        bench.keep(finding)


def _contract(bench: Bench) -> None:
    bench.tell(f"contract  {bench.plan.settings.model}")
    for finding in contract.check_contract(bench.plan.settings.model):
        bench.keep(finding)


# What can be taken. The first word of a metric's name is the pass that supplies it.
PASSES: Mapping[str, Callable[[Bench], None]] = {
    "files": _files,
    "integrity": _integrity,
    "contract": _contract,
    "latency": _latency,
    "memory": _memory,
    "accuracy": _accuracy,
}

# Rules that a pass looks at, by name: one test each.
RULES: Mapping[str, tuple[str, ...]] = {
    "files": tuple(rule.__name__ for rule in QUICK_RULES),
    "integrity": tuple(rule.__name__ for rule in rules.RULES),
    "contract": tuple(rule.__name__ for rule in contract.RULES),
}


def _timing(settings: Settings, part: Pass, clips: tuple[Clip, ...]) -> Job:
    """The job of the latency or the memory pass."""
    return _job(
        settings,
        clips,
        processes=part.processes,
        repeats=part.repeats,
        warmup=part.warmup,
        timeout_s=part.timeout_s,
        bundle=bundle_files(settings.model),
        weight_bytes=weight_bytes(settings.model),
        cold=part.cold,
    )


def _job(settings: Settings, clips: tuple[Clip, ...], **how: Any) -> Job:
    suite = settings.suite
    return Job(
        factory=suite.factory,
        root=Path.cwd(),
        config=settings.config,
        stages=suite.stages,
        leaves=suite.leaves,
        clips=clips,
        seed=suite.seed,
        **how,
    )


def _spread(part: Pass) -> str:
    return f"processes: {part.processes}, requests in each: {part.repeats}, clips: {part.set}"


def _facts(plan: Plan) -> dict[str, Any]:
    """What a reader needs beside the figures: settings, the model's graph, the sets' digests."""
    return {
        "quick": plan.settings.quick,
        "suite": plan.settings.suite.model_dump(mode="json"),
        "model": bundle_facts(plan.settings.model),
        "sets": {
            name: {"clips": len(clips), "of": plan.sizes[name], "digest": set_digest(clips)}
            for name, clips in plan.sets.items()
        },
    }


def _identity(plan: Plan) -> dict[str, str]:
    """Digests of what the run is about: two runs with equal ones measured the same things."""
    settings = plan.settings
    return {
        "bundle": bundle_fingerprint(bundle_files(settings.model)),
        "config": hashlib.sha256(settings.config.read_bytes()).hexdigest(),
        **{f"set {name}": set_digest(clips) for name, clips in plan.sets.items()},
    }
