"""The bytes that are measured are the bytes that were hashed."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.integrity import watch
from harness.integrity.watch import look, still_the_same
from tests.integrity import bundles


def swapped(folder: Path) -> None:
    """Put an equal file in the place of the data file."""
    data, other = folder / "core.onnx.data", folder / "other"
    other.write_bytes(data.read_bytes())
    other.replace(data)


def written_in_place(folder: Path) -> None:
    """Change one byte of the data file and give it the old time."""
    data = folder / "core.onnx.data"
    state = data.stat()
    with data.open("r+b") as file:
        file.write(b"\x55")
    os.utime(data, ns=(state.st_atime_ns, state.st_mtime_ns))


@pytest.mark.parametrize("small", [100_000_000, 0], ids=["every byte", "sampled"])
@pytest.mark.parametrize(
    "change",
    [written_in_place, bundles.truncated, bundles.trailing, bundles.no_data, bundles.no_decoder],
)
def test_a_bundle_that_changes_is_seen(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    small: int,
    change: Callable[[Path], None],
) -> None:
    monkeypatch.setattr(watch, "SMALL", small)
    model = bundles.build(tmp_path)
    before = look(model, "seed")
    assert still_the_same(model, before).holds
    change(tmp_path)
    seen = still_the_same(model, before)
    assert not seen.holds
    assert "decoder.onnx" in seen.detail or "core.onnx.data" in seen.detail


def test_a_file_that_took_another_s_place_is_seen_where_blocks_are_drawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "SMALL", 0)
    model = bundles.build(tmp_path)
    before = look(model, "seed")
    swapped(tmp_path)
    assert (
        still_the_same(model, before).detail == "Changed meanwhile: core.onnx.data. Measure again."
    )


def test_a_model_that_is_gone_is_told(tmp_path: Path) -> None:
    model = bundles.build(tmp_path)
    before = look(model, "seed")
    model.unlink()
    seen = still_the_same(model, before)
    assert (seen.holds, "no such model file" in seen.detail) == (False, True)
