"""The files of the voice that the project ships."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from harness.integrity.rules import check_bundle
from harness.integrity.verify import verify_bundle

VOICE = Path(__file__).parents[2] / "models" / "onnx" / "voice"
MODEL = "acoustic.onnx"


def test_the_voice_is_whole_and_sealed() -> None:
    findings = (*check_bundle(VOICE / MODEL), *verify_bundle(VOICE / MODEL).findings)
    assert [f"{f.rule}: {f.detail}" for f in findings if not f.holds] == []


def test_the_voice_stays_below_twelve_megabytes() -> None:
    assert sum(path.stat().st_size for path in VOICE.iterdir()) < 12_000_000


@pytest.mark.parametrize("file", ["acoustic.onnx", "acoustic.onnx.data"])
def test_a_bit_that_turned_is_found(tmp_path: Path, file: str) -> None:
    shutil.copytree(VOICE, tmp_path / "voice")
    damaged = tmp_path / "voice" / file
    data = bytearray(damaged.read_bytes())
    data[len(data) // 2] ^= 1
    damaged.write_bytes(data)
    findings = verify_bundle(tmp_path / "voice" / MODEL).findings
    assert any(not found.holds and file in found.detail for found in findings)
