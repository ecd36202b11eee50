"""What a run shows does not depend on which clip was answered first."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from harness.judge.compare import compare
from harness.judge.conditions import severities, trade
from harness.judge.scores import CHARACTERS, DECODED, SENTENCES
from harness.judge.verdicts import judge
from harness.records import Run, Statistic, Transcript
from harness.units import Unit
from tests.sample_run import budget, empty_run, transcript

SAID = "pon la radio de la cocina"
WORDS = SAID.split()


def a_run(seed: int, *, speakers: int) -> Run:
    """Return 60 clips, some of them misheard, each also under noise."""
    rng = random.Random(seed)
    heard: list[Transcript] = []
    for number in range(60):
        for treatment in ("", "white 10"):
            text = " ".join(word if rng.random() > 0.1 else "eh" for word in WORDS)
            speaker = f"s{number % speakers}"
            one = transcript(SAID, text, f"c{number}", speaker=speaker, treatment=treatment)
            heard.append(one)
    return empty_run(transcripts=tuple(heard))


def shuffled(run: Run, seed: int) -> Run:
    mixed = list(run.transcripts)
    random.Random(seed).shuffle(mixed)
    return replace(run, transcripts=tuple(mixed))


@pytest.mark.parametrize("speakers", [12, 60])
@pytest.mark.parametrize("prefix", [DECODED, CHARACTERS, SENTENCES])
def test_a_shuffled_run_has_the_same_verdicts_to_the_last_digit(prefix: str, speakers: int) -> None:
    run = a_run(1, speakers=speakers)
    row = budget(f"{prefix}es_synthetic", 0.1, Unit.RATIO, statistic=Statistic.RATE)
    assert [judge(row, shuffled(run, seed)) for seed in range(4)] == [judge(row, run)] * 4


@pytest.mark.parametrize("speakers", [12, 60])
def test_shuffled_runs_are_compared_alike(speakers: int) -> None:
    old, new = a_run(1, speakers=speakers), a_run(2, speakers=speakers)
    mixed = shuffled(old, 3), shuffled(new, 4)
    assert compare(*mixed).changes == compare(old, new).changes
    assert trade(*mixed) == trade(old, new)
    assert severities(mixed[0]) == severities(old)
