"""Signal facts of clips as measurements, and how like their source copies are."""

from __future__ import annotations

from collections.abc import Mapping

from harness.accuracy.speech_quality import likeness
from harness.accuracy.speech_quality.facts import FACTS
from harness.accuracy.speech_quality.signal import SignalFacts, facts_of, read_mono
from harness.progress import progress
from harness.records import Measurement
from harness.run.recording import Recording
from harness.run.speech.arms import COPY, SOURCE, Audio
from harness.units import Unit


def signal_facts(audio: Audio, arm: str) -> dict[str, SignalFacts]:
    """Measure the signal of every clip of an arm."""
    found: dict[str, SignalFacts] = {}
    with progress(f"signal, {arm}", total=len(audio)) as step:
        for name, path in audio.items():
            found[name] = facts_of(*read_mono(path))
            step()
    return found


def measured(
    found: Mapping[str, SignalFacts], texts: Mapping[str, str], prefix: str, *, arm: str = ""
) -> list[Measurement]:
    """Return the facts of several clips, a measurement for each, named `prefix` and the fact."""
    taken = []
    for name, fact in FACTS.items():
        values = {clip: fact.of(facts, texts[clip]) for clip, facts in found.items()}
        told = {clip: value for clip, value in values.items() if value is not None}
        if told:
            taken.append(
                Measurement(
                    metric=f"{prefix}{name}",
                    unit=fact.unit,
                    samples=tuple(told.values()),
                    clips=tuple(told),
                    arm=arm,
                )
            )
    return taken


def compare_copies(audio: Mapping[str, Audio], recording: Recording) -> None:
    """Keep `quality.copy.<measure>` of the copies, which have the timing of their sources."""
    if COPY not in audio:
        return
    recording.fact("speech_likeness", likeness.absent())
    values: dict[str, dict[str, float]] = {}
    for name, path in audio[COPY].items():
        (source, rate), (copy, copied) = read_mono(audio[SOURCE][name]), read_mono(path)
        for one in likeness.likeness(source, copy, rate, copied):
            values.setdefault(one.name, {})[name] = one.value
    for measure, found in values.items():
        recording.keep(
            Measurement(
                metric=f"quality.copy.{measure}",
                unit=Unit.SCORE,
                samples=tuple(found.values()),
                clips=tuple(found),
            )
        )
