"""Whether each control of a voice moves what it is for, and which way.

Every sentence is said at the low, the neutral and the high level of a control, the others neutral.
The effect of a control is that of high against low, paired by sentence, and above 0 where it moves
the right way:

    rate          how much quicker: the length at low / at high, less 1
    pitch         how much higher the median F0: at high / at low, less 1
    pitch_range   by how many semitones the range of F0 is wider
    energy        by how many dB it is louder (BS.1770)

Ratios are geometric means. The interval is that of the bootstrap over sentences, 10 000 draws:
their standard error times Student's t, as in `intervals`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy import special

from harness.budgets import EMOTION
from harness.judge.intervals import DRAWS, LEVEL, Floats, rate_error
from harness.records import Interval, Run
from harness.units import Unit

LOW, NEUTRAL, HIGH = "low", "neutral", "high"
SENTENCES = 5  # of fewer there is no interval


@dataclass(frozen=True, kw_only=True)
class Control:
    """What a control is for."""

    name: str
    title: str
    fact: str  # of `accuracy.speech_quality.facts`, that it moves
    unit: Unit  # of the effect
    ratio: bool  # whether the effect is of a ratio; else of a difference
    inverse: bool = False  # whether more of the control is less of the fact


CONTROLS = (
    Control(name="rate", title="Rate", fact="spoken", unit=Unit.RATIO, ratio=True, inverse=True),
    Control(name="pitch", title="Pitch", fact="f0", unit=Unit.RATIO, ratio=True),
    Control(
        name="pitch_range",
        title="Pitch range",
        fact="f0_range",
        unit=Unit.SEMITONES,
        ratio=False,
    ),
    Control(name="energy", title="Energy", fact="loudness", unit=Unit.DECIBEL, ratio=False),
)


@dataclass(frozen=True, kw_only=True)
class Effect:
    """What a control does from its low level to its high one."""

    control: Control
    value: float  # in the control's unit; above 0: the right way
    interval: Interval | None  # None of fewer than 5 sentences
    sentences: int


def effect_of(run: Run, metric: str) -> Effect | None:
    """Return the effect that a metric names; None where it is none or was not measured."""
    control = next((one for one in CONTROLS if metric == EMOTION + one.name), None)
    return None if control is None else _effect(run, control, control)


def effects(run: Run) -> tuple[Effect, ...]:
    """Return the effect of every control that was measured."""
    found = (effect_of(run, EMOTION + control.name) for control in CONTROLS)
    return tuple(one for one in found if one is not None)


def levels_of(run: Run, control: Control, fact: str) -> dict[str, Mapping[str, float]]:
    """Return a fact of each sentence at every level of a control: level -> sentence -> value."""
    names = {
        LOW: f"{EMOTION}{control.name}.{LOW}.{fact}",
        NEUTRAL: f"{EMOTION}{NEUTRAL}.{fact}",
        HIGH: f"{EMOTION}{control.name}.{HIGH}.{fact}",
    }
    return {level: _values(run, name) for level, name in names.items()}


def side_effects(run: Run, control: Control) -> tuple[Effect, ...]:
    """Return what a control does to the facts that the others are for, written as they are."""
    return tuple(
        found
        for other in CONTROLS
        if other is not control and (found := _effect(run, control, other))
    )


def _effect(run: Run, moving: Control, seen: Control) -> Effect | None:
    """What the control `moving` does to the fact that `seen` is for."""
    levels = levels_of(run, moving, seen.fact)
    low, high = levels[LOW], levels[HIGH]
    pairs = [(low[name], high[name]) for name in low if name in high]
    if not pairs:
        return None
    first, second = np.array(pairs).T
    sign = -1.0 if seen.inverse else 1.0
    moved = sign * (np.log(second / first) if seen.ratio else second - first)
    value, half = float(moved.mean()), _half_width(moved)
    back: Callable[[float], float] = math.expm1 if seen.ratio else float
    method = f"bootstrap over {len(pairs)} sentences, {DRAWS} draws, t"
    return Effect(
        control=seen,
        value=back(value),
        interval=None
        if half is None
        else Interval(low=back(value - half), high=back(value + half), level=LEVEL, method=method),
        sentences=len(pairs),
    )


def _half_width(moved: Floats) -> float | None:
    many = len(moved)
    if many < SENTENCES:
        return None
    error = rate_error(moved, np.ones(many))
    return error * float(special.stdtrit(many - 1, (1 + LEVEL) / 2))


def _values(run: Run, metric: str) -> Mapping[str, float]:
    taken = [m for m in run.measurements if m.metric == metric and not m.arm]
    return {clip: value for m in taken for clip, value in zip(m.clips, m.samples, strict=True)}
