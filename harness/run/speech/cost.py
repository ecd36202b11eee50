"""What speaking costs: the pipeline's own stages, and espeak-ng in turn with it."""

from __future__ import annotations

from typing import Any

from harness.config import Settings
from harness.measure.speech import Request, System, cost_pass, written
from harness.progress import progress
from harness.records import Clip
from harness.run.recording import Recording
from harness.run.speech.session import Session, opened
from harness.run.speech.systems import BESIDE, espeak_job, no_espeak, pipeline_job
from harness.speaking import Speech

Clips = tuple[Clip, ...]


def take_cost(settings: Settings, recording: Recording) -> None:
    """Time the pipeline and espeak-ng beside it; say so as a doubt where one does not speak.

    Raises:
        ReferenceSetError: the pipeline speaks, and the sentences cannot be used.
        MeasurementError: a process could not be started.
    """
    with opened(settings, recording) as session:
        if session is not None:
            _take(session)


def _take(session: Session) -> None:
    part, recording = session.part, session.recording
    said, told = _requests(session)
    systems = [_pipeline(session, said, told)]
    if absent := no_espeak(part):
        recording.doubt(f"Nothing stands beside the voice: {absent}")
    else:
        systems.append(_espeak(session, said, told))
    recording.say(
        f"speech    systems: {len(systems)}, processes of each: {part.processes}, "
        f"sentences in each: {part.repeats}"
    )
    total = part.processes * sum(1 + bool(system.streams) for system in systems)
    with progress("speech", total=total) as step:
        cost_pass(systems, recording.keep, step=step)


def _pipeline(session: Session, said: Clips, told: Clips) -> System:
    settings, part = session.settings, session.part
    job = pipeline_job(settings, part, said, **_how(part, part.repeats))
    how = _how(part, part.streamed)
    streams = pipeline_job(settings, part, told, method=part.stream, **how) if part.stream else None
    return System(arm="", job=job, streams=streams)


def _espeak(session: Session, said: Clips, told: Clips) -> System:
    part, folder = session.part, session.folder
    about, how = (session.settings, part), _how(part, part.streamed)
    job = espeak_job(*about, said, folder, **_how(part, part.repeats))
    streams = espeak_job(*about, told, folder, method="stream_audio", **how)
    return System(arm=BESIDE, job=job, streams=streams)


def _how(part: Speech, repeats: int) -> dict[str, Any]:
    return {"processes": part.processes, "repeats": repeats, "warmup": part.warmup}


def _requests(session: Session) -> tuple[Clips, Clips]:
    """Some sentences one by one, and as paragraphs, each begun by another of them."""
    chosen, many = session.some(session.part.clips), session.part.paragraph
    texts = [_stopped(one.text) for one in chosen] * 2
    single = [Request(id=one.id, text=one.text) for one in chosen]
    paragraphs = [
        Request(id=f"from-{one.id}", text=" ".join(texts[at : at + many]))
        for at, one in enumerate(chosen)
    ]
    folder = session.folder
    return written(single, folder / "sentences"), written(paragraphs, folder / "paragraphs")


def _stopped(text: str) -> str:
    """A sentence with a mark at its end, so that the next one is another."""
    return text if text.rstrip()[-1:] in (".", "!", "?", "…") else f"{text.rstrip()}."
