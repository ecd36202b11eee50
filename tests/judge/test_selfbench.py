"""What the harness claims of itself: judged by hand, and never passed where it was not measured."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from harness.judge.aims import HELP, OVERHEAD
from harness.judge.selfbench import judge_selfbench, pairs_of
from harness.records import Measurement, Outcome, Run, Verdict
from harness.units import MB, Unit
from tests.sample_run import empty_run

PAIRS = {
    "help": {"metric": "selfbench.start", "base": "python", "other": "harness"},
    "overhead": {"metric": "latency.end_to_end", "base": "bare", "other": "full"},
}


def pairs_run(part: str, base: list[list[float]], other: list[list[float]]) -> Run:
    """A run of one part whose two arms took these times, process by process."""
    fact = PAIRS[part]
    taken = [
        Measurement(
            metric=fact["metric"],
            unit=Unit.SECONDS,
            samples=tuple(samples),
            process=number,
            arm=fact[arm],
        )
        for arm, processes in (("base", base), ("other", other))
        for number, samples in enumerate(processes)
    ]
    facts = {"selfbench": [part], part: fact}
    return replace(empty_run(), measurements=tuple(taken), facts=facts)


def judged(run: Run) -> Verdict:
    (verdict,) = judge_selfbench(run)
    return verdict


def test_what_the_latency_pass_adds_by_hand() -> None:
    # Medians 1.00 and 1.01 in every round: 1 % is added, and nothing varies.
    run = pairs_run("overhead", [[1.0, 0.9, 5.0]] * 4, [[1.01, 1.0, 9.0]] * 4)
    verdict = judged(run)
    assert verdict.value == pytest.approx(0.01)
    assert verdict.interval is not None
    assert verdict.interval.high == pytest.approx(0.01)
    assert (verdict.outcome, verdict.samples) == (Outcome.PASS, 4)


@pytest.mark.parametrize(
    ("part", "ratios", "outcome"),
    [
        pytest.param("overhead", [1.05] * 4, Outcome.FAIL, id="5 % are more than 2 %"),
        pytest.param("overhead", [0.98] * 4, Outcome.PASS, id="faster by chance is no miss"),
        pytest.param("overhead", [1.0, 1.05, 1.0, 1.05], Outcome.NOT_PROVEN, id="too wide"),
        pytest.param("help", [5.9] * 3, Outcome.PASS, id="the ratio itself, not what is added"),
        pytest.param("help", [6.1] * 3, Outcome.FAIL, id="above six"),
        pytest.param("help", [2.0] * 2, Outcome.NOT_MEASURED, id="two pairs tell nothing"),
        pytest.param("help", [], Outcome.NOT_MEASURED, id="interrupted before the first"),
    ],
)
def test_the_whole_interval_has_to_keep_the_limit(
    part: str, ratios: list[float], outcome: Outcome
) -> None:
    run = pairs_run(part, [[1.0]] * len(ratios), [[ratio] for ratio in ratios])
    assert judged(run).outcome is outcome


def test_a_process_without_its_pair_does_not_count() -> None:
    run = pairs_run("help", [[1.0]] * 5, [[2.0]] * 4)
    base, other = pairs_of(run, HELP)
    assert (len(base), len(other)) == (4, 4)
    assert len(pairs_of(run, OVERHEAD)[0]) == 0


def alarms_run(same: int, slow: int, comparisons: int) -> Run:
    """A run in which so many comparisons of identical code, and of slower, look slower."""
    looks = {"same": same, "slow15": slow}
    taken = []
    for arm in ("a", "a again", "same", "slow15"):
        for number in range(3 * comparisons):
            time = 1.15 if number // 3 < looks.get(arm, 0) else 1.0
            told: dict[str, Any] = {"metric": "latency.end_to_end", "unit": Unit.SECONDS}
            taken.append(Measurement(**told, samples=(time, time), process=number, arm=arm))
    planted = {"same": 0.0, "slow15": 0.15}
    fact = {"rounds": 3, "baseline": ["a", "a again"], "planted": planted}
    facts = {"selfbench": ["alarms"], "alarms": fact}
    return replace(empty_run(), measurements=tuple(taken), facts=facts)


@pytest.mark.filterwarnings("ignore:Precision loss")  # of the peers' t-test: nothing varies here
@pytest.mark.parametrize(
    ("same", "slow", "comparisons", "outcomes"),
    [
        pytest.param(5, 85, 100, ("PASS", "PASS"), id="a hundred: the counts decide"),
        pytest.param(6, 84, 100, ("FAIL", "FAIL"), id="one more, and one less"),
        pytest.param(0, 5, 5, ("NOT PROVEN", "NOT PROVEN"), id="five show neither"),
        pytest.param(5, 0, 5, ("FAIL", "FAIL"), id="but five can show that it is wrong"),
        pytest.param(0, 0, 0, ("NOT MEASURED", "NOT MEASURED"), id="none at all"),
    ],
)
def test_a_hundred_comparisons_let_their_count_decide(
    same: int, slow: int, comparisons: int, outcomes: tuple[str, str]
) -> None:
    verdicts = judge_selfbench(alarms_run(same, slow, comparisons))
    assert tuple(verdict.outcome for verdict in verdicts) == outcomes


def test_a_part_that_was_asked_for_and_left_nothing_is_no_pass() -> None:
    run = replace(empty_run(), facts={"selfbench": ["help", "overhead", "alarms"]})
    assert {verdict.outcome for verdict in judge_selfbench(run)} == {Outcome.NOT_MEASURED}


@pytest.mark.parametrize(
    ("kernel", "outcome", "value"),
    [
        pytest.param(101.9 * MB, Outcome.PASS, 1.0, id="1.9 MB beside it, of 2 allowed"),
        pytest.param(97.9 * MB, Outcome.FAIL, 0.5, id="2.1 MB are too many"),
    ],
)
def test_every_planting_has_to_be_seen(kernel: float, outcome: Outcome, value: float) -> None:
    planting = {"planted": 100 * MB, "held": 0.1, "lived": 0.1, "polled": None}
    seen = [{**planting, "kernel": k, "tolerance": 2.0 * MB} for k in (100.0 * MB, kernel)]
    verdict = judged(replace(empty_run(), facts={"selfbench": ["memory"], "memory": seen}))
    assert (verdict.outcome, verdict.value, verdict.samples) == (outcome, value, 2)


def cover(speakers: int, held: int, sets: int = 1000) -> dict[str, float]:
    counts = dict.fromkeys(("quantiles", "utterances", "difference", "silent"), 0)
    return {"speakers": speakers, "rate": 0.02, "clips": 300, "sets": sets, "held": held, **counts}


@pytest.mark.parametrize(
    ("cells", "outcome"),
    [
        pytest.param([cover(20, 930), cover(50, 970)], Outcome.PASS, id="93 and 97 %"),
        pytest.param([cover(8, 800), cover(20, 950)], Outcome.PASS, id="8 speakers are too few"),
        pytest.param([cover(20, 950), cover(20, 925)], Outcome.NOT_PROVEN, id="may be chance"),
        pytest.param([cover(20, 900)], Outcome.FAIL, id="too seldom"),
        pytest.param([cover(50, 995)], Outcome.FAIL, id="too often: needlessly wide"),
        pytest.param([cover(8, 950)], Outcome.NOT_MEASURED, id="no cell of enough speakers"),
    ],
)
def test_the_interval_of_a_rate_has_to_hold_as_often_as_it_says(
    cells: list[dict[str, float]], outcome: Outcome
) -> None:
    facts = {"selfbench": ["coverage"], "coverage": cells}
    assert judged(replace(empty_run(), facts=facts)).outcome is outcome


def cell(rate: float, passed: int, failed: int) -> dict[str, float]:
    return {
        "rate": rate,
        "share": 0.5,
        "gates": 100,
        "runs": 80.0,
        "passed": passed,
        "failed": failed,
    }


@pytest.mark.parametrize(
    ("cells", "outcomes"),
    [
        pytest.param(
            [cell(0.01, 90, 5), cell(0.08, 5, 60)], ("PASS", "PASS"), id="5 of 100 each way"
        ),
        pytest.param(
            [cell(0.03, 60, 8), cell(0.05, 7, 0)],
            ("NOT PROVEN", "NOT PROVEN"),
            id="8 and 7 may be chance: their intervals reach down to 3.5 and 2.9 %",
        ),
        pytest.param([cell(0.05, 15, 15)], ("FAIL", "FAIL"), id="15 are not"),
        pytest.param([], ("NOT MEASURED", "NOT MEASURED"), id="nothing was simulated"),
    ],
)
def test_the_worst_cell_of_the_curve_is_judged(
    cells: list[dict[str, float]], outcomes: tuple[str, str]
) -> None:
    verdicts = judge_selfbench(replace(empty_run(), facts={"selfbench": ["curve"], "curve": cells}))
    assert tuple(verdict.outcome for verdict in verdicts) == outcomes
