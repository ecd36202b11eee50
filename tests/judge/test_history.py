"""Levels of a series, what its newest run was expected to be, and which runs share one."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.judge.change_points import SHORTEST, segments
from harness.judge.expected import STABLE, expected
from harness.judge.history import Series, history
from harness.notes import Accepted
from harness.records import Statistic
from harness.summaries import Figure, Summary
from harness.units import Unit


def run(at: int, value: float | None, **other: object) -> Summary:
    """A run of a day, whose one figure is a p95 in seconds."""
    figure = Figure(
        metric="latency.end_to_end",
        statistic=Statistic.P95,
        unit=Unit.SECONDS,
        title="End to end",
        value=value,
    )
    made = Summary(
        id=f"run{at:03d}",
        verb="bench",
        bundle="reference",
        config="config/reference.yaml",
        started=f"2026-01-01T{at // 60:02d}:{at % 60:02d}:00Z",
        commit=f"c{at}",
        branch="main",
        machine="m",
        quick=False,
        complete=True,
        decision="PASSED",
        sentence="",
        figures=(figure,),
        ceilings={},
        place={},
    )
    return replace(made, **other)  # type: ignore[arg-type]


def noisy(levels: list[float], spread: float = 0.02, seed: int = 3) -> list[float]:
    rng = np.random.default_rng(seed)
    return [level * math.exp(spread * rng.standard_normal()) for level in levels]


def one(values: list[float], accepted: tuple[Accepted, ...] = ()) -> Series:
    (series,) = history([run(at, value) for at, value in enumerate(values)], accepted)
    return series


def test_a_step_is_found_where_it_is() -> None:
    series = one(noisy([0.040] * 20 + [0.046] * 6))
    (shift,) = series.shifts
    assert (shift.before.id, shift.first.id) == ("run019", "run020")
    assert shift.change == pytest.approx(0.15, abs=0.03)
    assert shift.worse


def test_a_stable_series_with_spikes_has_one_level() -> None:
    values = noisy([0.040] * 40)
    for at in (5, 17, 30):
        values[at] *= 1.3
    assert one(values).shifts == ()


def test_a_step_within_the_margin_is_none() -> None:
    assert one(noisy([0.040] * 30 + [0.0408] * 30, spread=0.002)).shifts == ()


def test_the_first_slow_run_is_outside_what_was_expected() -> None:
    calm = noisy([0.040] * 15)
    assert one([*calm, 0.0402]).word == "as before"
    assert one([*calm, 0.048]).word == "worse"
    assert one([*calm, 0.032]).word == "better"


def test_fewer_than_ten_runs_expect_nothing() -> None:
    assert one(noisy([0.040] * STABLE)).word == "too few runs"
    assert one(noisy([0.040] * (STABLE + 1))).word == "as before"


def test_the_expectation_is_the_textbooks() -> None:
    """n = 11 values 0.1 apart: mean 0.5, deviation 0.33166, t(10) at 99.9 % is 4.1437."""
    known = expected(np.arange(11) / 10, margin=0.0)
    assert known is not None
    reach = 4.1437 * math.sqrt(0.11) * math.sqrt(1 + 1 / 11)
    assert known.bounds(0.002) == pytest.approx((0.5 - reach, 0.5 + reach), abs=1e-3)
    assert known.chance(0.5 + reach) == pytest.approx(0.002, rel=1e-3)


def test_a_spike_in_the_level_does_not_widen_what_is_expected() -> None:
    values = np.array(noisy([1.0] * 20))
    spiked = np.append(values, 1.3)
    calm, after = expected(values), expected(spiked)
    assert calm is not None
    assert after == calm


def test_nearer_than_the_margin_nothing_is_unexpected() -> None:
    known = expected(np.full(12, 1.0), margin=0.03)
    assert known is not None
    assert (known.chance(1.029), known.chance(1.031)) == (1.0, 0.0)


def test_of_many_figures_one_must_be_further_out() -> None:
    """Alone the figure is called worse; among thirty of one run it is not."""
    alone = [*noisy([0.040] * 20), 0.0437]
    assert one(alone).word == "worse"
    series = history([with_others(at, value, 29) for at, value in enumerate(alone)])
    assert {s.word for s in series} == {"as before"}
    (clear,) = (
        s
        for s in history([with_others(at, v, 29) for at, v in enumerate([*alone[:-1], 0.06])])
        if s.word != "as before"
    )
    assert clear.name == "latency.end_to_end p95"


def with_others(at: int, value: float, others: int) -> Summary:
    """A run with as many figures more, none of which ever changes."""
    made = run(at, value)
    (figure,) = made.figures
    more = (replace(figure, metric=f"latency.m{n}", value=1.0) for n in range(others))
    return replace(made, figures=(figure, *more))


def test_other_branches_make_no_level_and_are_held_against_the_trunks() -> None:
    values = noisy([0.040] * 15)
    runs = [run(at, value) for at, value in enumerate(values)]
    tried = [run(20 + at, 0.060 + at / 1000, branch="try") for at in range(5)]
    (series,) = history([*runs, *tried])
    assert (series.word, series.shifts, len(series.levels)) == ("worse", (), 1)
    assert len(series.points) == 20
    assert series.levels[0].last.id == "run014"
    (after,) = history([*runs, *tried, run(30, 0.0402)])
    assert after.word == "as before"


def test_a_time_of_nothing_has_a_history_too() -> None:
    """A zero has no logarithm: the series is judged as it is."""
    series = one([0.0, *noisy([0.001] * 15)])
    assert series.word == "as before"
    assert series.band is not None
    assert series.band[0] < 0.001 < series.band[1] < 0.01


def test_an_accepted_change_begins_a_level() -> None:
    values = noisy([0.040] * 15 + [0.048])
    meant = Accepted(run="run015", metric="latency.end_to_end", because="larger", at="", by="")
    series = one(values, (meant,))
    assert series.word == "accepted"
    (shift,) = series.shifts
    assert shift.accepted == "larger"


def test_only_like_runs_share_a_series() -> None:
    runs = [run(0, 1.0), run(1, 1.0, machine="n"), run(2, 1.0, quick=True), run(3, 1.0, verb="v")]
    assert len(history(runs)) == 4


def test_what_is_incomplete_or_not_measured_is_left_out() -> None:
    runs = [run(0, 1.0), run(1, None), run(2, 1.0, complete=False)]
    (series,) = history(runs)
    assert [point.run.id for point in series.points] == ["run000"]


def test_runs_are_ordered_by_when_they_began() -> None:
    (series,) = history([run(2, 3.0), run(0, 1.0), run(1, 2.0)])
    assert [point.value for point in series.points] == [1.0, 2.0, 3.0]


@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=30))
def test_segments_part_the_whole_series(values: list[float]) -> None:
    parts = segments(np.array(values))
    assert parts[0].start == 0
    assert parts[-1].stop == len(values)
    for before, after in itertools.pairwise(parts):
        assert before.stop == after.start
    assert all(p.stop - p.start >= min(SHORTEST, len(values)) for p in parts)
