"""The page cache: what is cold is shown to be cold, or said not to be."""

from __future__ import annotations

from pathlib import Path

from harness.measure.pages import Residency, drop, fill, residency


def test_pages_just_written_are_resident_until_they_are_dropped(tmp_path: Path) -> None:
    file = tmp_path / "weights.data"
    file.write_bytes(bytes(1_000_000))
    written = residency([file])
    assert (written.files, written.pages, written.resident) == (1, 245, 245)
    dropped = drop([file])
    assert dropped.cold or dropped.resident == 245  # a file system in memory keeps them
    fill([file, tmp_path / "absent"])
    assert residency([file]).resident == 245


def test_absent_and_empty_files_have_no_pages(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    seen = drop([tmp_path / "empty", tmp_path / "absent"])
    assert (seen.files, seen.pages, seen.resident) == (0, 0, 0)


def test_what_the_kernel_does_not_tell_is_not_cold() -> None:
    unknown = Residency(files=1, pages=10, resident=None)
    assert not unknown.cold
    assert str(unknown).startswith("not verified")
    assert Residency(files=1, pages=1000, resident=10).cold
    assert not Residency(files=1, pages=1000, resident=11).cold
