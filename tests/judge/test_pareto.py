"""The front: who is beaten, and who is not, where differences carry noise."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from harness.judge.pareto import Bools, beats, on_front


def better(count: int, goals: int, *pairs: tuple[int, int, int]) -> Bools:
    """Return the relation in which the first of each triple is better at the third."""
    relation = np.zeros((count, count, goals), dtype=np.bool_)
    for first, second, goal in pairs:
        relation[first, second, goal] = True
    return relation


def test_a_worked_example() -> None:
    """0 is quick and large, 1 slow and small, 2 slow and large, 3 as 0 but slower to load."""
    time, memory, load = range(3)
    relation = better(
        4,
        3,
        *((0, 1, time), (0, 2, time), (3, 1, time), (3, 2, time)),
        *((1, 0, memory), (1, 2, memory), (1, 3, memory)),
        (0, 3, load),
    )
    assert on_front(relation).tolist() == [True, True, False, False]
    assert np.argwhere(beats(relation)).tolist() == [[0, 2], [0, 3], [1, 2], [3, 2]]


@pytest.mark.parametrize(
    ("pairs", "front"),
    [
        pytest.param([], [True, True, True], id="no difference shown: all stay"),
        pytest.param([(0, 1, 0)], [True, False, True], id="better at one, equal at the other"),
        pytest.param(
            [(0, 1, 0), (1, 0, 1)], [True, True, True], id="better and worse: a trade-off"
        ),
        pytest.param(
            [(0, 1, 0), (1, 2, 0)], [True, False, False], id="beaten by one that is beaten itself"
        ),
        pytest.param(
            [(0, 1, 0), (1, 2, 1), (2, 0, 0)], [True, True, True], id="a circle beats nobody in it"
        ),
    ],
)
def test_who_stays(pairs: list[tuple[int, int, int]], front: list[bool]) -> None:
    assert on_front(better(3, 2, *pairs)).tolist() == front


def test_a_circle_still_beats_what_is_outside_it() -> None:
    circle = [(0, 1, 0), (1, 2, 1), (2, 0, 0)]
    assert on_front(better(4, 2, *circle, (0, 3, 0))).tolist() == [True, True, True, False]


@given(
    arrays(np.float64, array_shapes(min_dims=2, max_dims=2, max_side=8), elements=st.integers(0, 4))
)
def test_without_noise_it_is_the_plain_front(figures: np.ndarray) -> None:
    """Lower is better; nobody on the front is beaten, and there always is a front."""
    relation = figures[:, None, :] < figures[None, :, :]
    plain = [
        not any((other <= one).all() and (other < one).any() for other in figures)
        for one in figures
    ]
    assert on_front(relation).tolist() == plain


@given(st.integers(1, 7).flatmap(lambda n: arrays(np.bool_, (n, n, 3))))
def test_a_front_is_never_empty(relation: Bools) -> None:
    assert on_front(relation).any()
