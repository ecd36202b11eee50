"""What a search shows: figures per variant, the control's margin, and who is beaten."""

from __future__ import annotations

import math
from dataclasses import asdict

import pytest

from harness.judge.tuning import (
    LOAD,
    P95,
    PEAK,
    WER,
    control_ratios,
    gains,
    margins,
    ratio,
    standings,
    variants_of,
)
from harness.records import Measurement, Run, Transcript, Variant
from harness.units import MB, Unit
from tests.sample_run import empty_run, measurement, transcript

WORDS = ["una casa verde"] * 40


def variant(name: str, part: str = "final") -> Variant:
    options = {} if name.startswith("as given") else {name: True}
    return Variant(name=name, options=options, config=f"{name}.yaml", arm=name, part=part)


def measured(
    arm: str, seconds: float, peak: float, load: float, rounds: int = 4
) -> list[Measurement]:
    """Return what the processes of an arm measured, 1 % apart from round to round."""
    found = []
    for n in range(rounds):
        slower = 1 + 0.01 * n
        told = [
            (P95, [seconds * slower, 0.5 * seconds], Unit.SECONDS),
            (PEAK, [peak * MB], Unit.BYTES),
            (LOAD, [load * slower], Unit.SECONDS),
        ]
        found += [measurement(m, s, process=n, unit=unit, arm=arm) for m, s, unit in told]
    return found


def heard(arm: str, wrong: int) -> list[Transcript]:
    """Return what an arm heard: in the first `wrong` clips one word of three is another."""
    return [
        transcript(text, text.replace("casa", "cosa") if n < wrong else text, f"c{n}", arm=arm)
        for n, text in enumerate(WORDS)
    ]


def search(*arms: tuple[str, float, float, float, int], control: float = 0.1) -> Run:
    """Return a search: name, p95, peak in MB, load, wrong clips; and the control's p95."""
    found = [*(variant(arm[0]) for arm in arms), variant("as given, again", "control")]
    return empty_run(
        verb="tune",
        measurements=(
            *(m for name, p95, peak, load, _ in arms for m in measured(name, p95, peak, load)),
            *measured("as given, again", control, 100, 1.0),
        ),
        transcripts=tuple(t for name, *_, wrong in arms for t in heard(name, wrong)),
        facts={"variants": [asdict(one) for one in found], "heard": {"set": "es_synthetic"}},
    )


GIVEN = ("as given", 0.1, 100.0, 1.0, 2)


def beaten(run: Run) -> dict[str, tuple[str, ...]]:
    return {one.variant.name: one.beaten_by for one in standings(run)}


def test_a_worked_example() -> None:
    run = search(GIVEN, ("small", 0.15, 60.0, 1.0, 2), ("bad", 0.15, 100.0, 1.0, 2))
    assert beaten(run) == {"as given": (), "small": (), "bad": ("as given", "small")}
    given, small, bad = standings(run)  # the front first, each part by its p95
    assert [one.on_front for one in (given, small, bad)] == [True, True, False]
    assert given.values == pytest.approx({P95: 0.103, PEAK: 100 * MB, LOAD: 1.015, WER: 2 / 120})


@pytest.mark.parametrize(
    ("other", "front"),
    [
        pytest.param((0.1, 100.0, 1.0, 2), True, id="no difference shown"),
        pytest.param((0.102, 101.0, 1.02, 2), True, id="worse by less than the margin"),
        pytest.param((0.12, 100.0, 1.0, 2), False, id="slower"),
        pytest.param((0.1, 110.0, 1.0, 2), False, id="larger"),
        pytest.param((0.1, 100.0, 1.2, 2), False, id="slower to load"),
        pytest.param((0.1, 100.0, 1.0, 20), False, id="hears worse"),
        pytest.param((0.1, 100.0, 1.0, 3), True, id="one word more is no difference shown"),
        pytest.param((0.12, 90.0, 1.0, 2), True, id="slower and smaller: a trade-off"),
    ],
)
def test_a_variant_stays_unless_it_is_beaten(
    other: tuple[float, float, float, int], front: bool
) -> None:
    run = search(GIVEN, ("other", *other))
    assert {one.variant.name: one.on_front for one in standings(run)} == {
        "as given": True,
        "other": front,
    }


def test_what_the_control_shows_against_itself_counts_for_nothing() -> None:
    quiet, loud = (search(GIVEN, ("slow", 0.12, 100.0, 1.0, 2), control=c) for c in (0.1, 0.13))
    assert beaten(quiet)["slow"] == ("as given",)
    assert margins(loud)[P95] == pytest.approx(math.log(1.3))
    assert margins(loud)[PEAK] == pytest.approx(math.log(1.03))
    assert control_ratios(loud)[P95].low == pytest.approx(1.3)
    assert beaten(loud)["slow"] == ()


def test_a_variant_that_missed_a_round_is_not_judged_and_beats_nobody() -> None:
    run = search(GIVEN, ("quick", 0.01, 10.0, 0.1, 0))
    last = [m for m in run.measurements if not (m.arm == "quick" and m.process == 3)]
    run = empty_run(measurements=tuple(last), transcripts=run.transcripts, facts=run.facts)
    assert [(one.variant.name, one.on_front) for one in standings(run)] == [
        ("as given", True),
        ("quick", False),
    ]


def test_a_run_that_is_no_search_has_no_standings() -> None:
    assert standings(empty_run()) == ()


def test_a_ratio_is_paired_by_round_and_needs_three() -> None:
    old, new = {0: 1.0, 1: 2.0, 2: 4.0}, {0: 1.1, 1: 2.2, 2: 4.4, 3: 9.0}
    interval = ratio(old, new)
    assert interval is not None
    assert (interval.low, interval.high) == pytest.approx((1.1, 1.1))
    assert ratio(old, {0: 1.0, 1: 2.0}) is None


def test_gains_are_log_ratios_of_medians_above_zero_where_better() -> None:
    run = search(GIVEN, ("small", 0.2, 50.0, 1.0, 2))
    given, small = variants_of(run, "final")
    assert gains(run, small, given) == pytest.approx(
        {P95: -math.log(2), PEAK: math.log(2), LOAD: 0.0}
    )
