"""Levels of a series, what its newest run was expected to be, and which runs share one."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.judge.change_points import SHORTEST, STABLE, predicted, segments
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
    """n = 11 values 0.1 apart: median 0.5, deviation 1.4826 * 0.3, t(10) at 99.9 % is 4.144."""
    bounds = predicted(np.arange(11) / 10, margin=0.0)
    assert bounds is not None
    reach = 4.1437 * 1.4826 * 0.3 * math.sqrt(1 + 1 / 11)
    assert bounds == pytest.approx((0.5 - reach, 0.5 + reach), abs=1e-3)


def test_an_accepted_change_begins_a_level() -> None:
    values = noisy([0.040] * 15 + [0.048])
    meant = Accepted(run="run015", metric="latency.end_to_end", because="larger", at="", by="")
    series = one(values, (meant,))
    assert series.word == "too few runs"
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
