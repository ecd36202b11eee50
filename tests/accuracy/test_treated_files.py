"""Treated clips on disk, and clips that cannot be treated."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from harness.accuracy.conditions import audio
from harness.accuracy.conditions.cache import Cache
from harness.accuracy.conditions.level import Floats
from harness.errors import ReferenceSetError, StoreError
from tests.treated_clips import RATE, Treat, make_clip, tone, treating


@pytest.fixture
def treat(tmp_path: Path) -> Treat:
    return treating(tmp_path)


def test_what_was_made_is_not_made_again_and_the_oldest_goes_first(tmp_path: Path) -> None:
    calls = []

    def make() -> bytes:
        calls.append(1)
        return b"x" * 100

    cache = Cache(folder=tmp_path / "cache", most=250)
    for key in ("aa1", "bb2", "cc3", "aa1"):
        assert cache.keep(key, make).read_bytes() == b"x" * 100
    assert len(calls) == 3
    cache.trim()
    assert {file.stem for file in cache.folder.glob("*/*")} == {"aa1", "cc3"}  # aa1 was used again


def test_a_clip_that_fails_leaves_nothing_and_a_folder_that_is_a_file_is_told(
    tmp_path: Path,
) -> None:
    def fail() -> bytes:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Cache(folder=tmp_path / "cache", most=1).keep("aa", fail)
    assert not list(tmp_path.glob("cache/*/*"))
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be written"):
        Cache(folder=tmp_path / "file", most=1).keep("aa", lambda: b"x")


@pytest.mark.parametrize(
    ("samples", "rate", "told"),
    [
        (np.zeros(0), RATE, "got 0 seconds"),
        (np.array([0.1, np.nan]), RATE, "no finite numbers"),
        (np.array([0.1, np.inf]), RATE, "no finite numbers"),
        (np.zeros(9), 1, "got 1 Hz"),
    ],
)
def test_a_clip_that_cannot_be_treated_is_named(
    samples: Floats, rate: int, told: str, tmp_path: Path, treat: Treat
) -> None:
    with pytest.raises(ReferenceSetError, match=rf"c0\.wav: clip 'c0' .*{told}"):
        treat(make_clip(tmp_path, samples, rate=rate), "white 10")


def test_a_clip_of_hours_is_not_read_and_one_that_is_no_audio_is_named(
    tmp_path: Path, treat: Treat, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = make_clip(tmp_path, tone(440))
    with monkeypatch.context() as patch:
        patch.setattr(audio, "LONGEST", 0.5)
        with pytest.raises(ReferenceSetError, match="got 1 seconds"):
            treat(clip, "gain 6")
    Path(clip.audio).write_text("no audio")
    with pytest.raises(ReferenceSetError, match="cannot be read"):
        treat(clip, "gain 6")
    with pytest.raises(ReferenceSetError, match="cannot be read"):
        treat(replace(clip, audio=str(tmp_path / "absent.wav")), "gain 6")


def test_channels_are_mixed_and_any_rate_from_8_khz_is_kept(tmp_path: Path, treat: Treat) -> None:
    left = 0.5 * tone(440, rate=192_000)
    clip = make_clip(tmp_path, np.stack([left, 0 * left] * 16, axis=1), rate=192_000)
    heard = treat(clip, "gain 0")
    assert np.allclose(heard, left / 2, atol=1e-6)
    assert len(treat(clip, "telephone")) == len(left)
