"""The memory of a stage is what was planted in it, however soon it was freed."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import MeasurementError
from harness.records import Planting
from harness.report.memory_truth_table import memory_truth_table
from harness.run import memory_truth as truth
from harness.run.memory_truth import memory_truth
from harness.units import MB


def test_the_kernel_sees_what_was_planted_and_freed() -> None:
    steps: list[None] = []
    sizes = (50 * MB, 200 * MB)
    found = memory_truth(sizes=sizes, held=(0.05, 0.001), step=lambda: steps.append(None))
    assert len(found) == len(steps) == 20
    assert {(one.planted, one.held) for one in found} == {
        (size, held) for size in sizes for held in (0.05, 0.001)
    }
    assert [one for one in found if not one.within] == []
    assert all(one.lived >= one.held for one in found)
    assert max(one.polled or 0.0 for one in found) > 100 * MB  # polling looked at the right process


def test_the_order_is_drawn_by_the_seed() -> None:
    orders = [
        [one.planted for one in memory_truth(sizes=(MB, 2 * MB), held=(0.0,), repeats=3, seed=seed)]
        for seed in (1, 1, 2)
    ]
    assert orders[0] == orders[1] != orders[2]


@pytest.mark.parametrize(
    ("kernel", "within"),
    [
        pytest.param(50e6, True, id="exact"),
        pytest.param(51.5e6, True, id="1 % + 1 MB more"),
        pytest.param(51.6e6, False, id="beyond it"),
        pytest.param(48.4e6, False, id="below it"),
    ],
)
def test_the_table_says_how_often_it_was_within(kernel: float, within: bool) -> None:
    one = Planting(
        planted=50 * MB, held=0.1, lived=0.2, kernel=kernel, polled=None, tolerance=1.5 * MB
    )
    assert one.within is within
    assert f"{int(within)} of 1 times" in memory_truth_table([one])


def test_a_process_that_cannot_plant_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(truth, "INSIDE", Path("nowhere"))
    with pytest.raises(MeasurementError, match="nowhere: cannot be started"):
        memory_truth(sizes=(MB,), repeats=1)
