"""The MOS of a table of listeners and sentences: by hand, by simulation, and at its edges."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from harness.accuracy.listening.plan import Voice
from harness.accuracy.listening.ratings import RULE, Rating, Result
from harness.judge.listeners import crossed, opinions, preference
from harness.judge.verdicts import judge
from harness.records import Outcome, Statistic
from harness.report.listen_table import listen_text
from harness.run.listening import held, mos_measurements
from harness.units import Unit
from tests.sample_run import budget, empty_run

MOS = budget("quality.tts_mos", 4.0, Unit.SCORE, statistic=Statistic.MEAN, at_most=False)


def result_of(table: list[list[float]], *, kind: str = "acr", digest: str = "d") -> Result:
    ratings = [
        Rating(listener=one, role="voice", name=f"s{of}", clip=f"c{of}", score=score)
        for one, row in enumerate(table)
        for of, score in enumerate(row)
    ]
    return Result(
        test="t",
        kind="ab" if kind == "ab" else "acr",
        title="Test",
        voice=Voice(name="mine", digest=digest),
        other=Voice(name="theirs", digest="e") if kind == "ab" else None,
        listeners=len(table),
        excluded=(),
        rule=RULE,
        ratings=tuple(ratings),
    )


def test_the_interval_worked_by_hand() -> None:
    """Two listeners, two sentences.

    Mean 3; listeners' means 2.5 and 3.5, so MS_L = 2 * 0.5 / 1 = 1; sentences' 2.5 and 3.5, so
    MS_S = 1; nothing is left, MS_R = 0. The variance of the mean is (1 + 1 - 0) / 4 = 0.5, of
    2^2 / (1 + 1) = 2 degrees of freedom: 3 +- 4.3027 * 0.7071 = -0.04 to 6.04, cut to the scale.
    """
    found = crossed(np.array([[2.0, 3.0], [3.0, 4.0]]), low=-9, high=9)
    assert found is not None
    assert (found.low, found.high) == pytest.approx((3 - 3.0425, 3 + 3.0425), abs=1e-3)
    assert "2.0 d.f." in found.method
    cut = crossed(np.array([[2.0, 3.0], [3.0, 4.0]]))
    assert cut is not None
    assert (cut.low, cut.high) == (1.0, 5.0)


@pytest.mark.parametrize(
    ("listeners", "sentences", "spread", "least"),
    [
        (12, 10, (0.5, 0.5, 0.6), 0.93),
        (24, 20, (0.4, 0.3, 0.7), 0.93),
        (24, 6, (0.2, 0.6, 0.6), 0.92),
        (12, 10, (0.0, 0.0, 0.8), 0.93),
    ],
)
def test_the_interval_holds_the_truth_as_often_as_it_says(
    listeners: int, sentences: int, spread: tuple[float, float, float], least: float
) -> None:
    """2000 simulated tests, crossed effects; that of one rating as a unit would hold it less."""
    rng = np.random.default_rng(1)
    hits = naive = 0
    for _ in range(2000):
        table = (
            3.5
            + rng.normal(0, spread[0], (listeners, 1))
            + rng.normal(0, spread[1], (1, sentences))
            + rng.normal(0, spread[2], (listeners, sentences))
        )
        found = crossed(table, low=-9, high=9)
        assert found is not None
        hits += found.low <= 3.5 <= found.high
        half = 1.96 * table.std(ddof=1) / table.size**0.5
        naive += abs(table.mean() - 3.5) <= half
    assert least <= hits / 2000 <= 0.995
    if spread[0]:
        assert naive / 2000 < 0.75


@pytest.mark.parametrize(
    "table", [[[4.0, 5.0]], [[4.0], [5.0]], [[5.0, 5.0], [5.0, 5.0]]], ids=["1", "2", "equal"]
)
def test_too_little_has_no_interval_and_proves_nothing(table: list[list[float]]) -> None:
    assert crossed(np.array(table)) is None
    run = empty_run(measurements=tuple(mos_measurements(result_of(table))))
    assert judge(MOS, run).outcome is Outcome.NOT_PROVEN


@pytest.mark.parametrize(
    ("shift", "outcome"), [(0.6, Outcome.PASS), (0.0, Outcome.NOT_PROVEN), (-0.9, Outcome.FAIL)]
)
def test_listeners_alone_meet_the_budget(shift: float, outcome: Outcome) -> None:
    rng = np.random.default_rng(4)
    table = 4.0 + shift + rng.normal(0, 0.2, (16, 1)) + rng.normal(0, 0.2, (1, 12))
    table += rng.normal(0, 0.3, table.shape)
    run = empty_run(measurements=tuple(mos_measurements(result_of(table.tolist()))))
    verdict = judge(MOS, run)
    assert verdict.outcome is outcome
    assert verdict.samples == 16 * 12


def test_another_voices_test_never_counts(tmp_path: Path) -> None:
    from harness.accuracy.listening.ratings import write_result

    few, many = result_of([[4.0, 5.0]] * 2), result_of([[4.0, 5.0]] * 3)
    for name, one in (
        ("a", few),
        ("b", many),
        ("c", result_of([[5.0, 5.0]] * 9, digest="other")),
        ("d", result_of([[1.0, 1.0]] * 9, kind="ab")),
    ):
        (tmp_path / f"{name}.json").write_text(write_result(one))
    assert held(tmp_path, "d") == many, "of one voice, that with most listeners"
    assert held(tmp_path, "nobody's") is None
    assert held(tmp_path / "absent", "d") is None


def test_a_preference_is_counted_by_listener() -> None:
    """Eight listeners prefer the voice, one the other, one neither: 8 of 9, Wilson 0.565-0.980."""
    table = [[1.0, 1.0, 0.0, 1.0]] * 8 + [[0.0, 0.0, 1.0, 0.0]] + [[1.0, 0.0, 1.0, 0.0]]
    found = preference(result_of(table, kind="ab"))
    assert found is not None
    assert (found.prefer, found.against, found.even) == (8, 1, 1)
    assert found.interval is not None
    assert (found.interval.low, found.interval.high) == pytest.approx((0.565, 0.980), abs=1e-3)
    assert found.p == pytest.approx(2 * 10 / 512)
    assert found.share.mean == pytest.approx(27 / 40)
    told = listen_text(result_of(table, kind="ab"))
    assert "8 of 9 chose it more often than not, 1 both equally" in " ".join(told.split())


def test_nobody_is_no_preference_and_no_opinion() -> None:
    nobody = result_of([])
    assert opinions(nobody) == ()
    assert preference(nobody) is None
    assert "Nobody counts: nothing is shown." in listen_text(nobody)
