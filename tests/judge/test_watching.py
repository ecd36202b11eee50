"""The simulated history: what is drawn, what is counted, and how it is judged."""

from __future__ import annotations

import math
from dataclasses import asdict, replace

import numpy as np
import pytest

from harness.judge.history import ALPHA
from harness.judge.holm import adjusted
from harness.judge.selfbench import judge_history
from harness.judge.watching import (
    CHANGED,
    CLEAN,
    DRIFT,
    KINDS,
    RUNS,
    STEP,
    Watch,
    families,
    simulate,
    watches,
)
from harness.records import Outcome
from tests.sample_run import empty_run

WATCH = Watch(
    kind=CLEAN, noise=0.02, spikes=0.0, series=300, looks=9000, outside=50, shifted=0, found=()
)


def outcomes(*cells: Watch) -> list[Outcome]:
    run = empty_run(verb="selfbench", facts={"history": [asdict(cell) for cell in cells]})
    return [verdict.outcome for verdict in judge_history(run)]


def test_holm_multiplies_the_least_by_the_number_of_tests() -> None:
    assert adjusted([0.03, 0.01]) == pytest.approx([0.03, 0.02])
    assert adjusted([0.01, 0.011, 0.9]) == pytest.approx([0.03, 0.03, 0.9])
    assert adjusted([]) == []


def test_what_is_drawn_has_the_level_that_it_is_said_to_have() -> None:
    rng = np.random.default_rng(0)
    step, _ = simulate(rng, STEP, 1e-9, 0.0)
    assert np.exp(step[CHANGED] - step[CHANGED - 1]) == pytest.approx(1.1)
    drift, _ = simulate(rng, DRIFT, 1e-9, 0.0)
    assert np.exp(np.diff(drift)) == pytest.approx(np.full(RUNS - 1, 1.005))
    clean, spiked = simulate(rng, CLEAN, 1e-9, 0.5)
    assert clean == pytest.approx(math.log(1.3) * spiked, abs=1e-6)
    assert 0 < spiked.sum() < RUNS


def test_a_clear_step_is_found_and_the_same_seed_says_the_same() -> None:
    steps: list[None] = []
    cells = watches(1, 3, lambda: steps.append(None))
    assert cells == watches(1, 3)
    assert len(steps) == len(cells) == len(KINDS)
    (step,) = (c for c in cells if (c.kind, c.noise, c.spikes) == (STEP, 0.02, 0.0))
    assert dict(step.found)[8] == step.shifted == 1
    (clean, *_) = cells
    assert clean.looks == RUNS - 10


def test_a_correction_keeps_many_figures_to_the_alarms_of_one() -> None:
    found = {one.figures: one for one in families(400, 1) if one.noise == 0.02}
    assert found[15].plain > 4 * found[15].corrected
    assert found[15].corrected < 400 * 5 * ALPHA
    assert found[1].plain == found[1].corrected


def test_the_worst_clean_cell_decides() -> None:
    kept, missed = Outcome.PASS, Outcome.FAIL
    assert outcomes(WATCH) == [kept, kept]
    assert outcomes(WATCH, replace(WATCH, shifted=30)) == [missed, kept]
    assert outcomes(WATCH, replace(WATCH, outside=900)) == [kept, missed]
    assert outcomes(WATCH, replace(WATCH, shifted=4)) == [Outcome.NOT_PROVEN, kept]
    assert outcomes(WATCH, replace(WATCH, kind=STEP, shifted=300, outside=900)) == [kept, kept]
    assert outcomes() == [Outcome.NOT_MEASURED] * 2
