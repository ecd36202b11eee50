"""What the voice is worth: spoken, heard again by the pipeline's own recogniser, and measured.

Transcripts are of the set `speech`; their arm says what was heard: `voice`; `source`, a recording
of the same sentence or espeak-ng; `copy`, the source made anew by the vocoder; `front_end`, the
words that the front end passes on, which nobody heard. Signal facts are `quality.signal.<fact>`,
of the voice without an arm, of the others with theirs.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from harness.accuracy.predicted_mos.waveform import Waveform
from harness.accuracy.speech_quality.facts import SIGNAL
from harness.accuracy.speech_quality.rules import Spoken, check_spoken
from harness.accuracy.speech_quality.sentences import Sentence
from harness.accuracy.speech_quality.signal import read_mono
from harness.config import Settings
from harness.measure.passes import transcribe_pass
from harness.progress import progress
from harness.records import Clip, Finding, Measurement, Transcript
from harness.run.jobs import job_of
from harness.run.plan import draw
from harness.run.predicted import take_predicted
from harness.run.recording import Recording
from harness.run.speech.arms import COPY, SET, SOURCE, VOICE, Audio, read_all, speak_all
from harness.run.speech.emotion import take_emotion
from harness.run.speech.measured import compare_copies, measured, signal_facts
from harness.run.speech.session import Session, opened
from harness.run.speech.shown import ROOM, shown_clip, size_of


def take_quality(settings: Settings, recording: Recording, *, keep: Path | None = None) -> None:
    """Let the pipeline say the suite's sentences, hear them again, and look at their signal.

    Args:
        keep: folder that the audio of every sentence is copied to.

    Raises:
        ReferenceSetError: the pipeline speaks, and the sentences cannot be used.
        MeasurementError: a process could not be started.
    """
    with opened(settings, recording) as session:
        if session is None:
            return
        audio = speak_all(session)
        if keep is not None:
            _copy(audio, keep)
        read_all(session)
        _hear(session, audio)
        _look(session, audio)
        compare_copies(audio, recording)
        _predict(session, audio[VOICE])
        recording.fact("speech_clips", _shown(session, audio))
        if session.part.emotion is not None:
            take_emotion(session, session.part.emotion)


def _hear(session: Session, audio: Mapping[str, Audio]) -> None:
    """Let the pipeline's recogniser hear every arm."""
    clips = {
        arm: tuple(_clip(one, found[one.id]) for one in session.sentences if one.id in found)
        for arm, found in audio.items()
    }

    def keep(record: Measurement | Finding | Transcript) -> None:
        if isinstance(record, Transcript):
            record = replace(record, set=SET, arm=record.set)
        if not isinstance(record, Measurement):  # the yardstick of these is no figure of the run
            session.recording.keep(record)

    heard = {arm: several for arm, several in clips.items() if several}
    every = tuple(clip for several in heard.values() for clip in several)
    if not every:
        return
    told = ", ".join(f"{arm} {len(found)}" for arm, found in heard.items())
    session.recording.say(f"hearing   {told}")
    job = job_of(session.settings, every, timeout_s=session.part.timeout_s)
    with progress("hearing", total=len(every)) as step:
        transcribe_pass(job, heard, keep, step=step)


def _clip(sentence: Sentence, path: Path) -> Clip:
    samples, rate = read_mono(path)
    return Clip(
        id=sentence.id,
        audio=str(path.absolute()),
        text=sentence.text,
        language="es",
        speaker="",
        condition="",
        seconds=len(samples) / rate,
        sha256="",
    )


def _look(session: Session, audio: Mapping[str, Audio]) -> None:
    """Keep the signal facts of every arm, and hold the voice to the rules."""
    texts = {one.id: one.text for one in session.sentences}
    for arm, several in audio.items():
        if arm == COPY:  # its words and its likeness tell what the vocoder does
            continue
        found = signal_facts(several, arm)
        for measurement in measured(found, texts, SIGNAL, arm="" if arm == VOICE else arm):
            session.recording.keep(measurement)
        if arm == VOICE and found:
            spoken = [Spoken(id=name, text=texts[name], facts=one) for name, one in found.items()]
            for finding in check_spoken(spoken):
                session.recording.keep(finding)


def _predict(session: Session, voice: Audio) -> None:
    """Let models of listeners score the voice beside their anchors."""
    heard = {name: read_mono(path) for name, path in voice.items()}
    scored = {name: Waveform(one.astype(np.float32), rate) for name, (one, rate) in heard.items()}
    if scored:
        take_predicted(session.settings, scored, session.recording)


def _shown(session: Session, audio: Mapping[str, Audio]) -> list[dict[str, object]]:
    """Some sentences as they can be played and seen: the voice, and its source while it fits."""
    said = [one for one in session.sentences if one.id in audio[VOICE]]
    chosen = draw(said, session.part.shown, session.settings.suite.seed)
    source = audio.get(SOURCE, {})
    voices = {one.id: shown_clip(audio[VOICE][one.id]) for one in chosen}
    left, shown = ROOM - sum(map(size_of, voices.values())), list[dict[str, object]]()
    for one in chosen:
        beside = shown_clip(source[one.id]) if one.id in source else None
        beside = beside if beside and size_of(beside) <= left else None
        left -= size_of(beside) if beside else 0
        shown.append({"id": one.id, "text": one.text, "voice": voices[one.id], "source": beside})
    return shown


def _copy(audio: Mapping[str, Audio], folder: Path) -> None:
    for arm, clips in audio.items():
        (folder / arm).mkdir(parents=True, exist_ok=True)
        for name, path in clips.items():
            shutil.copy(path, folder / arm / f"{name}{path.suffix}")
