"""Whether a control moves the right way, shown by an interval over sentences; and ratios beside."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from harness.judge.beside import ratio
from harness.judge.emotion import CONTROLS, effect_of, effects
from harness.judge.verdicts import judge
from harness.records import Measurement, Outcome, Run, Statistic
from harness.units import Unit
from tests.sample_run import budget, empty_run

BASE = {"spoken": 2.0, "f0": 120.0, "f0_range": 4.0, "loudness": -23.0}
UNITS = {"spoken": "s", "f0": "Hz", "f0_range": "st", "loudness": "LUFS"}
LIMITS = {"rate": 0.05, "pitch": 0.05, "pitch_range": 0.3, "energy": 1.0}
FACTS = {control.name: control.fact for control in CONTROLS}


def moved(fact: str, share: float, level: float) -> float:
    """A fact at a level from -1 to 1 of a control that moves it by `share`."""
    value = BASE[fact]
    if fact == "spoken":
        return value * float(np.exp(-share * level))
    return value * float(np.exp(share * level)) if fact == "f0" else value + 10 * share * level


def run_with(sentences: int = 12, noise: float = 0.02, **shares: float) -> Run:
    """A run in which each control moves its fact by its share, and nothing else."""
    rng, taken = np.random.default_rng(3), []
    settings = [("neutral", "", 0.0)]
    settings += [(f"{c}.{n}", c, level) for c in FACTS for n, level in (("low", -1), ("high", 1))]
    for name, control, level in settings:
        for fact, unit in UNITS.items():
            share = shares.get(control, 0.0) if FACTS.get(control) == fact else 0.0
            middle, spread = moved(fact, share, level), noise * rng.standard_normal(sentences)
            taken.append(
                Measurement(
                    metric=f"quality.emotion.{name}.{fact}",
                    unit=Unit(unit),
                    samples=tuple(middle * (1 + spread)),
                    clips=tuple(f"s{at}" for at in range(sentences)),
                )
            )
    return empty_run(measurements=tuple(taken), complete=True)


def verdict(control: str, run: Run) -> Outcome:
    unit = next(one.unit for one in CONTROLS if one.name == control)
    row = budget(
        f"quality.emotion.{control}",
        LIMITS[control],
        unit,
        statistic=Statistic.MEAN,
        at_most=False,
    )
    return judge(row, run).outcome


def test_a_ratio_is_the_geometric_mean_and_a_difference_the_mean() -> None:
    """Without noise: low is e^0.2 times as long as high, F0 e^0.2 times as high, 4 st, 4 dB."""
    run = run_with(noise=0.0, rate=0.1, pitch=0.1, pitch_range=0.2, energy=0.2)
    found = {one.control.name: one.value for one in effects(run)}
    quicker = np.expm1(0.2)
    assert found == pytest.approx(
        {"rate": quicker, "pitch": quicker, "pitch_range": 4.0, "energy": 4.0}
    )


@pytest.mark.parametrize("control", list(FACTS))
def test_each_control_passes_fails_and_is_not_proven(control: str) -> None:
    right: dict[str, Any] = {control: 0.3}
    wrong: dict[str, Any] = {control: -0.3}
    assert verdict(control, run_with(**right)) is Outcome.PASS
    assert verdict(control, run_with(**wrong)) is Outcome.FAIL, "the wrong way"
    dead = verdict(control, run_with(noise=0.0))
    assert dead is Outcome.FAIL, "a control that moves nothing is no control"
    assert verdict(control, run_with(4, **right)) is Outcome.NOT_PROVEN, "too few"


def test_what_was_not_measured_is_no_effect() -> None:
    assert effect_of(empty_run(), "quality.emotion.rate") is None
    assert verdict("rate", empty_run()) is Outcome.NOT_MEASURED


def test_the_ratio_is_taken_round_by_round() -> None:
    """The machine gets slower, and each round has fewer requests: the ratio stays 2."""
    slow = [1.0, 1.5, 3.0, 4.0]
    taken = [
        Measurement(
            metric="speech.rtf",
            unit=Unit.FACTOR,
            samples=(times * by,) * (4 - process if arm else 1 + process),
            process=process,
            arm=arm,
        )
        for process, by in enumerate(slow)
        for arm, times in (("", 0.02), ("espeak-ng", 0.01))
    ]
    found = ratio(empty_run(measurements=tuple(taken)), "speech.rtf", "espeak-ng")
    assert found is not None
    assert found.interval is not None
    assert found.ratio == pytest.approx(2.0)
    assert found.rounds == 4
    assert (found.interval.low, found.interval.high) == pytest.approx((2.0, 2.0))
    assert ratio(empty_run(measurements=tuple(taken[::2])), "speech.rtf", "espeak-ng") is None
