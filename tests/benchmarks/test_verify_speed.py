"""The ratios to openssl, and that a command which fails is never timed."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from benchmarks.verify_speed import FAST, MEMORY, OPENSSL, WHOLE, judged, measured
from harness.errors import BundleError

Taken = dict[str, list[tuple[float, int]]]


def taken(whole: float = 1.0, fast: float = 0.3, memory: int = 90_000_000) -> Taken:
    return {
        OPENSSL: [(2.0, 6_000_000), (4.0, 6_000_000), (3.0, 6_000_000)],
        WHOLE: [(2.0 * whole, memory), (4.0 * whole, memory), (9.0, memory)],
        FAST: [(2.0 * fast, memory), (4.0 * fast, memory), (3.0 * fast, memory)],
    }


@pytest.mark.parametrize(
    ("changed", "kept"),
    [
        pytest.param({}, True, id="as it should be; one slow round is not the median"),
        pytest.param({"whole": 1.2}, False, id="the whole check takes 1.2 times as long"),
        pytest.param({"fast": 0.4}, False, id="the fast one 0.4 times"),
        pytest.param({"memory": MEMORY + 1}, False, id="too much memory"),
    ],
)
def test_the_median_ratio_and_the_memory_are_held_to_their_limits(
    changed: dict[str, Any], kept: bool
) -> None:
    rows, holds = judged(taken(**changed), judges=True)
    assert holds is kept
    assert [cells[-1] for cells, _ in rows].count("FAIL") == (
        0 if kept else 1 + ("memory" in changed)
    )


def test_a_small_file_is_not_judged() -> None:
    rows, holds = judged(taken(whole=5, fast=5), judges=False)
    assert holds
    assert all(cells[-1] == "" for cells, _ in rows)


def test_a_command_is_timed_and_weighed_as_a_whole() -> None:
    seconds, peak = measured(
        [sys.executable, "-c", "import time; time.sleep(0.2); b'x' * 50_000_000"]
    )
    assert seconds > 0.2
    _, more = measured([sys.executable, "-c", "x = b'x' * 50_000_000"])
    assert more > 50_000_000
    assert peak > 5_000_000


@pytest.mark.parametrize("command", [["no-such-command-here"], [sys.executable, "-c", "1 / 0"]])
def test_a_command_that_fails_is_never_timed(command: list[str]) -> None:
    with pytest.raises(BundleError, match="says nothing: "):
        measured(command)
