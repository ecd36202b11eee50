"""Parts of a set: by speaker, of the stated shares, the same for the same seed."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.accuracy.set_split import read_shares, split
from harness.accuracy.set_stats import stats_of
from harness.errors import ReferenceSetError
from harness.records import Clip

SHARES = {"dev": 0.2, "test": 0.8}


def clip(number: int, speaker: str = "", seconds: float = 2.0, text: str = "Pon la radio") -> Clip:
    return Clip(
        id=f"c{number}",
        audio="/gone.wav",
        text=text,
        language="es",
        speaker=speaker,
        condition="quiet" if number % 3 else "",
        seconds=seconds,
        sha256="0" * 64,
    )


def seconds_of(clips: Sequence[Clip]) -> float:
    return sum(c.seconds for c in clips)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.floats(0.1, 20)), min_size=2), st.integers(0, 99))
def test_every_clip_is_in_one_part_and_every_speaker_too(
    found: list[tuple[int, float]], seed: int
) -> None:
    clips = [clip(n, f"s{who}" if who else "", long) for n, (who, long) in enumerate(found)]
    if len({c.speaker or c.id for c in clips}) < 2:
        return
    parts = split(clips, SHARES, seed)
    assert sorted(c.id for part in parts.values() for c in part) == sorted(c.id for c in clips)
    assert all(parts.values())
    speakers = [{c.speaker for c in part if c.speaker} for part in parts.values()]
    assert not speakers[0] & speakers[1]


def test_the_shares_are_kept_where_speakers_are_many() -> None:
    order = random.Random(0)
    clips = [clip(n, f"s{n % 50}", order.uniform(1, 9)) for n in range(1_000)]
    parts = split(clips, {"dev": 0.1, "test": 0.2, "train": 0.7}, seed=1)
    whole = seconds_of(clips)
    assert [seconds_of(part) / whole for part in parts.values()] == pytest.approx(
        [0.1, 0.2, 0.7], abs=0.01
    )


def test_the_seed_decides_and_the_order_of_the_lines_does_not() -> None:
    clips = [clip(n, f"s{n % 20}") for n in range(100)]
    names = [c.id for c in split(clips, SHARES, seed=1)["dev"]]
    again = split(list(reversed(clips)), SHARES, seed=1)["dev"]
    assert sorted(c.id for c in again) == sorted(names)
    assert [c.id for c in split(clips, SHARES, seed=2)["dev"]] != names


@pytest.mark.parametrize("shares", [{"a": 0.5, "b": 0.6}, {"a": 1.0, "b": 0.0}, {"a": 2, "b": -1}])
def test_shares_that_are_none_are_refused(shares: dict[str, float]) -> None:
    with pytest.raises(ReferenceSetError, match="not above 0 and together 1"):
        split([clip(0), clip(1)], shares, seed=0)


def test_one_speaker_cannot_be_parted() -> None:
    with pytest.raises(ReferenceSetError, match="1 speakers cannot be parted into 2"):
        split([clip(0, "a"), clip(1, "a")], SHARES, seed=0)


@pytest.mark.parametrize("texts", [["dev"], ["=1"], ["a=b"], ["a/b=1"], ["..=1"], ["a=1", "a=0"]])
def test_a_share_that_cannot_be_read_is_refused(texts: list[str]) -> None:
    with pytest.raises(ReferenceSetError, match="expected a new name and a share"):
        read_shares(texts)


def test_a_set_is_counted() -> None:
    clips = [clip(0, "a", 1.0), clip(1, "b", 3.0, "pon LA luz"), clip(2, "", 12.0, "")]
    stats = stats_of(clips)
    assert (stats.clips, stats.seconds, stats.speakers, stats.nameless) == (3, 16.0, 2, 1)
    assert (stats.words, stats.vocabulary, stats.silent) == (6, 4, 1)
    lengths = stats.lengths
    assert (lengths.shortest, lengths.median, lengths.longest) == (1.0, 3.0, 12.0)
    assert lengths.beyond_window == 1
    assert [(g.name, g.clips, g.seconds) for g in stats.conditions] == [
        ("quiet", 2, 15.0),
        ("", 1, 1.0),
    ]
    assert [g.name for g in stats.formats] == ["not read by soundfile"]
