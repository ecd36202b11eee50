"""The audio whose words are compared: the voice, its source, the source copied by the vocoder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from harness.measure.speech import Request, speak, written
from harness.progress import progress
from harness.records import Transcript
from harness.run.speech.session import Session
from harness.run.speech.systems import BESIDE, espeak_job, no_espeak, pipeline_job
from harness.speaking import Copy

SET = "speech"  # of the transcripts
VOICE, SOURCE, COPY, FRONT_END = "voice", "source", "copy", "front_end"  # their arms

Audio = Mapping[str, Path]  # id of a sentence -> its audio file


def speak_all(session: Session) -> dict[str, Audio]:
    """Return the audio of each arm that there is; the voice in any case."""
    part, recording = session.part, session.recording
    audio: dict[str, Audio] = {VOICE: _spoken(VOICE, session)}
    recorded = {one.id: one.recording for one in session.sentences if one.recording}
    about = ""
    if recorded:
        audio[SOURCE], about = recorded, f"recordings of {part.sentences}"
    elif absent := no_espeak(part):
        recording.doubt(f"The voice has no floor beside it: {absent}")
    else:
        audio[SOURCE], about = _spoken(SOURCE, session), f"{BESIDE}, voice {part.espeak}"
    recording.fact("speech_source", about)
    if part.copy_synthesis is not None and SOURCE in audio:
        audio[COPY] = _copied(part.copy_synthesis, audio[SOURCE], session)
    return audio


def read_all(session: Session) -> None:
    """Keep the words that the front end passes on, as transcripts of the arm `front_end`."""
    method = session.part.spoken_text
    if method is None:
        return
    texts = {one.id: one.text for one in session.sentences}
    requests = [Request(id=name, text=text) for name, text in texts.items()]
    clips = written(requests, session.folder / "read")
    job = pipeline_job(session.settings, session.part, clips, method=method)
    read = speak("front end", job, session.recording.keep, mode="read")
    for name, report in read.items():
        session.recording.keep(
            Transcript(
                set=SET,
                clip=name,
                condition="",
                speaker="",
                seconds=0.0,
                reference=texts[name],
                hypothesis=report["words"],
                greedy="",
                elapsed=0.0,
                arm=FRONT_END,
            )
        )


def _spoken(arm: str, session: Session) -> Audio:
    place = session.folder / arm
    requests = [
        Request(id=one.id, text=one.text, keep=place / f"{one.id}.wav") for one in session.sentences
    ]
    clips, about = written(requests, place), (session.settings, session.part)
    job = pipeline_job(*about, clips) if arm == VOICE else espeak_job(*about, clips, session.folder)
    session.recording.say(f"speaking  {arm}: {len(clips)} sentences")
    with progress(f"speaking, {arm}", total=len(clips)) as step:
        made = speak(f"speaking of {arm}", job, session.recording.keep, step=step)
    return {name: place / f"{name}.wav" for name in made}


def _copied(copy: Copy, source: Audio, session: Session) -> Audio:
    place = session.folder / COPY
    requests = [
        Request(id=name, text="", source=path, keep=place / f"{name}.wav")
        for name, path in source.items()
    ]
    clips = written(requests, place)
    job = pipeline_job(session.settings, session.part, clips, method=copy.vocoder)
    session.recording.say(f"copying   {len(clips)} recordings by {copy.vocoder}")
    told = {"features": copy.features, "rate": copy.rate}
    made = speak("copy synthesis", job, session.recording.keep, mode="copy", copy=told)
    return {name: place / f"{name}.wav" for name in made}
