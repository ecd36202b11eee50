"""Configs of one model side by side, process by process in turn, as a run that is judged again.

Each config is an arm. The first rounds find the model's files on disk only; afterwards the baseline
and every config that computes with another model file hear the same clips, for their words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from harness.accuracy.sets import set_digest
from harness.config import Settings
from harness.errors import BundleError
from harness.integrity.bundle import bundle_files, bundle_fingerprint
from harness.integrity.watch import Look, look, still_the_same
from harness.integrity.work import work_facts
from harness.measure.job import Job
from harness.progress import progress
from harness.records import Clip, Run
from harness.run.arms import Arm, hear, interleave
from harness.run.host import host_or_doubt
from harness.run.jobs import job_of
from harness.run.plan import drawn, read_named
from harness.run.recording import Recording, Say, recorded
from harness.suite import FullScale

VERB = "full-scale"


def full_scale(
    base: Settings, variants: Mapping[str, Settings], part: FullScale, *, runs: Path, say: Say
) -> tuple[Path, Run]:
    """Measure the variants and return the folder of the run, whose verb is "full-scale", and it.

    Args:
        base: whose run it is called, and whose clips are drawn.
        variants: settings by name; that of `part.baseline` is one of them.
        part: how it is measured; `repeats` has a number for each variant.

    Raises:
        BundleError: a model is absent; says how to build it.
        HarnessError: a set is absent, or a variant cannot be run.
    """
    others = _other_models((base, *variants.values()))
    spoken = variants[part.baseline].model
    clips = drawn(base, "full_scale.set", part.set, part.clips)
    heard = drawn(base, "full_scale.wer_set", part.wer_set, part.wer_clips)
    identity = {
        f"set {part.set}": set_digest(clips),
        f"set {part.wer_set}, heard": set_digest(heard),
        **{f"bundle {m.name}": bundle_fingerprint(bundle_files(m)) for m in others},
    }
    with ExitStack() as held:
        facts = {"full_scale": _facts(variants, part, base, heard)}
        recording = held.enter_context(
            recorded(base, verb=VERB, runs=runs, say=say, facts=facts, identity=identity)
        )
        before = {model: look(model, seed=recording.writer.id) for model in others}
        host_or_doubt(base, recording)
        jobs = {name: _job(one, part, name, clips) for name, one in variants.items()}
        _measure(jobs, part, base.suite.seed, recording)
        listening = [
            name for name, one in variants.items() if name == part.baseline or one.model != spoken
        ]
        patience = base.suite.accuracy.timeout_s
        listeners = {name: replace(jobs[name], timeout_s=patience) for name in listening}
        _listen(listeners, part, heard, recording)
        _look_again(before, recording)
    return recording.folder, recording.run


def _other_models(settings: Sequence[Settings]) -> tuple[Path, ...]:
    """Every model file but that of the first settings, after a look whether all are there."""
    for one in settings:
        if not one.model.exists():
            raise BundleError(
                f"{one.model}: no such model; {one.config} names it. Build it (`make model-full`, "
                "`make model-int8`), or leave the variant out with --variant."
            )
    return tuple(dict.fromkeys(one.model for one in settings if one.model != settings[0].model))


def _facts(
    variants: Mapping[str, Settings], part: FullScale, base: Settings, heard: Sequence[Clip]
) -> dict[str, Any]:
    whole = read_named(base, "full_scale.wer_set", Path(base.suite.sets) / part.wer_set)
    work = {model: work_facts(model) for model in {one.model for one in variants.values()}}
    return {
        **part.model_dump(mode="json"),
        "heard": len(heard),
        "of": len(whole),
        "arms": {
            name: {"config": str(one.config), "work": {**work[one.model], "cut": one.cut}}
            for name, one in variants.items()
        },
    }


def _job(settings: Settings, part: FullScale, name: str, clips: tuple[Clip, ...]) -> Job:
    how: dict[str, Any] = {"repeats": part.repeats[name], "warmup": part.warmup}
    return job_of(settings, clips, timeout_s=part.timeout_s, **how)


def _measure(jobs: Mapping[str, Job], part: FullScale, seed: int, recording: Recording) -> None:
    arms = [Arm(name=name, job=job) for name, job in jobs.items()]
    requests = ", ".join(f"{arm.name} {arm.job.repeats}" for arm in arms)
    recording.say(
        f"rounds    {part.processes}, the first {part.cold} with the files on disk only; requests "
        f"in each process: {requests}; clips: {part.set}"
    )
    with progress("full scale, processes", total=len(arms) * part.processes) as step:
        interleave(
            arms,
            rounds=part.processes,
            cold=part.cold,
            seed=seed,
            emit=recording.keep,
            step=step,
        )


def _listen(
    jobs: Mapping[str, Job], part: FullScale, heard: tuple[Clip, ...], recording: Recording
) -> None:
    recording.say(f"words     clips: {part.wer_set} {len(heard)}, heard by {', '.join(jobs)}")
    with progress("words, clips", total=len(jobs) * len(heard)) as step:
        hear(
            [Arm(name=name, job=job) for name, job in jobs.items()],
            part.wer_set,
            heard,
            emit=recording.keep,
            step=step,
        )


def _look_again(before: Mapping[Path, Look], recording: Recording) -> None:
    for model, seen in before.items():
        recording.keep(still_the_same(model, seen))
