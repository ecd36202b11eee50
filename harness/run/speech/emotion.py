"""Each control of the voice at low, neutral and high over the same sentences.

Measured is `quality.emotion.neutral.<fact>`, and `quality.emotion.<control>.<level>.<fact>` with
the other controls neutral, a sample for each sentence.
"""

from __future__ import annotations

from collections.abc import Iterator

from harness.accuracy.speech_quality.signal import facts_of, read_mono
from harness.budgets import EMOTION
from harness.measure.speech import Request, speak, written
from harness.progress import progress
from harness.run.speech.measured import measured
from harness.run.speech.session import Session
from harness.run.speech.systems import pipeline_job
from harness.speaking import CONTROLS, Emotion

Setting = tuple[str, tuple[float, ...]]  # name of what is measured, and the vector


def take_emotion(session: Session, emotion: Emotion) -> None:
    """Let the voice say some sentences at every level of every control, and keep their facts."""
    texts = {one.id: one.text for one in session.some(emotion.sentences)}
    wanted, place = tuple(levels(emotion)), session.folder / "emotion"
    requests = [
        Request(id=f"{name}.{one}", text=text, emotion=vector, keep=place / f"{name}.{one}.wav")
        for name, vector in wanted
        for one, text in texts.items()
    ]
    session.recording.say(f"emotion   settings: {len(wanted)}, sentences in each: {len(texts)}")
    job = pipeline_job(session.settings, session.part, written(requests, place))
    with progress("emotion", total=len(requests)) as step:
        made = speak("emotion", job, session.recording.keep, step=step)
    for name, _ in wanted:
        spoken = [one for one in texts if f"{name}.{one}" in made]
        found = {one: facts_of(*read_mono(place / f"{name}.{one}.wav")) for one in spoken}
        for measurement in measured(found, texts, f"{EMOTION}{name}."):
            session.recording.keep(measurement)


def levels(emotion: Emotion) -> Iterator[Setting]:
    """Yield the neutral setting, then each control at low and at high."""
    neutral = [emotion.controls[control][1] for control in CONTROLS]
    yield "neutral", tuple(neutral)
    for at, control in enumerate(CONTROLS):
        for name, level in (("low", 0), ("high", 2)):
            vector = list(neutral)
            vector[at] = emotion.controls[control][level]
            yield f"{control}.{name}", tuple(vector)
