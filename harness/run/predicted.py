"""The predicted MOS of a voice that was just recorded, beside anchors, as records of a run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from harness.accuracy.predicted_mos.anchors import anchors_of
from harness.accuracy.predicted_mos.predict import load, predict
from harness.accuracy.predicted_mos.waveform import Waveform
from harness.accuracy.sets import read_set
from harness.config import Settings
from harness.records import Clip, Finding, Measurement
from harness.run.recording import Recording

FACT = "predicted_mos"


def take_predicted(settings: Settings, voice: Mapping[str, Waveform], recording: Recording) -> None:
    """Score the sentences of a voice (id -> waveform) and the anchors that the suite names.

    Nothing is taken where the suite has no section `predicted_mos`. A predictor that is absent is
    a finding that was not checked, so that the run is no pass for it.

    Raises:
        PredictorError: a predictor of another digest, a waveform that cannot be scored.
        ReferenceSetError: a set of anchors cannot be read.
    """
    part = settings.suite.predicted_mos
    if part is None:
        return
    sets: dict[str, tuple[Clip, ...]] = {}
    human = Path(part.human) if part.human else None
    if human is not None and human.is_dir():
        sets[human.name] = read_set(human)
    elif human is not None:
        recording.doubt(f"No human anchor of a MOS: {human} is absent. Put such a set there.")
    sets |= {name: read_set(Path(settings.suite.sets) / name) for name in part.anchors}
    loaded = load(part.predictors)
    asked = ", ".join(name for one in loaded.predictors for name in one.names) or "none is there"
    recording.say(f"predicted {len(voice)} sentences, anchors: {', '.join(sets)}; by {asked}")
    found = predict(voice, anchors_of(sets, clips=part.clips, seed=settings.suite.seed), loaded)
    records: list[Measurement | Finding] = [*found.measurements, *found.findings]
    for record in records:
        recording.keep(record)
    recording.fact(FACT, dict(found.facts))
