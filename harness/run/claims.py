"""What the claims about a bundle need beside the other passes: its tests, a few starts, a soak."""

from __future__ import annotations

from pathlib import Path

from harness.claims import Claims
from harness.config import Settings
from harness.measure.passes import starts_pass
from harness.measure.scripts import run_script
from harness.measure.soak import soak_pass
from harness.progress import progress
from harness.run.jobs import job_of
from harness.run.plan import drawn
from harness.run.recording import Recording
from harness.suite import Soak


def claims_pass(settings: Settings, recording: Recording) -> None:
    """Run the product's own tests, and measure what is claimed; nothing where nothing is.

    Raises:
        ReferenceSetError: a set is absent, empty or damaged.
        MeasurementError: the pipeline does not load.
    """
    claims = settings.claims
    if claims is None:
        return
    recording.fact("claims", claims.model_dump(mode="json"))
    for test in claims.tests:
        recording.say(f"product   {test}")
        run_script(Path(test), Path.cwd(), claims.timeout_s, recording.keep)
    _starts(settings, claims, recording)
    if settings.suite.soak is not None:
        _soak(settings, settings.suite.soak, recording)


def _starts(settings: Settings, claims: Claims, recording: Recording) -> None:
    name = settings.suite.memory.set
    clips = drawn(settings, "memory.set", name, 1)
    recording.say(f"starts    processes: {claims.starts}, one request in each, clips: {name}")
    job = job_of(settings, clips, processes=claims.starts, timeout_s=claims.timeout_s)
    with progress("starts", total=claims.starts) as step:
        starts_pass(job, recording.keep, step=step)


def _soak(settings: Settings, part: Soak, recording: Recording) -> None:
    clips = tuple(
        clip for name in part.sets for clip in drawn(settings, "soak.sets", name, part.clips)
    )
    each = part.warmup + part.rounds
    recording.say(f"soak      processes: {part.processes}, rounds: {each} of {len(clips)} clips")
    recording.fact("soak", {"round": len(clips)})
    job = job_of(settings, clips, processes=part.processes, timeout_s=part.timeout_s)
    with progress("soak, requests", total=part.processes * each * len(clips)) as step:
        soak_pass(job, recording.keep, warmup=part.warmup, rounds=part.rounds, step=step)
