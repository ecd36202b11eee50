"""One pass over a file: digests, tensors, holes."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from blake3 import blake3

from harness.errors import BundleError
from harness.integrity.scan import BLOCK, Region, apart, blocks_of, fast_digest, scan_file

NUMBERS = 600_000  # float32: 2.4 MB, so three blocks


def nothing() -> None:
    """No progress is shown."""


def region(start: int, elements: int, dtype: str = "float32") -> Region:
    stop = start + elements * np.dtype(dtype).itemsize
    return Region(start=start, stop=stop, dtype=dtype, elements=elements)


@pytest.fixture
def numbers() -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    return np.random.default_rng(0).standard_normal(NUMBERS, np.float32)


def test_one_pass_gives_what_each_digest_gives_alone(tmp_path: Path) -> None:
    content = os.urandom(3 * BLOCK + 17)
    (path := tmp_path / "data").write_bytes(content)
    seen = scan_file(path, digests=("sha256", "blake3"), step=nothing)
    assert seen.digests == {
        "sha256": hashlib.sha256(content).hexdigest(),
        "blake3": blake3(content).hexdigest(),
    }
    assert fast_digest(path, step=nothing) == seen.digests["blake3"]


@pytest.mark.parametrize("start", [0, 4, 3], ids=["aligned", "off by one element", "misaligned"])
def test_a_tensor_across_blocks_is_seen_whole(
    tmp_path: Path, numbers: np.ndarray[tuple[int], np.dtype[np.float32]], start: int
) -> None:
    numbers[123] = np.nan
    numbers[-1] = 1e6
    (path := tmp_path / "data").write_bytes(b"\xff" * start + numbers.tobytes() + b"\xff")
    place = region(start, NUMBERS)
    seen = scan_file(path, [place], step=nothing).regions[place]
    assert seen.blake3 == blake3(numbers.tobytes()).hexdigest()
    assert seen.facts is not None
    assert (seen.facts.elements, seen.facts.nan, seen.facts.highest) == (NUMBERS, 1, 1e6)


def test_tensors_side_by_side_do_not_mix(tmp_path: Path) -> None:
    parts: list[Any] = [np.full(7, 1, np.float32), np.full(5, -2, np.int8), np.full(9, 3, np.int64)]
    (path := tmp_path / "data").write_bytes(b"".join(part.tobytes() for part in parts))
    places = [region(0, 7), region(28, 5, "int8"), region(33, 9, "int64")]
    seen = scan_file(path, places, step=nothing).regions
    facts = [seen[place].facts for place in places]
    assert [(f.elements, f.lowest, f.constant) for f in facts if f] == [
        (7, 1.0, True),
        (5, -2, True),
        (9, 3, True),
    ]


def test_a_hole_is_charged_to_the_tensor_that_has_it(tmp_path: Path) -> None:
    path = tmp_path / "data"
    with path.open("wb") as file:
        file.write(b"\1" * 65_536)
        file.seek(4 * 65_536)
        file.write(b"\1" * 65_536)
    if path.stat().st_blocks * 512 >= path.stat().st_size:
        pytest.skip("this file system has no sparse files")
    first, second = region(0, 16_384), region(65_536, 4 * 16_384)
    seen = scan_file(path, [first, second], step=nothing).regions
    assert (seen[first].hole, seen[second].hole) == (0, 3 * 65_536)


@pytest.mark.parametrize(
    ("regions", "kept"),
    [
        pytest.param([(0, 4), (4, 8)], [(0, 4), (4, 8)], id="side by side"),
        pytest.param([(4, 8), (0, 4)], [(0, 4), (4, 8)], id="in any order"),
        pytest.param([(0, 4), (0, 4)], [(0, 4)], id="the same bytes twice are read once"),
        pytest.param([(0, 6), (4, 8)], [(0, 6)], id="an overlap is nobody's"),
        pytest.param([(0, 4), (4, 11)], [(0, 4)], id="beyond the file"),
    ],
)
def test_regions_are_kept_apart(
    regions: list[tuple[int, int]], kept: list[tuple[int, int]]
) -> None:
    given = [Region(start=a, stop=b, dtype="int8", elements=b - a) for a, b in regions]
    assert [(r.start, r.stop) for r in apart(given, 10)] == kept


def test_progress_has_as_many_steps_as_it_said(tmp_path: Path) -> None:
    (path := tmp_path / "data").write_bytes(bytes(2 * BLOCK + 1))
    steps: list[int] = []
    scan_file(path, step=lambda: steps.append(1))
    assert len(steps) == blocks_of(path) == 3
    fast_digest(path, step=lambda: steps.append(1))
    assert len(steps) == 6


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path) -> None:
    (path := tmp_path / "data").write_bytes(bytes(BLOCK))

    def grow() -> None:
        with path.open("ab") as file:
            file.write(b"x")

    with pytest.raises(BundleError, match="data: the file changed while it was read"):
        scan_file(path, digests=("sha256",), step=grow)


def test_a_file_that_cannot_be_read_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"data: cannot be read: .*Check its permissions"):
        fast_digest(tmp_path / "data", step=nothing)


def test_an_empty_file_has_the_digest_of_nothing(tmp_path: Path) -> None:
    (path := tmp_path / "data").write_bytes(b"")
    place = Region(start=0, stop=0, dtype="float32", elements=0)
    seen = scan_file(path, [place], digests=("sha256",), step=nothing)
    assert seen.digests["sha256"] == hashlib.sha256().hexdigest()
    assert seen.regions[place].facts is None
