"""The facts of a clip's signal by name: their unit, and what a person calls them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from harness.accuracy.speech_quality.signal import SignalFacts
from harness.accuracy.speech_quality.syllables import syllables
from harness.units import Unit

SIGNAL = "quality.signal."  # and a name of `FACTS`


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One fact of a clip."""

    title: str
    unit: Unit
    of: Callable[[SignalFacts, str], float | None]  # the facts and the text; None: not of this clip


FACTS: Mapping[str, Fact] = {
    "seconds": Fact(title="Length", unit=Unit.SECONDS, of=lambda f, _: f.seconds),
    "spoken": Fact(title="First to last sound", unit=Unit.SECONDS, of=lambda f, _: f.spoken),
    "pace": Fact(
        title="Seconds per syllable",
        unit=Unit.SECONDS,
        of=lambda f, text: f.spoken / max(syllables(text), 1),
    ),
    "lead": Fact(title="Silence before", unit=Unit.SECONDS, of=lambda f, _: f.lead),
    "trail": Fact(title="Silence after", unit=Unit.SECONDS, of=lambda f, _: f.trail),
    "pause": Fact(title="Longest silence within", unit=Unit.SECONDS, of=lambda f, _: f.pause),
    "clipped": Fact(title="Samples cut off", unit=Unit.RATIO, of=lambda f, _: f.clipped),
    "offset": Fact(title="DC offset", unit=Unit.RATIO, of=lambda f, _: f.offset),
    "loudness": Fact(title="Loudness", unit=Unit.LOUDNESS, of=lambda f, _: f.loudness),
    "bandwidth": Fact(title="Bandwidth", unit=Unit.HERTZ, of=lambda f, _: f.bandwidth),
    "f0": Fact(title="F0, median", unit=Unit.HERTZ, of=lambda f, _: f.f0),
    "f0_range": Fact(title="F0 range", unit=Unit.SEMITONES, of=lambda f, _: f.f0_range),
    "voiced": Fact(title="Voiced", unit=Unit.RATIO, of=lambda f, _: f.voiced),
}
