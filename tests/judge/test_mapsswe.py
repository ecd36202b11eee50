"""The matched-pairs test: one example with its arithmetic, where segments end, and the edges."""

from __future__ import annotations

import math

import pytest

from harness.accuracy.text import View
from harness.accuracy.wer import Pair, align
from harness.judge.mapsswe import Segment, mapsswe, of_transcripts, segments_of
from harness.records import Transcript


def cut(said: str, first: str, second: str) -> list[Segment]:
    pairs = [align(said, heard, View.STRICT) for heard in (first, second)]
    return segments_of(pairs[:1], pairs[1:])


CLIPS = [
    # said               the first heard      the second heard     segments
    ("a b c d e f g h", "a x c d e f g h", "a b c d e y g h", [(1, 0), (0, 1)]),
    ("a b c d", "a b c d", "a b z c d", [(0, 1)]),
    ("a b c", "x y c", "a b c", [(2, 0)]),
    ("a b c d e f", "x b c d e f", "a b y d e f", [(1, 1)]),
    ("a b c d", "a b c d", "a b c d", []),
]


def test_an_example_by_hand_to_three_decimals() -> None:
    # differences of the segments above, first minus second:  1  -1  -1  2  0
    # mean       = (1 - 1 - 1 + 2 + 0) / 5                    = 0.2
    # squares    = 0.8² + 1.2² + 1.2² + 1.8² + 0.2²
    #            = 0.64 + 1.44 + 1.44 + 3.24 + 0.04           = 6.8
    # deviation  = sqrt(6.8 / 4) = sqrt(1.7)                  = 1.304
    # Z          = 0.2 / (1.30384 / sqrt(5)) = 0.2 / 0.58310  = 0.343
    # p          = 2 (1 - Phi(0.343)) = 2 (1 - 0.63420)       = 0.732
    firsts = [align(said, first, View.STRICT) for said, first, _, _ in CLIPS]
    seconds = [align(said, second, View.STRICT) for said, _, second, _ in CLIPS]
    found = mapsswe(segments_of(firsts, seconds))
    assert found.segments == 5
    assert found.mean == pytest.approx(0.2, abs=5e-4)
    assert found.deviation == pytest.approx(1.304, abs=5e-4)
    assert found.z == pytest.approx(0.343, abs=5e-4)
    assert found.p == pytest.approx(0.732, abs=5e-4)
    assert not found.differ
    assert "5 segments" in found.doubt


@pytest.mark.parametrize(("said", "first", "second", "expected"), CLIPS)
def test_segments_of_the_example(
    said: str, first: str, second: str, expected: list[tuple[int, int]]
) -> None:
    assert cut(said, first, second) == expected


@pytest.mark.parametrize(
    ("said", "first", "second", "expected"),
    [
        pytest.param("a b c d e", "x b y d e", "a b c d e", [(2, 0)], id="one right does not end"),
        pytest.param("a b c d e", "x b c y e", "a b c d e", [(1, 0), (1, 0)], id="two right do"),
        pytest.param("a b c d", "x b z c d", "a b c d", [(2, 0)], id="nor two with one between"),
        pytest.param(
            "a b c d e f g", "x b y d z f g", "a b c d e f g", [(3, 0)], id="nor two apart"
        ),
        pytest.param(
            "a b c d e", "x b z c z d e", "a b c d e", [(3, 0)], id="nor two parted by words"
        ),
        pytest.param("a b", "a b z", "a b", [(1, 0)], id="after the last word, of the first"),
        pytest.param("a b", "a b", "a b z", [(0, 1)], id="after the last word, of the second"),
        pytest.param("", "z", "", [(1, 0)], id="in silence"),
        pytest.param("a b c", "", "a b c", [(3, 0)], id="nothing heard"),
    ],
)
def test_where_segments_end(
    said: str, first: str, second: str, expected: list[tuple[int, int]]
) -> None:
    assert cut(said, first, second) == expected


def test_alternatives_resolved_otherwise_are_one_place() -> None:
    right = [Pair("equal", word, word) for word in ("what", "are", "you", "doing")]
    other = [Pair("equal", word, word) for word in ("what're", "you", "doing")]
    wrong = [Pair("substitute", "what're", "watt"), *other[1:]]
    assert segments_of([right], [other]) == []
    assert segments_of([right], [wrong]) == [(0, 1)]


def test_swapping_the_systems_turns_the_sign() -> None:
    one = mapsswe([Segment(2, 0), Segment(0, 1), Segment(3, 0)])
    two = mapsswe([Segment(0, 2), Segment(1, 0), Segment(0, 3)])
    assert one.z == -(two.z or math.nan)
    assert one.p == two.p


def test_many_segments_that_favour_one_show_a_difference() -> None:
    found = mapsswe([Segment(1, 0)] * 40 + [Segment(0, 1)] * 20)
    assert found.differ  # Z = (1/3) / (0.9507 / sqrt(60)) = 2.716
    assert found.z == pytest.approx(2.716, abs=5e-4)
    assert found.doubt == ""


@pytest.mark.parametrize(
    ("segments", "z"),
    [
        pytest.param([], 0.0, id="no error at all"),
        pytest.param([Segment(1, 1)] * 3, 0.0, id="alike"),
        pytest.param([Segment(1, 0)], None, id="one segment does not spread"),
        pytest.param([Segment(1, 0)] * 9, None, id="nor do equal ones"),
    ],
)
def test_without_spread_nothing_is_shown(segments: list[Segment], z: float | None) -> None:
    found = mapsswe(segments)
    assert found.z == z
    assert not found.differ
    assert found.doubt


def test_two_runs_are_compared_where_both_heard_the_same_text() -> None:
    first = [_heard("a", "x b c"), _heard("b", "a b c"), _heard("c", "x")]
    second = [_heard("b", "a b y"), _heard("a", "a b c"), _heard("d", "x")]
    found = of_transcripts(first, second)
    assert found.segments == 2
    assert found.mean == 0.0
    assert of_transcripts(first, []).segments == 0


def _heard(clip: str, hypothesis: str) -> Transcript:
    return Transcript(
        set="s",
        clip=clip,
        condition="",
        speaker="",
        seconds=1.0,
        reference="a b c",
        hypothesis=hypothesis,
        greedy="",
        elapsed=0.1,
    )
