"""A/B: two pipelines interleaved, process by process, with the first of them twice as a control."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from harness.accuracy.sets import set_digest
from harness.config import Settings
from harness.errors import MeasurementError
from harness.measure.job import Job
from harness.measure.keeper import Keeper
from harness.progress import progress
from harness.records import AGAIN, A, B, Clip, Run
from harness.run.arms import Arm, hear, interleave
from harness.run.jobs import job_of
from harness.run.plan import drawn
from harness.run.recording import Recording, Say, recorded
from harness.run.sides import Side, Wanted, opened
from harness.suite import Comparing


def compare_sides(
    wanted: Sequence[Wanted], settings: Settings, part: Comparing, *, runs: Path, say: Say
) -> tuple[Path, Run]:
    """Measure both sides and return the folder of the run, whose verb is "ab", and the run.

    In each round one process of a, one more of a and one of b run in an order drawn by the seed;
    afterwards both sides hear the clips of `part.wer_set`. Facts of the run: `sides`, see
    `Side.facts`.

    Raises:
        HarnessError: a side cannot be had or run, or a set is absent; says which side.
    """
    clips, heard = _clips(settings, part)
    with ExitStack() as held:
        a, b = (held.enter_context(opened(one, settings, say)) for one in wanted)
        recording = held.enter_context(
            recorded(
                settings,
                verb="ab",
                runs=runs,
                say=say,
                facts={"sides": {side.name: side.facts() for side in (a, b)}},
                identity={f"set {part.set}": set_digest(clips), **_heard(part, heard)},
            )
        )
        jobs = {side.name: _job(side, settings, part, clips) for side in (a, b)}
        for side in (a, b):
            _try_out(side, jobs[side.name], recording)
        _measure(jobs, part, settings.suite.seed, recording)
        _listen(jobs, part, heard, recording)
    return recording.writer.folder, recording.run


def _clips(settings: Settings, part: Comparing) -> tuple[tuple[Clip, ...], tuple[Clip, ...]]:
    """The clips that are timed, and those whose words are compared."""
    timed = drawn(settings, "ab.set", part.set, part.clips)
    return timed, drawn(settings, "ab.wer_set", part.wer_set, part.wer_clips)


def _heard(part: Comparing, clips: tuple[Clip, ...]) -> Mapping[str, str]:
    return {f"set {part.wer_set}, heard": set_digest(clips)}


def _job(side: Side, settings: Settings, part: Comparing, clips: tuple[Clip, ...]) -> Job:
    how: dict[str, Any] = {"repeats": part.repeats, "warmup": part.warmup, "cold": 0}
    return job_of(
        side.settings(settings),
        clips,
        root=side.root,
        python=side.python,
        timeout_s=part.timeout_s,
        **how,
    )


def _try_out(side: Side, job: Job, recording: Recording) -> None:
    """Run one process that is not counted: it shows that the side runs, and fills the caches."""
    keeper = Keeper(f"{side.name}, tried out,", job, recording.keep)
    try:
        keeper.run("latency", job.clips[:1])
    except MeasurementError as error:
        raise MeasurementError(f"{side.name} ({side.given}): {error}") from None


def _measure(jobs: Mapping[str, Job], part: Comparing, seed: int, recording: Recording) -> None:
    arms = [Arm(name=A, job=jobs[A]), Arm(name=AGAIN, job=jobs[A]), Arm(name=B, job=jobs[B])]
    recording.say(
        f"rounds    {part.processes} of one process of {', '.join(arm.name for arm in arms)}; "
        f"requests in each: {part.repeats}, clips: {part.set}"
    )
    with progress("ab", total=len(arms) * part.processes) as step:
        interleave(arms, rounds=part.processes, seed=seed, emit=recording.keep, step=step)


def _listen(
    jobs: Mapping[str, Job], part: Comparing, clips: tuple[Clip, ...], recording: Recording
) -> None:
    recording.say(f"words     clips: {part.wer_set} {len(clips)}, heard by a and by b")
    arms = [Arm(name=name, job=replace(jobs[name], clips=clips)) for name in (A, B)]
    hear(arms, part.wer_set, clips, emit=recording.keep)
