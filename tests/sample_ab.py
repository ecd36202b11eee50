"""An A/B run as the harness would have stored it, made by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from harness.judge.arms import GATED
from harness.records import Measurement, Run, Transcript
from harness.units import Unit
from tests.sample_run import empty_run, measurement, transcript

SAID = "pon la radio"
SIDES = {
    name: {
        "given": given,
        "commit": "0123456789abcdef + changes",
        "config": digest,
        "bundle": "fedcba9876543210",
        "packages": {"python": "3.11.2", "onnxruntime": "1.32.0"},
    }
    for name, given, digest in (("a", "config/one.yaml", "11"), ("b", "config/two.yaml", "22"))
}


def ab_run(*, slower: float = 1.0, heavier: float = 1.0, misheard: int = 0, rounds: int = 6) -> Run:
    """Return an A/B run in which only b differs, by these factors and so many clips of 40.

    Both mishear a word of the last clip: a difference from no error at all has no interval.
    """
    rng = np.random.default_rng(0)
    taken: list[Measurement] = []
    for arm, time, memory in (("a", 1.0, 1.0), ("a again", 1.0, 1.0), ("b", slower, heavier)):
        for number in range(rounds):
            noise = float(rng.normal(1, 0.002))
            for metric in GATED[:3]:
                samples = [time * noise * share for share in (0.9, 1.0, 5.0)]
                taken.append(measurement(metric, samples, number, arm=arm))
            peak = [memory * noise * 1e8]
            taken.append(measurement("memory.peak", peak, number, arm=arm, unit=Unit.BYTES))
    heard: list[Transcript] = []
    for arm, wrong in (("a", 0), ("b", misheard)):
        for clip in range(40):
            text = "nada" if clip < wrong else "con la radio" if clip == 39 else SAID
            heard.append(transcript(SAID, text, f"c{clip}", arm=arm))
    run = empty_run(measurements=tuple(taken), transcripts=tuple(heard))
    return replace(run, verb="ab", complete=True, facts={"sides": SIDES})
